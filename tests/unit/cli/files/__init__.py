"""Tests of `cli.files`."""
