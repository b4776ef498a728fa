"""The PostgreSQL and the Redis that `neuroplay serve` brings along.
Imports supervision; operation imports it."""
