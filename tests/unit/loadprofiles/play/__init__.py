"""Tests of `loadprofiles.play`."""
