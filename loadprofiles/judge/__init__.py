"""A run as the judging process sees it, its verdict, and the change between two runs.
Imports play, record, reach and profiles; the locustfile and cli import it."""
