"""Tests that play in WebKitGTK; run by `make test-webkit` only."""
