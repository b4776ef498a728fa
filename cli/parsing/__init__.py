"""Parsing of the command line: groups, options, references, times, completion, suggestions.
Imports `cli.output` and `cli.server`; commands, `cli.loading` and `cli.main` import it."""
