"""The HTTP API: the Flask application, its server, and the app's files that it serves.
Imports core, bootstrap and monitoring. Nothing imports it; the supervisor starts it by name."""
