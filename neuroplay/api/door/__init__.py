"""The door of the API: connections in, whole requests out to the threads that answer.

One thread (`front`) holds every connection of a process and reads whatever arrives, without ever
waiting for one of them. A request goes to an answering thread when its last byte is there. Who is
slow, silent or wrong holds a connection for a bounded time, and nothing else.
"""
