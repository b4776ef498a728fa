"""Ports with fakes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import uuid4

from neuroplay.core.entities.allowance import Allowance
from neuroplay.core.entities.retention import RetentionPolicy
from neuroplay.core.interfaces.services import each_alone, say_nothing
from neuroplay.core.rules.storable import sorted_json
from neuroplay.core.system import Ports
from tests.fakes.passkeys import FakePasskeys
from tests.fakes.services import (
    FakeAsks,
    FakeAttempts,
    FakeCache,
    FakeClock,
    FakeLedger,
    FakePassphrases,
    FakeRateLimiter,
    FakeSecrets,
    FakeVerifier,
    FakeWakeUp,
    fake_hash_payload,
)
from tests.fakes.unit_of_work import FakeStore


def fake_ports(store: FakeStore, clock: FakeClock, **parts: Any) -> Ports:
    """All ports on `store` and `clock`; `parts` replaces some of them."""
    usual = {
        "uow": store,
        "clock": clock,
        "new_id": uuid4,
        "secrets": FakeSecrets(),
        "release": "2.5.0",
        "allowance": Allowance(sessions=2_000, size=32 << 20, sessions_a_day=500),
        "retention": RetentionPolicy(),
        "rate_limiter": FakeRateLimiter(),
        "adult_attempts": FakeAttempts(),
        "adult_asks": FakeAsks(),
        "passphrases": FakePassphrases(),
        "passkeys": FakePasskeys(),
        "cache": FakeCache(clock),
        "gather": each_alone,
        "hash_payload": fake_hash_payload,
        "write_json": sorted_json,
        "record_erasures": FakeLedger(),
        "wake_up": FakeWakeUp(),
        "unforeseen": say_nothing,
        "verifier": FakeVerifier(),
    }
    return Ports(**{name: _always(part) for name, part in (usual | parts).items()})


def _always(part: Any) -> Callable[[], Any]:
    return lambda: part
