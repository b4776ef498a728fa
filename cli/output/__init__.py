"""What commands print and ask: text, tables, JSON, errors and exit codes.
Imports no other part of cli; all of cli may import it."""
