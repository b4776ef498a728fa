"""System calls on non-blocking sockets that keep Python's lock.

The standard library releases the lock around each call. If other threads wait for it, one of them
takes it, and the caller waits until it is its turn again: two changes of thread, which take longer
than a call that never blocks.
"""

from __future__ import annotations

import ctypes
import os
import platform
import socket

LARGEST = 1 << 16
"""Bytes. To send more takes long enough to let another thread go on."""

_CTL_MOD = 3
"""EPOLL_CTL_MOD of epoll_ctl(2)."""


class _Event(ctypes.Structure):
    """`struct epoll_event`, which is packed on x86-64 alone."""

    if platform.machine() == "x86_64":
        _pack_ = 1
        _layout_ = "ms"  # from Python 3.14 on to be named where fields are packed
    _fields_ = (("events", ctypes.c_uint32), ("data", ctypes.c_uint64))


_libc = ctypes.PyDLL(None, use_errno=True)
_libc.send.argtypes = (ctypes.c_int, ctypes.c_char_p, ctypes.c_size_t, ctypes.c_int)
_libc.send.restype = ctypes.c_ssize_t
_libc.recv.argtypes = (ctypes.c_int, ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int)
_libc.recv.restype = ctypes.c_ssize_t
_libc.epoll_ctl.argtypes = (ctypes.c_int, ctypes.c_int, ctypes.c_int, ctypes.POINTER(_Event))
_libc.epoll_ctl.restype = ctypes.c_int
_send, _recv, _control = _libc.send, _libc.recv, _libc.epoll_ctl


def send(to: socket.socket, out: memoryview) -> int:
    """As `to.send(out)`. Raises OSError."""
    whole = out.obj
    # What has been sent in part is no longer whole bytes, which ctypes needs.
    if type(whole) is not bytes or len(whole) != len(out) or len(whole) > LARGEST:
        return to.send(out)
    flags = socket.MSG_DONTWAIT | socket.MSG_NOSIGNAL
    return _checked(_send(to.fileno(), whole, len(whole), flags))


class Receiver:
    """Receives up to `most` bytes at a time, into one buffer: for a single thread."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._buffer = ctypes.create_string_buffer(most)
        self._received = memoryview(self._buffer)

    def receive(self, sender: socket.socket) -> bytes:
        """As `sender.recv(most)`. Raises OSError."""
        count = _recv(sender.fileno(), self._buffer, self._most, socket.MSG_DONTWAIT)
        return self._received[: _checked(count)].tobytes()


def watch(epoll_fd: int, fd: int, events: int) -> None:
    """As `epoll.modify(fd, events)`. Raises OSError."""
    _checked(_control(epoll_fd, _CTL_MOD, fd, _Event(events, fd)))


def _checked(result: int) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return result
