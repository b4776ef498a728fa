"""Tests of single parts with real PostgreSQL, Valkey, Celery and sockets."""
