"""What is noted during a run: times, acknowledged sessions, looks at /metrics.
Imports no other part of loadprofiles; play and judge import it."""
