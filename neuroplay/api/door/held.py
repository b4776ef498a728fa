"""The open connections of a process, with what they hold, and which of them are closed first."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from functools import lru_cache
from ipaddress import IPv6Address, ip_address

from neuroplay.api.door.connection import Connection, Stage
from neuroplay.api.door.limits import Limits
from neuroplay.api.door.record import Record
from neuroplay.api.request.call import Network

CLOSED_AT_ONCE = 64
"""Connections closed at a limit at a time."""


class Held:
    """Only the front's thread uses it."""

    def __init__(self, limits: Limits, record: Record, trusted: Sequence[Network]) -> None:
        self._limits, self._record = limits, record
        self.counted_as = lru_cache(4096)(lambda host: counted_as(host, trusted))
        self.by_descriptor: dict[int, Connection] = {}
        self._by_address: dict[str, dict[int, Connection]] = {}
        self._bodies: dict[int, Connection] = {}
        self._unsent: dict[int, int] = {}
        self._unsent_bytes = 0

    def __len__(self) -> int:
        return len(self.by_descriptor)

    def has(self, connection: Connection) -> bool:
        """Not if it is closed; another one may have its descriptor by now."""
        return self.by_descriptor.get(connection.fd) is connection

    def listed(self) -> list[Connection]:
        """All of them, as a list of its own."""
        return list(self.by_descriptor.values())

    def add(self, connection: Connection) -> None:
        self.by_descriptor[connection.fd] = connection
        if connection.address is not None:
            own = self._by_address.setdefault(connection.address, {})
            own[connection.fd] = connection

    def too_many_of(self, address: str | None) -> list[Connection]:
        """What a client at this address holds, if that is more than it may."""
        own = self._by_address.get(address, {}) if address is not None else {}
        if len(own) <= self._limits.held_per_address:
            return []
        held = [one for one in own.values() if one.stage is not Stage.ANSWERING]
        return held if len(held) > self._limits.held_per_address else []

    # Closing

    def cut(self, connection: Connection, reason: str) -> None:
        """Close a connection for a reason, unless a thread has it."""
        if self.close_held(connection):
            self._record.cut(reason, connection.address)

    def close_held(self, connection: Connection) -> bool:
        """Close a connection unless a thread has it; returns whether it was closed."""
        if not connection.lock.acquire(blocking=False):
            return False
        try:
            if connection.stage is Stage.ANSWERING:
                return False
            self.close(connection)
            return True
        finally:
            connection.lock.release()

    def close(self, connection: Connection) -> None:
        if not self.has(connection):
            return
        del self.by_descriptor[connection.fd]
        self.end_body(connection)
        self.end_answer(connection)
        if connection.address is not None:
            own = self._by_address[connection.address]
            del own[connection.fd]
            if not own:
                del self._by_address[connection.address]
        with suppress(OSError):
            connection.socket.close()

    # What arrives and what leaves

    @property
    def unfinished_bodies(self) -> int:
        """How many requests have not yet sent all of their body."""
        return len(self._bodies)

    def begin_body(self, connection: Connection) -> None:
        self._bodies[connection.fd] = connection

    def end_body(self, connection: Connection) -> None:
        self._bodies.pop(connection.fd, None)

    def excess_body(self) -> Connection | None:
        """The oldest body, if there are too many, or if they are too large together."""
        limits, count = self._limits, len(self._bodies)
        is_too_much = count > limits.bodies or (
            count * limits.largest_body > limits.body_bytes
            and sum(one.reader.body_bytes for one in self._bodies.values()) > limits.body_bytes
        )
        return next(iter(self._bodies.values())) if is_too_much else None

    def begin_answer(self, connection: Connection) -> None:
        """A response was not sent at once. All of it stays in memory until its end is sent."""
        if connection.fd not in self._unsent:
            whole = len(connection.out.obj)  # type: ignore[arg-type]
            self._unsent[connection.fd] = whole
            self._unsent_bytes += whole

    def end_answer(self, connection: Connection) -> None:
        self._unsent_bytes -= self._unsent.pop(connection.fd, 0)

    def excess_answer(self) -> Connection | None:
        """The slowest reader, if unsent responses are too large together."""
        is_too_much = self._unsent_bytes > self._limits.answer_bytes and len(self._unsent) > 1
        return self.by_descriptor[next(iter(self._unsent))] if is_too_much else None


def least_lost(among: Iterable[Connection]) -> list[Connection]:
    """Some of these connections: those that lose least if they are closed, oldest first."""
    held = [one for one in among if one.stage is not Stage.ANSWERING]
    held.sort(key=lambda one: (one.stage, one.begun))
    return held[: min(CLOSED_AT_ONCE, 1 + len(held) // 8)]


def counted_as(host: str, trusted: Sequence[Network]) -> str | None:
    """The key by which an address is counted: itself or, for IPv6, its /64 network, all of which
    one client may have. None for a trusted proxy, which may stand for many clients."""
    try:
        address = ip_address(host)
    except ValueError:
        return None
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    if any(address in network for network in trusted):
        return None
    if isinstance(address, IPv6Address):
        return str(IPv6Address(int(address) >> 64 << 64)) + "/64"
    return str(address)
