"""Tests of `cli.paper`."""
