"""Tests of `neuroplay.api.contract`."""
