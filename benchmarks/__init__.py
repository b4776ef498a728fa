"""Benchmarks: they print figures and assert nothing. `python -m benchmarks --help` lists them.
Nothing imports this package except its tests."""
