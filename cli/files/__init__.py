"""Files that people give to commands or get from them.
Imports `cli.output`; commands and `cli.loading` import it."""
