"""What `serve` shows: its steps while it starts, and the address and cards when it is ready."""
