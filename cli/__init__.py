"""The command `neuroplay`: options, output and exit codes.
Imports bootstrap and operation, or calls the API over HTTP; nothing imports it."""
