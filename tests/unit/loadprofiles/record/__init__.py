"""Tests of `loadprofiles.record`."""
