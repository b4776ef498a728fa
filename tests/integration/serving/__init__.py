"""The embedded servers and the supervisor with real processes."""
