"""What NeuroPlay does, without a server, a database or a clock of its own.
Imports the standard library only; everything may import it."""
