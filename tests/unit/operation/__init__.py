"""Tests of `neuroplay.operation`."""
