"""Runs NeuroPlay on this machine: start, logs, backups, diagnosis.
Imports bootstrap and infra, never api or worker; cli imports it."""
