"""The command `neuroplay`: options, output and exit codes.
Imports bootstrap, operation, or asks the API over HTTP; nothing imports it."""
