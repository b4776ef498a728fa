"""Tests of `neuroplay.infra`."""
