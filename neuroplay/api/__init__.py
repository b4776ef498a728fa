"""The HTTP API: an application, the server that runs it, and the page that it serves.
Imports core, bootstrap and monitoring. Nothing imports it; the supervisor starts it by name."""
