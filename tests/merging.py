"""Two students who played, in whatever way, and are then merged: what must hold on any store."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import count
from typing import Any
from uuid import UUID

from hypothesis import strategies as st

from neuroplay.core.entities.actor import Operator
from neuroplay.core.entities.game_catalogue import GAMES
from neuroplay.core.entities.game_session import GameSession
from neuroplay.core.entities.retention import Cutoff, Cutoffs
from neuroplay.core.interfaces.unit_of_work import UnitOfWork
from neuroplay.core.use_cases.accept_sync import AcceptSync
from neuroplay.core.use_cases.drain_inbox import DrainInbox
from neuroplay.core.use_cases.merge_students import MergeStudents
from neuroplay.core.use_cases.opening_balance import fold
from neuroplay.core.use_cases.recompute import Recompute, differences, progress_of
from tests.builders import a_principal
from tests.fakes.services import NOON, FakeClock, FakeWakeUp, fake_hash_payload
from tests.unit.core.samples import wire_time

Store = Callable[..., UnitOfWork]

GONE = NOON + timedelta(days=1)
ALL = Cutoffs(usual=Cutoff(raw=GONE, sessions=GONE))
SETTLED_ONLY = Cutoffs(usual=Cutoff(raw=GONE))
_codes = count(1)
_sessions = count(1)


@dataclass(frozen=True, kw_only=True, slots=True)
class Round:
    """A round of the first or of the second of two students. `hours` ago it ended; `kind` may be
    `counted`, `held` (it took too long) or `invalid`."""

    first: bool
    hours: int
    game_type: str
    score: int
    accuracy: float
    difficulty: int
    next_difficulty: int
    offset: int
    kind: str

    def record(self, number: int) -> dict[str, Any]:
        duration = 3_000 if self.kind == "held" else 60
        ended = NOON - timedelta(hours=self.hours, minutes=number % 50)
        return {
            "session_id": str(UUID(int=number)),
            "game_type": self.game_type,
            "game_version": "1",
            "started_at": wire_time(ended - timedelta(seconds=duration)),
            "ended_at": wire_time(ended),
            "utc_offset_minutes": self.offset,
            "score": -1 if self.kind == "invalid" else self.score,
            "duration": duration,
            "accuracy": self.accuracy,
            "completed": True,
            "metadata": {"difficulty": self.difficulty, "next_difficulty": self.next_difficulty},
        }


rounds = st.builds(
    Round,
    first=st.booleans(),
    hours=st.integers(1, 400),
    game_type=st.sampled_from(sorted(GAMES)),
    score=st.integers(0, 300),
    accuracy=st.sampled_from([0.0, 0.5, 0.95, 1.0]),
    difficulty=st.integers(1, 3),
    next_difficulty=st.integers(1, 3),
    offset=st.sampled_from([-720, -180, 0, 840]),
    kind=st.sampled_from(["counted", "counted", "counted", "held", "invalid"]),
)
lives = st.tuples(
    st.lists(rounds, max_size=6),
    st.lists(rounds, max_size=6),
    st.lists(rounds, max_size=4),
    st.lists(rounds, max_size=3),
)
"""Rounds that are folded, whose records are removed, that were counted, and that wait."""


class Pair:
    """Two new students on a store, the first of whom is merged into the second."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.clock = FakeClock()
        with store() as uow:
            self.class_id = uow.classes.add("3A", f"M{next(_codes):04}").class_id
            self.first = uow.students.add(self.class_id, "Ana", "fox").student_id
            self.second = uow.students.add(self.class_id, "Anna", "owl").student_id
            uow.commit()
        self.sent: list[tuple[bool, dict[str, Any]]] = []
        self.counted: dict[Any, GameSession] = {}

    def live(self, folded: Any, settled: Any, counted: Any, waiting: Any) -> None:
        self.play(folded)
        self.remove(ALL)
        self.play(settled)
        self.remove(SETTLED_ONLY)
        self.play(counted)
        self.play(waiting, drained=False)

    def play(self, played: Sequence[Round], *, drained: bool = True) -> None:
        for one in played:
            record = one.record(next(_sessions))
            self.sent.append((one.first, record))
            self.send(self.first if one.first else self.second, record)
        if drained:
            self.drain()

    def send(self, student_id: int, *records: object) -> list[str]:
        accept = AcceptSync(
            uow=self.store,
            clock=self.clock,
            hash_payload=fake_hash_payload,
            wake_up=FakeWakeUp(),
        )
        receipts = accept.execute(
            a_principal(student_id, self.class_id),
            sessions=records,
            sent_at=NOON,
            outbox=None,
            request_id=None,
        )
        return [receipt.status.value for receipt in receipts]

    def drain(self) -> None:
        drain = DrainInbox(uow=self.store, clock=self.clock, release="2.5.0", random=lambda: 0.0)
        while drain.execute().more:
            pass
        with self.store() as uow:
            for student_id in (self.first, self.second):
                for one in uow.sessions.of_student(student_id):
                    self.counted[one.session_id] = one

    def remove(self, cutoffs: Cutoffs) -> None:
        """What retention does."""
        students = [self.first, self.second]
        with self.store() as uow:
            uow.retention.settle(students, cutoffs, limit=999)
            old = uow.retention.foldable(students, cutoffs, limit=999)
            uow.retention.fold(fold(old), [one.session.session_id for one in old])  # type: ignore[misc]
            uow.commit()

    def assert_merged_as_if_one_child_had_played(self) -> None:
        with self.store() as uow:
            before = [uow.inbox.counts_of(one) for one in (self.first, self.second)]
        merged = MergeStudents(uow=self.store, clock=self.clock).execute(
            self.first, into=self.second, by=Operator("eva")
        )
        self._assert_books()
        with self.store() as uow:
            assert uow.students.get(self.first) is None
            assert uow.students.merged_into(self.first) == self.second
            assert uow.students.get(self.second).progress.xp == merged.student.progress.xp
            after = uow.inbox.counts_of(self.second)
        for state in ("processed", "pending", "held", "invalid", "conflict", "failed", "rejected"):
            assert getattr(after, state) == sum(getattr(one, state) for one in before), state
        self.drain()
        self._assert_books()
        for _, record in self.sent:
            expected = "invalid" if record["score"] < 0 else "duplicate"
            assert self.send(self.second, record) == [expected]

    def _assert_books(self) -> None:
        """The student that is left has exactly what was counted of both, and it recomputes."""
        all_played = sorted(
            self.counted.values(), key=lambda one: (one.ended_at or NOON, str(one.session_id))
        )
        with self.store() as uow:
            student = uow.students.get(self.second)
            assert student is not None
            assert differences(student, progress_of(student, all_played)) == []
        recompute = Recompute(uow=self.store, clock=self.clock)
        assert recompute.execute(self.second, correct=False) == []
