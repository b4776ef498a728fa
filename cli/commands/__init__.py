"""One module for each group of commands, imported when the command is run.
Imports the rest of cli; only `cli.main` imports it, by name."""
