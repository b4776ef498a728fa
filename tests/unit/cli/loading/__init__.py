"""Tests of `cli.loading`."""
