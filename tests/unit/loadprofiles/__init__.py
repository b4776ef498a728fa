"""Tests of `loadprofiles`."""
