"""The cards and the report of a class, and the pages on which they are printed.
Imports no other part of cli; commands and `cli.serving` import it."""
