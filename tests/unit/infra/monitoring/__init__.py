"""Tests of `neuroplay.infra.monitoring`."""
