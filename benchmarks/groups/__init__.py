"""The benchmark groups: one module each, with `measure(options)`.
Imports the harness; only `benchmarks.__main__` imports it, by name."""
