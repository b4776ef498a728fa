"""Metrics, logs, health and error reports.
Imports core; api, worker, operation and bootstrap import it."""
