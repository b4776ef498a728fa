"""Builds the container image: `make image`."""
