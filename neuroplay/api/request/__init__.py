"""What is done around every request: who calls, errors, log lines, metrics, headers.
Imports core and monitoring, no other part of the api; all of the api may import it."""
