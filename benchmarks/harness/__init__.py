"""The benchmarks' tools: systems, load, figures, comparison with another commit.
Imports no group; groups and `benchmarks.__main__` import it."""
