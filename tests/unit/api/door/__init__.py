"""Tests of `neuroplay.api.door`."""
