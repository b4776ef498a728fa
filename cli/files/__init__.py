"""Files that commands read and write.
Imports `cli.output`; commands and `cli.loading` import it."""
