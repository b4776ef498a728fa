"""Workers with a real Redis, and without one; verification."""
