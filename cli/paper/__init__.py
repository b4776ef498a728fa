"""The cards of a class, and the page on which they are printed.
Imports no other part of cli; commands and `cli.serving` import it."""
