"""Tests of `neuroplay.api.page`."""
