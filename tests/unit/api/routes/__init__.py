"""Tests of `neuroplay.api.routes`."""
