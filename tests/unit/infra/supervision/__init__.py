"""Tests of `neuroplay.infra.supervision`."""
