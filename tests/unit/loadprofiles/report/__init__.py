"""Tests of `loadprofiles.report`."""
