"""Redis: the client, workers' heartbeats, wake-ups, and explanations of its errors.
Imports core; bootstrap and operation import it."""
