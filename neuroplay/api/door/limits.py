"""Limits on what clients may use of a process."""

from __future__ import annotations

import time
from dataclasses import dataclass

VITAL = (b"/health", b"/metrics", b"/ops/figures")
"""Requests to these paths are answered by threads of their own, and are not refused for the waiting
time: they say what is wrong while everything else has to wait."""

VITAL_THREADS = 2
MOST_VITAL = 64
"""Requests to VITAL that wait for a thread."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Limits:
    """Times in seconds, sizes in bytes.

    A connection is *held* by its client while none of its requests is being answered: it is silent,
    unfinished, idle between two requests, or reads its response slowly.
    """

    connections: int = 8192
    """Connections of a process. Above it, those that lose least are closed, silent ones first."""

    held_per_address: int = 4096
    """Connections held by one address (IPv6: by one /64). Above it, some of these are closed in the
    same order."""

    bodies: int = 512
    """Bodies that have begun to arrive and are incomplete."""

    body_bytes: int = 64 << 20
    """All such bodies together."""

    answer_bytes: int = 64 << 20
    """All responses together that their clients have not read completely."""

    largest_body: int = 1 << 20
    largest_head: int = 32 << 10
    most_headers: int = 100

    pipelined: int = 64
    """Requests that a client may send without waiting for a response. The connection ends after the
    last of them; the client must send any further ones again."""

    waiting: int = 4096
    """Complete requests that wait for a thread. Those to VITAL have a queue of their own."""

    waiting_bytes: int = 128 << 20
    """The bodies of all of these together."""

    burst_s: float = 0.5
    """How long such a request may wait, the average time of an answer included. As some take
    longer than others, it is answered within a second then."""

    standing_s: float = 0.25
    standing_after_s: float = 1.0
    """The same, once requests have been waiting without a pause for `standing_after_s`."""

    head_s: float = 10.0
    """From the start of the connection, including a TLS handshake, or from the first byte of a
    later request, to the end of the head."""

    body_s: float = 10.0
    """From the end of the head to the end of the body."""

    idle_s: float = 30.0
    """Between two requests."""

    send_s: float = 10.0
    send_rate: int = 4 << 10
    """A response must be read within `send_s` plus one second for each `send_rate` bytes."""

    linger_s: float = 2.0
    """How long input is discarded after the last response: closing the connection with unread input
    would reset it, and the client might lose the response."""

    def read_by(self, size: int) -> float:
        """When a response of so many bytes must have been read (time.monotonic())."""
        return time.monotonic() + self.send_s + size / self.send_rate
