"""Tests of `neuroplay.infra.db`."""
