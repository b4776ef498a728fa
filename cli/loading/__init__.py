"""What `neuroplay loadtest` does around a run: the target, its class, faults, the live view.
Imports no command; `cli.commands.loadtest` imports it."""
