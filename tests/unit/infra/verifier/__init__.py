"""Tests of `neuroplay.infra.verifier`."""
