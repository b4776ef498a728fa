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

SO_TIMESTAMPNS = 35
"""Linux's option of a socket: the kernel says with the input when it arrived (socket(7)). The
connections of a listener that has it have it, too."""

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
_libc.epoll_ctl.argtypes = (ctypes.c_int, ctypes.c_int, ctypes.c_int, ctypes.POINTER(_Event))
_libc.epoll_ctl.restype = ctypes.c_int
_send, _control = _libc.send, _libc.epoll_ctl


def send(to: socket.socket, out: memoryview) -> int:
    """As `to.send(out)`. Raises OSError."""
    whole = out.obj
    # What has been sent in part is no longer whole bytes, which ctypes needs.
    if type(whole) is not bytes or len(whole) != len(out) or len(whole) > LARGEST:
        return to.send(out)
    flags = socket.MSG_DONTWAIT | socket.MSG_NOSIGNAL
    return _checked(_send(to.fileno(), whole, len(whole), flags))


class _Vector(ctypes.Structure):
    """`struct iovec`."""

    _fields_ = (("base", ctypes.c_void_p), ("length", ctypes.c_size_t))


class _Message(ctypes.Structure):
    """`struct msghdr` of 64-bit Linux."""

    _fields_ = (
        ("name", ctypes.c_void_p),
        ("name_length", ctypes.c_uint32),
        ("vectors", ctypes.POINTER(_Vector)),
        ("vector_count", ctypes.c_size_t),
        ("notes", ctypes.c_void_p),
        ("notes_length", ctypes.c_size_t),
        ("flags", ctypes.c_int),
    )


class _Stamp(ctypes.Structure):
    """`struct cmsghdr` with a `struct timespec`."""

    _fields_ = (
        ("length", ctypes.c_size_t),
        ("level", ctypes.c_int),
        ("type", ctypes.c_int),
        ("seconds", ctypes.c_long),
        ("nanoseconds", ctypes.c_long),
    )


_libc.recvmsg.argtypes = (ctypes.c_int, ctypes.POINTER(_Message), ctypes.c_int)
_libc.recvmsg.restype = ctypes.c_ssize_t
_recvmsg = _libc.recvmsg


class Receiver:
    """Receives up to `most` bytes at a time, into one buffer: for a single thread.

    `arrived` is when the last of them arrived, in seconds of the kernel's real-time clock; None if
    the kernel does not say it, see `SO_TIMESTAMPNS`.
    """

    def __init__(self, most: int) -> None:
        self.arrived: float | None = None
        self._buffer = ctypes.create_string_buffer(most)
        self._received = memoryview(self._buffer)
        self._vector = _Vector(ctypes.addressof(self._buffer), most)
        self._stamp = _Stamp()
        self._message = _Message(
            vectors=ctypes.pointer(self._vector),
            vector_count=1,
            notes=ctypes.addressof(self._stamp),
        )

    def receive(self, sender: socket.socket) -> bytes:
        """As `sender.recv(most)`. Raises OSError."""
        message, stamp = self._message, self._stamp
        message.notes_length, stamp.type = ctypes.sizeof(stamp), 0
        count = _checked(_recvmsg(sender.fileno(), message, socket.MSG_DONTWAIT))
        is_said = (stamp.level, stamp.type) == (socket.SOL_SOCKET, SO_TIMESTAMPNS)
        self.arrived = stamp.seconds + stamp.nanoseconds * 1e-9 if is_said else None
        return self._received[:count].tobytes()


def watch(epoll_fd: int, fd: int, events: int) -> None:
    """As `epoll.modify(fd, events)`. Raises OSError."""
    _checked(_control(epoll_fd, _CTL_MOD, fd, _Event(events, fd)))


def _checked(result: int) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return result
