"""The API and its HTTP server over real sockets and real stores."""
