"""Figures, printed; never asserted. `python -m benchmarks --help` lists them."""
