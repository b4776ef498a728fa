"""The API's HTTP/1.1 server.

One thread per process (`front`) holds all connections and reads from them without blocking. It
passes a request to an answering thread once its last byte has arrived. A client that is slow,
silent or sends errors therefore occupies a connection for a bounded time, and nothing else.
"""
