"""Access of commands to NeuroPlay: by its use cases, or to a server over HTTP.
Imports `cli.output`; commands, `cli.loading` and `cli.parsing` import it."""
