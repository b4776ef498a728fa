"""Protocols of the adapters other than the store, and simple implementations."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Literal, Protocol, TypeVar
from uuid import UUID

from neuroplay.core.entities.erasure import Erasure
from neuroplay.core.entities.passkey import MadePasskey, PublicKey, SignedChallenge
from neuroplay.core.entities.principal import Role
from neuroplay.core.entities.verification import RoundResult, TracedRound

In = TypeVar("In")
Out = TypeVar("Out")
Value = TypeVar("Value")

Clock = Callable[[], datetime]
"""The current time, aware UTC."""


def present() -> datetime:
    """This machine's clock."""
    return datetime.now(UTC)


NewId = Callable[[], UUID]


AdultSecret = Literal["attempt", "browser", "challenge", "csrf", "link", "sign-in"]


Unforeseen = Callable[[Exception, Sequence[UUID | None]], None]
"""Reports an unexpected error, with the ids of the sessions that were being processed."""


def say_nothing(error: Exception, sessions: Sequence[UUID | None]) -> None:
    """An `Unforeseen` that reports nothing."""


RecordErasures = Callable[[Sequence[Erasure]], None]
"""Keeps erasures outside of the store, so that a restored backup can be brought up to them. They
are on disk when it returns; recording one twice is harmless. Raises SettingsError."""


class HashPayload(Protocol):
    """SHA-256 over the canonical JSON (RFC 8785) of a record that is valid JSON. Numbers that
    canonical JSON cannot represent are text (rules.storable.exact_numbers)."""

    def __call__(self, payload: Mapping[str, object], text: str | None = None, /) -> bytes:
        """`text` is the record as a WriteJson writes it, if the caller has it."""


WriteJson = Callable[[object], str]
"""Writes a value from a JSON document as rules.storable.sorted_json does, except that a number may
be spelled differently. Raises ValueError, TypeError or RecursionError for what is not JSON."""


class WakeUp(Protocol):
    """Tells the workers that the inbox has new items. Never blocks, never raises."""

    def __call__(self) -> None: ...


Many = Callable[[Sequence[In]], Sequence[Out]]
"""Handles the inputs of several callers in one call; returns a result for each, in order."""


class Gather(Protocol):
    """Turns a function of many inputs into one of a single input. Concurrent callers share a call.

    If a shared call fails, it is repeated for each caller alone, so that an error reaches only the
    caller that caused it. A call must therefore do all or nothing, or be harmless when repeated.
    """

    def __call__(self, many: Many[In, Out]) -> Callable[[In], Out]: ...


def each_alone(many: Many[In, Out]) -> Callable[[In], Out]:
    """A Gather that never shares a call."""

    def alone(one: In) -> Out:
        (answer,) = many([one])
        return answer

    return alone


class RateLimiter(Protocol):
    """Counts failed attempts. It never prevents one that would succeed; its answer decides only how
    a failed one is reported."""

    def failed(self, *keys: str) -> float:
        """Count a failed attempt for each of `keys`. Returns the seconds for which one of them, or
        everybody, should still have waited; 0.0 if none."""

    def succeeded(self, *keys: str) -> None:
        """Reset the failures of `keys`."""


class AttemptLimiter(Protocol):
    """Counts failed attempts where checking one is expensive, and says beforehand who has to
    wait."""

    def waits(self, key: str, *, shared: bool) -> float:
        """The seconds for which `key` still has to wait, or with `shared` everybody; 0.0 if it need
        not."""

    def failed(self, *keys: str) -> float:
        """Count a failed attempt for each of `keys`, and one for everybody."""

    def succeeded(self, *keys: str) -> None:
        """Reset the failures of `keys`."""


class AskLimiter(Protocol):
    """Bounds what each adult asks for, by what it costs the server."""

    def ask(self, adult_id: int, cost: float) -> float:
        """Returns 0.0 if the adult may have it, else the seconds to wait; then nothing is
        counted."""


class Passphrases(Protocol):
    """Slow hashes of passphrases. Few are computed at once, whatever is asked for, because each
    takes memory. Raises Refused(`too_many_attempts`) if too many already wait for their turn."""

    def hash(self, passphrase: str) -> str: ...
    def verify(self, stored: str | None, passphrase: str, *, known: bool) -> bool:
        """Whether `stored` is a hash of the passphrase. Takes as long if there is none. `known` has
        a place in the line that strangers cannot take."""

    def is_outdated(self, stored: str) -> bool:
        """Whether new hashes are made in another way than this one."""


class Passkeys(Protocol):
    """Checks what browsers send of passkeys, by the WebAuthn standard: that it belongs to this
    server's address and to the challenge, that the device verified its user, and the signature.
    What is malformed is refused like what is wrong."""

    @property
    def origin(self) -> str:
        """The address of the page at which passkeys work; '' if there is none."""

    @property
    def domain(self) -> str:
        """The domain to which passkeys belong; '' if there is none."""

    @property
    def algorithms(self) -> Sequence[int]:
        """Those of which keys are taken, in COSE's numbers, the best first."""

    def made(self, made: MadePasskey, challenge: str) -> PublicKey:
        """The key of a new passkey. Raises Refused(code="bad_passkey")."""

    def signed(self, key: PublicKey | None, signed: SignedChallenge, challenge: str) -> int:
        """How often the device has signed with this key. Raises Refused(code="wrong_passkey"), also
        if there is no key, which takes as long."""


class Cache(Protocol[Value]):
    """Short-lived values. A value may be evicted early, but is never returned after its TTL."""

    def get(self, key: bytes) -> Value | None: ...
    def put(self, key: bytes, value: Value, ttl_s: float) -> None: ...


class ReplayVerifier(Protocol):
    """Replays rounds with the games' own rules, in limited time and memory whatever the trace.
    Not thread-safe."""

    def play_again(self, played: TracedRound) -> RoundResult:
        """Raises CannotPlayAgain."""

    def close(self) -> None:
        """Release its resources. It may be used again afterwards."""


class Secrets(Protocol):
    """Values derived from the server's secret by HMAC-SHA-256, with a domain word for each kind."""

    @property
    def accepted(self) -> Sequence[Secrets]:
        """Those by which cards, tokens and files are recognised: this one first, then the other
        one while a secret is being replaced."""

    def mark(self) -> str:
        """Identifies the secret without revealing it."""

    def card_code(self, role: Role, holder_id: int, card_version: int) -> str:
        """10 Crockford base32 characters (50 bits)."""

    def new_token(self) -> str:
        """A random token, 256 bits, URL-safe. Only its hash says whose it is."""

    def token_hash(self, token: str) -> bytes: ...
    def adult_hash(self, kind: AdultSecret, token: str) -> bytes:
        """The hash by which an adult's link, sign-in, known browser, challenge or attempt is
        recognised, or the anti-forgery token that belongs to a sign-in."""

    def export_key(self, token_id: UUID) -> str: ...
    def roster_key(self, text: str) -> bytes:
        """16 bytes by which a child is recognised in a roster."""
