"""The child of `benchmarks years` whose games go through sync, drain and verification."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from itertools import count
from uuid import uuid4

from neuroplay.bootstrap import RULES
from neuroplay.core.entities.principal import StudentPrincipal
from neuroplay.core.entities.sync_item import ReceiptStatus
from neuroplay.core.entities.verification import RoundResult, TracedRound, Verdict
from neuroplay.core.interfaces.unit_of_work import UnitOfWorkFactory
from neuroplay.core.use_cases.accept_sync import AcceptSync
from neuroplay.core.use_cases.drain_inbox import DrainInbox
from neuroplay.core.use_cases.verify_sessions import VerifySessions
from neuroplay.infra.payloads import hash_payload
from neuroplay.infra.verifier.quickjs_ng import QuickJsVerifier
from tests.frozen_rounds import KEYS, recorded

TOGETHER = 5
"""Games in a request."""

DAYS_TO_A_TRACE = 4
"""One of these days has a recorded round, which is replayed: there are enough for five years, and
none may come twice."""

APART = timedelta(minutes=7)

Timer = Callable[[Callable[[], object]], None]
"""Calls an action, and adds its processor time to something."""


class RealChild:
    """Plays every day. `uow` has the school's time."""

    def __init__(
        self, *, principal: StudentPrincipal, uow: UnitOfWorkFactory, clock: Callable[[], datetime]
    ) -> None:
        self._principal, self._clock = principal, clock
        self._accept = AcceptSync(
            uow=uow, clock=clock, hash_payload=hash_payload, wake_up=lambda: None
        )
        self._drain = DrainInbox(uow=uow, clock=clock, release="benchmark")
        self._verifier = QuickJsVerifier(RULES)
        self._verify = VerifySessions(uow=uow, verifier=self._verifier)
        self._rounds = recorded_rounds()
        self._days = count()

    def close(self) -> None:
        self._verifier.close()

    def day(self, games: int, drained: Timer) -> None:
        """Play this many games, which ended in the last hours; send, drain and verify them. Raises
        RuntimeError unless all of them count, and all traces are verified."""
        records = [
            plain_record(self._clock() - APART * (games - number)) for number in range(games)
        ]
        traced = next(self._days) % DAYS_TO_A_TRACE == 0
        if traced:
            records[-1] = traced_record(self._clock() - APART, *next(self._rounds))
        for first in range(0, games, TOGETHER):
            receipts = self._accept.execute(
                self._principal,
                sessions=records[first : first + TOGETHER],
                sent_at=self._clock(),
                outbox=None,
                request_id="benchmark",
            )
            _expect({one.status for one in receipts}, {ReceiptStatus.ACCEPTED})
        drained(lambda: _expect(self._drain.execute().processed, games))
        verdicts = [one.verdict for one in self._verify.execute(budget_s=60).sessions]
        _expect(verdicts, [Verdict.VERIFIED] if traced else [])


def plain_record(ended: datetime) -> dict[str, object]:
    """A game without a trace, as tablets send it."""
    return {
        "session_id": str(uuid4()),
        "game_type": "cyber_runner",
        "game_version": "1",
        "started_at": (ended - timedelta(seconds=150)).isoformat(),
        "ended_at": ended.isoformat(),
        "utc_offset_minutes": 0,
        "score": 300,
        "duration": 150,
        "accuracy": 0.8,
        "completed": True,
        "metadata": {"difficulty": 2, "next_difficulty": 2},
    }


def traced_record(ended: datetime, played: TracedRound, gave: RoundResult) -> dict[str, object]:
    return {
        **plain_record(ended),
        "game_type": played.game_type,
        "game_version": played.game_version,
        "started_at": (ended - timedelta(seconds=gave.duration)).isoformat(),
        "score": gave.score,
        "duration": gave.duration,
        "accuracy": gave.accuracy,
        "completed": gave.completed,
        "metadata": {
            "difficulty": played.difficulty,
            "next_difficulty": played.difficulty,
            "seed": played.seed,
            "trace": list(played.trace),
        },
    }


def recorded_rounds() -> Iterator[tuple[TracedRound, RoundResult]]:
    """Whole rounds of all released versions, the games in turn."""
    of_each = [[one for one in recorded(key) if one[1].completed] for key in KEYS]
    for turn in zip(*of_each, strict=False):
        yield from turn


def _expect(found: object, wanted: object) -> None:
    if found != wanted:
        raise RuntimeError(f"{found} instead of {wanted}")
