"""Tests of `loadprofiles.judge`."""
