"""Tests that play in Chromium and Firefox."""
