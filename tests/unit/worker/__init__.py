"""Tests of `neuroplay.worker`."""
