"""Tests of `neuroplay.core`."""
