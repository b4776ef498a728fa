"""How commands reach NeuroPlay: the use cases, or a server over HTTP.
Imports `cli.output`; commands, `cli.loading` and `cli.parsing` import it."""
