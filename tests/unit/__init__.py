"""Tests that open no socket. Folders mirror the source."""
