"""Load tests and benchmarks with real servers."""
