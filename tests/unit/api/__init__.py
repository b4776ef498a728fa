"""Tests of `neuroplay.api`."""
