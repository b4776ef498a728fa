"""The judging process: a run's figures, its verdict, and the comparison of two runs.
Imports play, record, reach and profiles; the locustfile and cli import it."""
