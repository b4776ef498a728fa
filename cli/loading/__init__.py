"""What `neuroplay loadtest` adds to a run: target checks, load class, faults, live view.
Imports no command; `cli.commands.loadtest` imports it."""
