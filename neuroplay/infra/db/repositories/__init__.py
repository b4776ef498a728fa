"""The repositories on PostgreSQL. Statements are written out: each is one round trip whose plan
can be read, and many rows travel as arrays (`unnest`), which keeps the text of a statement the same
whatever their number."""
