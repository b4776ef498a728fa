"""What the use cases ask of the world beside the store."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Protocol, TypeVar
from uuid import UUID

from neuroplay.core.entities.verification import RoundResult, TracedRound

In = TypeVar("In")
Out = TypeVar("Out")
Value = TypeVar("Value")

Clock = Callable[[], datetime]
"""The present, aware UTC."""


def present() -> datetime:
    """This machine's clock."""
    return datetime.now(UTC)


NewId = Callable[[], UUID]


Unforeseen = Callable[[Exception, Sequence[UUID | None]], None]
"""Hears of an error that nobody foresaw, with the sessions that were being processed."""


def say_nothing(error: Exception, sessions: Sequence[UUID | None]) -> None:
    """An `Unforeseen` for who is told in another way."""


class HashPayload(Protocol):
    """SHA-256 over the canonical JSON (RFC 8785) of a record that is valid JSON; numbers for which
    it has no room count as text (rules.storable.exact_numbers)."""

    def __call__(self, payload: Mapping[str, object], text: str | None = None, /) -> bytes:
        """`text` is the record as rules.storable.sorted_json, where that is known."""


class WakeUp(Protocol):
    """Tells the workers that the inbox has something. Never blocks, never raises."""

    def __call__(self) -> None: ...


Many = Callable[[Sequence[In]], Sequence[Out]]
"""Does what several callers ask for at once; an answer each, in order."""


class Gather(Protocol):
    """Makes a call for one out of a call for many, which those share who call at the same time.

    Where a call for several fails, each caller's is made again alone, so that a fault is its own:
    a call for several must do all or nothing, or be harmless when it is repeated.
    """

    def __call__(self, many: Many[In, Out]) -> Callable[[In], Out]: ...


def each_alone(many: Many[In, Out]) -> Callable[[In], Out]:
    """A Gather that lets nobody share."""

    def alone(one: In) -> Out:
        (answer,) = many([one])
        return answer

    return alone


class RateLimiter(Protocol):
    """Counts failed attempts. It never stops one that would succeed: it says how a failed one is
    to be answered."""

    def failed(self, *keys: str) -> float:
        """An attempt of `keys` has failed. Seconds that one of them, or everybody, was to wait
        before it; 0.0 where it was free to try."""

    def succeeded(self, *keys: str) -> None:
        """Forget the failures of `keys`."""


class Cache(Protocol[Value]):
    """Short-lived values. It may forget one before its time, and never gives one after it."""

    def get(self, key: bytes) -> Value | None: ...
    def put(self, key: bytes, value: Value, ttl_s: float) -> None: ...


class ReplayVerifier(Protocol):
    """Plays rounds again with the games' own rules. Whatever the trace, it costs a bounded time
    and memory. For one thread."""

    def play_again(self, played: TracedRound) -> RoundResult:
        """Raises CannotPlayAgain."""

    def close(self) -> None:
        """Give back what it holds; it may be used again."""


class Secrets(Protocol):
    """Everything derived from the server's secret (HMAC-SHA-256, a domain word each)."""

    def card_code(self, student_id: int, card_version: int) -> str:
        """10 Crockford base32 characters (50 bits)."""

    def new_token(self) -> str:
        """An opaque random token, 256 bits, URL-safe."""

    def token_hash(self, token: str) -> bytes: ...
    def export_key(self, token_id: UUID) -> str: ...
