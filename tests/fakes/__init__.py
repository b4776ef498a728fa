"""In-memory adapters for the interfaces of the core."""
