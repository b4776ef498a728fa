"""Fakes of the adapters other than the store."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Generic, TypeVar
from uuid import UUID

from neuroplay.core.entities.erasure import Erasure
from neuroplay.core.entities.principal import Role
from neuroplay.core.entities.verification import RoundResult, TracedRound
from neuroplay.core.errors import CannotPlayAgain, Refused
from neuroplay.core.rules.codes import ALPHABET
from neuroplay.core.rules.storable import exact_numbers

Value = TypeVar("Value")

NOON = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
"""A Wednesday."""


class FakeSeconds:
    """A clock in seconds from an arbitrary start, which changes only when it is moved."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


class FakeClock:
    """A clock that changes only when it is moved."""

    def __init__(self, now: datetime = NOON) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def forward(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


class FakeLedger:
    """Keeps the erasures recorded; raises `broken` instead, if set."""

    def __init__(self) -> None:
        self.erasures: list[Erasure] = []
        self.broken: Exception | None = None

    def __call__(self, erasures: Sequence[Erasure]) -> None:
        if self.broken is not None:
            raise self.broken
        self.erasures += erasures


class FakeWakeUp:
    """Counts its calls; `seen` keeps what `look` returned at each."""

    def __init__(self, look: Any = lambda: None) -> None:
        self.calls = 0
        self.seen: list[Any] = []
        self._look = look

    def __call__(self) -> None:
        self.calls += 1
        self.seen.append(self._look())


class FakeRateLimiter:
    """Makes a key wait for `wait_s` after `limit` consecutive failures."""

    def __init__(self, limit: int = 5, wait_s: float = 60.0) -> None:
        self.limit = limit
        self.wait_s = wait_s
        self.failures: dict[str, int] = {}

    def failed(self, *keys: str) -> float:
        most = max((self.failures.get(key, 0) for key in keys), default=0)
        for key in keys:
            self.failures[key] = self.failures.get(key, 0) + 1
        return self.wait_s if most >= self.limit else 0.0

    def succeeded(self, *keys: str) -> None:
        for key in keys:
            self.failures.pop(key, None)


class FakeAttempts(FakeRateLimiter):
    """Also says who has to wait; `everybody_s` is for how long those who share the limit do."""

    everybody_s = 0.0

    def waits(self, key: str, *, shared: bool) -> float:
        own = self.wait_s if self.failures.get(key, 0) >= self.limit else 0.0
        return max(own, self.everybody_s if shared else 0.0)


class FakeAsks:
    """Each adult may have `left` in all, and then waits for `wait_s`."""

    def __init__(self, left: float = 1e9, wait_s: float = 30.0) -> None:
        self.left = left
        self.wait_s = wait_s
        self.asked: dict[int, float] = {}

    def ask(self, adult_id: int, cost: float) -> float:
        asked = self.asked.get(adult_id, 0.0) + cost
        if asked > self.left:
            return self.wait_s
        self.asked[adult_id] = asked
        return 0.0


class FakePassphrases:
    """Hashes are the passphrase in reverse, after the `way` in which it was hashed. `verified` has
    the hashes and whether the caller was known; if `is_busy`, strangers are refused."""

    def __init__(self) -> None:
        self.way = "1"
        self.is_busy = False
        self.verified: list[tuple[str | None, bool]] = []

    def hash(self, passphrase: str) -> str:
        return f"{self.way}:{passphrase[::-1]}"

    def verify(self, stored: str | None, passphrase: str, *, known: bool) -> bool:
        if self.is_busy and not known:
            raise Refused("busy", code="too_many_attempts", retry_after_s=5.0)
        self.verified.append((stored, known))
        return stored is not None and stored.partition(":")[2] == passphrase[::-1]

    def is_outdated(self, stored: str) -> bool:
        return not stored.startswith(f"{self.way}:")


class FakeCache(Generic[Value]):
    """Evicts values after their TTL by its clock."""

    def __init__(self, clock: FakeClock | None = None) -> None:
        self._clock = clock or FakeClock()
        self.values: dict[bytes, tuple[Value, datetime]] = {}

    def get(self, key: bytes) -> Value | None:
        known = self.values.get(key)
        return known[0] if known is not None and known[1] > self._clock() else None

    def put(self, key: bytes, value: Value, ttl_s: float) -> None:
        self.values[key] = value, self._clock() + timedelta(seconds=ttl_s)


class FakeVerifier:
    """Returns `result` for every trace, or raises CannotPlayAgain with `code` if that is set.
    `rounds` has the arguments of its calls."""

    def __init__(self, **result: Any) -> None:
        self.result = RoundResult(
            **{
                "score": 300,
                "accuracy": 0.8,
                "duration": 120.0,
                "completed": True,
                "right": 80,
                "total": 100,
                "state_hash": 1,
                **result,
            }
        )
        self.code: str | None = None
        self.rounds: list[TracedRound] = []

    def play_again(self, played: TracedRound) -> RoundResult:
        self.rounds.append(played)
        if self.code is not None:
            raise CannotPlayAgain("the fake rules do not run", code=self.code)
        return self.result

    def close(self) -> None:
        pass


class FakeSecrets:
    """Derives everything by plain SHA-256; tokens are numbered. `old` is accepted, too."""

    def __init__(self, word: str = "", *, old: FakeSecrets | None = None) -> None:
        self._tokens = 0
        self._word, self._old = word, old

    @property
    def accepted(self) -> Sequence[FakeSecrets]:
        return [self] if self._old is None else [self, self._old]

    def mark(self) -> str:
        return f"mark of {self._word}"

    def card_code(self, role: Role, holder_id: int, card_version: int) -> str:
        text = f"{self._word}{role.card_word} {holder_id} {card_version}"
        digest = hashlib.sha256(text.encode()).digest()
        return "".join(ALPHABET[byte % 32] for byte in digest[:10])

    def new_token(self) -> str:
        self._tokens += 1
        return f"token-{self._tokens}"

    def token_hash(self, token: str) -> bytes:
        return hashlib.sha256(f"{self._word}token {token}".encode()).digest()

    def adult_hash(self, kind: str, token: str) -> bytes:
        return hashlib.sha256(f"{self._word}adult {kind} {token}".encode()).digest()

    def export_key(self, token_id: UUID) -> str:
        return hashlib.sha256(f"{self._word}export {token_id}".encode()).hexdigest()

    def roster_key(self, text: str) -> bytes:
        return hashlib.sha256(f"{self._word}roster {text}".encode()).digest()[:16]


def fake_hash_payload(payload: Mapping[str, Any], _text: str | None = None) -> bytes:
    """Refuses numbers that are not finite; those above 2**53 are text."""
    exact = exact_numbers(payload)
    text = json.dumps(exact, sort_keys=True, allow_nan=False, ensure_ascii=False)
    return hashlib.sha256(text.encode("utf-8")).digest()
