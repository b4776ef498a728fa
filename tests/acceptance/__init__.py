"""Tests of whole installations: `neuroplay serve`, load tests, backups, the wheel."""
