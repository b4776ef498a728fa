"""What a client may take of a process."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Limits:
    """Times in seconds, sizes in bytes.

    A connection is *held* by its client while no request of it is being answered: it is silent, or
    unfinished, or idle between two requests, or takes its answer slowly.
    """

    connections: int = 8192
    """Of a process. Above it those that wait for least are closed, never the newest."""

    held_per_address: int = 4096
    """Of one address (IPv6: of one /64). Above it the same holds among its own connections."""

    bodies: int = 512
    """Bodies that have begun and not ended."""

    body_bytes: int = 64 << 20
    """Of all such bodies together."""

    answer_bytes: int = 64 << 20
    """Of all answers together that their clients have not taken yet."""

    largest_body: int = 1 << 20
    largest_head: int = 32 << 10
    most_headers: int = 100

    pipelined: int = 64
    """Requests that one client may send before it has an answer. The connection ends with the last
    of them; what came behind is not read, and is the client's to send again."""

    waiting: int = 4096
    """Whole requests that wait for a thread."""

    waiting_bytes: int = 128 << 20
    """Of the bodies of all of them together."""

    head_s: float = 10.0
    """From the connection, or from the first byte of a later request, to the end of the head. A
    TLS handshake is part of it."""

    body_s: float = 10.0
    """From the end of the head to the end of the body."""

    idle_s: float = 30.0
    """Between two requests."""

    take_s: float = 10.0
    take_rate: int = 4 << 10
    """An answer is taken within `take_s`, and a second more for each `take_rate` bytes of it."""

    linger_s: float = 2.0
    """How long what a client still sends is thrown away after a last answer, so that the answer
    is not lost."""
