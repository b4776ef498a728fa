"""What is measured: one module for each group, with `measure(options)`.
Imports the harness; only `benchmarks.__main__` imports it, by name."""
