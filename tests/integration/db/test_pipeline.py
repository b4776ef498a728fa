"""A session's path through real adapters: accepted, drained, visible."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from neuroplay.core.entities.actor import Operator
from neuroplay.core.entities.game_session import GameSession
from neuroplay.core.entities.inbox_filter import InboxFilter
from neuroplay.core.entities.principal import StudentPrincipal
from neuroplay.core.entities.replayed import Fate
from neuroplay.core.entities.sync_item import LEASE_S, InboxState, Receipt
from neuroplay.core.errors import StoreUnavailable
from neuroplay.core.interfaces.unit_of_work import UnitOfWorkFactory
from neuroplay.core.rules.achievements import earned_by_session
from neuroplay.core.rules.plausibility import doubts
from neuroplay.core.use_cases.accept_sync import AcceptSync
from neuroplay.core.use_cases.drain_inbox import MOST_TRIES, DrainInbox, DrainReport
from neuroplay.core.use_cases.process_game_completion import ProcessGameCompletion
from neuroplay.core.use_cases.read_progress import ReadProgress
from neuroplay.core.use_cases.replay_sync import ReplaySync
from neuroplay.documents import progress_document
from neuroplay.infra.db.unit_of_work import SqlUnitOfWork
from neuroplay.infra.payloads import hash_payload
from tests.builders import a_principal
from tests.fakes.services import NOON, FakeClock
from tests.unit.core.samples import SEED_EXAMPLE, record, wire_time


def on_clock(open_uow: Callable[..., SqlUnitOfWork], clock: FakeClock) -> UnitOfWorkFactory:
    """Units of work for which the database's time is this clock's."""

    def opens(**how: bool) -> SqlUnitOfWork:
        uow = open_uow(**how)
        uow.now = clock  # type: ignore[method-assign]
        return uow

    return opens


class Way:
    """The use cases of a session's way on one database, with a clock that stands still."""

    def __init__(self, open_uow: Callable[[], SqlUnitOfWork], engine: Engine) -> None:
        self.clock, self.engine = FakeClock(), engine
        self.uow = on_clock(open_uow, self.clock)
        with open_uow() as uow:
            self.class_id = uow.classes.add("3A", "A1B2C").class_id
            uow.commit()
        self.ana = self.enrol("Ana")

    def enrol(self, nickname: str) -> StudentPrincipal:
        with self.uow() as uow:
            student = uow.students.add(self.class_id, nickname, "fox")
            uow.commit()
        return a_principal(student.student_id, self.class_id)

    def send(self, *records: Any, by: StudentPrincipal | None = None) -> list[Receipt]:
        accept = AcceptSync(
            uow=self.uow, clock=self.clock, hash_payload=hash_payload, wake_up=lambda: None
        )
        return accept.execute(
            by or self.ana, sessions=records, sent_at=None, outbox=None, request_id="r-1"
        )

    def drain(self, limit: int = 500) -> DrainReport:
        drain = DrainInbox(uow=self.uow, clock=self.clock, release="2.5.0", random=lambda: 0.0)
        return drain.execute(limit)

    def me(self, who: StudentPrincipal | None = None) -> dict[str, Any]:
        read = ReadProgress(uow=self.uow, clock=self.clock)
        return progress_document(read.execute(who or self.ana))

    def states(self) -> list[str]:
        with self.uow() as uow:
            return [item.state.value for item in reversed(uow.inbox.list(limit=1000))]

    def execute(self, statement: str) -> None:
        with self.engine.begin() as connection:
            connection.exec_driver_sql(statement)


@pytest.fixture
def way(open_uow, engine) -> Way:
    return Way(open_uow, engine)


POISON = "5e550000-0000-0000-0000-000000000001"


@pytest.fixture
def poisoned(way) -> Way:
    """The database refuses to store the session POISON."""
    way.execute(
        f"ALTER TABLE game_sessions ADD CONSTRAINT no_poison CHECK (session_id <> '{POISON}'::uuid)"
    )
    return way


def test_the_known_example_gives_the_known_numbers(way):
    way.send(
        record(
            session_id="0195f2c0-0000-7000-8000-000000000001",
            score=500,
            duration=120,
            accuracy=0.85,
            metadata={},
        )
    )
    report = way.drain()
    assert (report.claimed, report.processed, report.more) == (1, 1, False)
    assert sorted(report.unlocked) == ["perfect_score", "speed_demon"]
    me = way.me()
    assert (me["xp"], me["level"]) == (850, 5)
    assert me["sessions"] == {"processed": 1, "pending": 0, "held": 0}
    assert sorted(one["id"] for one in me["achievements"]) == ["perfect_score", "speed_demon"]
    (game,) = (game for game in me["games"] if game["plays"])
    assert (game["game_type"], game["best_score"]) == ("cyber_runner", 500)


def test_the_use_case_itself_gives_the_known_numbers_on_postgresql(way):
    data = {
        **SEED_EXAMPLE,
        "session_id": "0195f2c0-0000-7000-8000-000000000002",
        "student_id": way.ana.student_id,
    }
    with way.uow() as uow:
        process = ProcessGameCompletion(
            student_repo=uow.students, game_repo=uow.sessions, achievement_repo=uow.achievements
        )
        result = process.execute(data)
        uow.commit()
        again = process.execute(data)
    assert result["xp_gained"] == 650
    assert result["bonus_xp"] == 200
    assert result["total_xp"] == 850
    assert result["level"] == 5
    assert result["leveled_up"] is True
    assert result["performance_rating"] == "excellent"
    assert (again["xp_gained"], again["bonus_xp"], again["total_xp"]) == (0, 0, 850)


def test_what_waits_is_seen_before_it_is_processed(way):
    way.send(record(0), record(1))
    assert way.me()["sessions"] == {"processed": 0, "pending": 2, "held": 0}
    way.drain()
    assert way.me()["sessions"] == {"processed": 2, "pending": 0, "held": 0}


def test_a_session_that_is_sent_again_is_counted_once(way):
    way.send(record(0))
    way.drain()
    xp = way.me()["xp"]
    (receipt,) = way.send(record(0))
    assert receipt.status == "duplicate"
    assert way.drain().claimed == 0
    assert way.me()["xp"] == xp


def test_a_poison_row_keeps_back_itself_alone(poisoned):
    poisoned.send(record(0), record(1, session_id=POISON), record(2))
    report = poisoned.drain()
    assert (report.claimed, report.processed) == (3, 2)
    assert poisoned.states() == ["processed", "pending", "processed"]
    assert poisoned.me()["sessions"]["processed"] == 2


def test_a_poison_row_is_tried_five_times_and_then_failed(poisoned):
    poisoned.send(record(1, session_id=POISON))
    for tries in range(1, MOST_TRIES + 1):
        report = poisoned.drain()
        assert report.claimed == 1, tries
        assert poisoned.drain().claimed == 0  # it waits for its next try
        poisoned.clock.forward(3600)
    assert report.failed == 1
    assert poisoned.states() == ["failed"]
    with poisoned.uow() as uow:
        (item,) = uow.inbox.list()
    assert item.attempts == MOST_TRIES
    assert item.last_error_code == "internal"
    assert "no_poison" in (item.last_error or "")


def test_a_failed_row_is_processed_after_a_replay_by_a_mended_server(poisoned):
    poisoned.send(record(1, session_id=POISON))
    for _ in range(MOST_TRIES):
        poisoned.drain()
        poisoned.clock.forward(3600)
    poisoned.execute("ALTER TABLE game_sessions DROP CONSTRAINT no_poison")
    replays = ReplaySync(uow=poisoned.uow, clock=poisoned.clock, release="2.6.0")
    ((done,),) = replays.replay(InboxFilter(states=(InboxState.FAILED,)), by=Operator("eva"))
    assert done.fate is Fate.APPLIED
    assert poisoned.me()["sessions"]["processed"] == 1


def test_rows_of_a_worker_that_died_are_processed_one_by_one_after_their_lease(way):
    way.send(record(0), record(1))
    with way.uow() as uow:
        uow.inbox.claim(10, now=way.clock(), lease_s=LEASE_S)
        uow.commit()
    assert way.drain().claimed == 0
    way.clock.forward(LEASE_S)
    assert [way.drain().claimed for _ in range(3)] == [1, 1, 0]
    assert way.states() == ["processed", "processed"]


def test_a_row_that_kills_every_worker_is_failed(way):
    way.send(record(0), record(1))
    with way.uow() as uow:
        deadly = [uow.inbox.list()[-1].inbox_id]
    for _ in range(MOST_TRIES):
        with way.uow() as uow:
            assert uow.inbox.claim(10, now=way.clock(), lease_s=LEASE_S, ids=deadly)
            uow.commit()
        way.clock.forward(LEASE_S)
    assert way.drain().failed == 1
    assert way.drain().processed == 1
    assert way.states() == ["failed", "processed"]


def test_a_worker_that_lost_its_lease_counts_nothing_twice(way):
    way.send(record(0))
    opened, xp = [], []

    def slow_uow(**how):
        opened.append(how)
        if len(opened) == 2:  # it has claimed the row, and comes late to process it
            way.clock.forward(LEASE_S)
            assert way.drain().processed == 1
            xp.append(way.me()["xp"])
        return way.uow(**how)

    late = DrainInbox(uow=slow_uow, clock=way.clock, release="2.5.0")
    assert late.execute().claimed == 1
    assert [way.me()["xp"]] == xp
    assert way.me()["sessions"]["processed"] == 1
    assert way.states() == ["processed"]


def test_nothing_is_half_written_when_the_commit_fails(way, monkeypatch):
    way.send(record(0))
    commit = SqlUnitOfWork.commit
    calls = iter([True, False])

    def once(self: SqlUnitOfWork) -> None:
        if not next(calls):
            raise StoreUnavailable("gone")
        commit(self)

    with monkeypatch.context() as patched:
        patched.setattr(SqlUnitOfWork, "commit", once)
        with pytest.raises(StoreUnavailable):
            way.drain()
    assert way.me()["xp"] == 0
    assert way.states() == ["pending"]
    way.clock.forward(LEASE_S)
    assert way.drain().processed == 1


def test_a_backlog_of_many_children_is_drained_in_batches(way):
    children = [way.enrol(f"n{n}") for n in range(5)]
    for child in children:
        way.send(*(record(100 * child.student_id + n) for n in range(8)), by=child)
    reports = [way.drain(16) for _ in range(4)]
    assert [r.claimed for r in reports] == [16, 16, 8, 0]
    assert [r.more for r in reports] == [True, True, False, False]
    assert {way.me(child)["sessions"]["processed"] for child in children} == {8}


def test_times_beyond_what_others_keep_are_stored(way):
    receipts = way.send(
        record(0, started_at="0001-01-02T00:00:00Z", ended_at="0001-01-02T00:02:00Z"),
        record(1, started_at="9999-12-30T00:00:00Z", ended_at="9999-12-30T00:02:00Z"),
    )
    assert {r.status.value for r in receipts} <= {"accepted", "invalid"}
    way.drain()
    assert "pending" not in way.states()


def test_records_that_no_text_column_takes_are_kept_and_answered(way):
    receipts = way.send(
        record(0, metadata={"note": "a\x00b"}),
        record(1, metadata={"note": "\ud800"}),
        {"session_id": "\x00"},
        None,
        [],
        "text",
        5,
        {},
        record(2),
    )
    assert [r.status.value for r in receipts] == ["invalid"] * 8 + ["accepted"]
    assert way.drain().processed == 1


records = st.lists(
    st.fixed_dictionaries(
        {
            "game_type": st.just("cyber_runner"),
            "score": st.integers(0, 480),
            "accuracy": st.floats(0, 1),
            "completed": st.booleans(),
            "difficulty": st.integers(1, 5),
            "day": st.integers(1, 9),
        }
    ),
    min_size=2,
    max_size=9,
)


@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(games=records, seed=st.integers(0, 2**31), batch=st.integers(1, 4))
def test_the_order_of_arrival_changes_neither_xp_nor_achievements(way, games, seed, batch):
    chance = random.Random(seed)
    played = [
        {**game, "started": NOON - timedelta(days=game["day"], minutes=-5 * place)}
        for place, game in enumerate(games)
    ]
    reached = []
    for order in (played, chance.sample(played, len(played))):
        child = way.enrol("n")
        sent = [wire(game) for game in order]
        for start in range(0, len(sent), batch):
            way.send(*sent[start : start + batch], by=child)
            if chance.random() < 0.5:
                way.drain(chance.randint(1, 5))
        while way.drain(chance.randint(1, 5)).more:
            pass
        me = way.me(child)
        assert me["sessions"] == {"processed": len(played), "pending": 0, "held": 0}
        names = sorted(one["id"] for one in me["achievements"])
        reached.append((me["xp"], me["level"], names, me["games"]))
    assert reached[0] == reached[1]


def wire(game: dict[str, Any]) -> dict[str, Any]:
    started = game["started"]
    return {
        "session_id": str(uuid4()),
        "game_type": game["game_type"],
        "game_version": "1",
        "started_at": wire_time(started),
        "ended_at": wire_time(started + timedelta(seconds=120)),
        "utc_offset_minutes": -180,
        "score": game["score"],
        "duration": 120,
        "accuracy": game["accuracy"],
        "completed": game["completed"],
        "metadata": {"difficulty": game["difficulty"]},
    }


def fails_at(monkeypatch: pytest.MonkeyPatch, *, rule: str) -> None:
    """One of the rules fails, unforeseen, at a session of 333 points."""
    if rule == "doubts":

        def failing(session: GameSession) -> list[str]:
            return [] if session.score == 333 and 1 / 0 else doubts(session)

        monkeypatch.setattr("neuroplay.core.use_cases.drain_batch.doubts", failing)
    else:

        def failing_too(session: GameSession) -> list[str]:
            return [] if session.score == 333 and 10**400 / 1.0 else earned_by_session(session)

        completion = "neuroplay.core.use_cases.process_game_completion"
        monkeypatch.setattr(f"{completion}.earned_by_session", failing_too)


@pytest.mark.parametrize("rule", ["doubts", "badges"])
def test_rows_at_which_a_rule_fails_are_set_aside_within_their_batch(way, monkeypatch, rule):
    fails_at(monkeypatch, rule=rule)
    for first in range(0, 400, 100):
        way.send(
            *(
                record(n, ended=NOON - n * timedelta(minutes=3), score=300 if n % 50 == 0 else 333)
                for n in range(first, first + 100)
            )
        )
    opened = []
    known = way.uow
    way.uow = lambda **how: opened.append(how) or known(**how)
    report = way.drain()
    assert len(opened) == 2, "a claim, and one transaction for all of them"
    assert (report.claimed, report.processed, report.failed) == (400, 8, 0)
    states = way.states()
    assert (states.count("processed"), states.count("pending")) == (8, 392)
    with known() as uow:
        (bad,) = uow.inbox.by_session(UUID(int=2))
    assert bad.last_error_code == "internal"
    assert bad.last_error.startswith(("ZeroDivisionError", "OverflowError"))
    monkeypatch.undo()
    way.clock.forward(60)
    assert way.drain().processed == 392


def test_a_row_that_the_database_refuses_is_found_by_halves(poisoned):
    poisoned.send(*(record(n, ended=NOON - n * timedelta(minutes=3)) for n in range(50)))
    poisoned.send(record(99, session_id=POISON, ended=NOON - timedelta(hours=9)))
    opened = []
    known = poisoned.uow
    poisoned.uow = lambda **how: opened.append(how) or known(**how)
    report = poisoned.drain()
    assert (report.claimed, report.processed) == (51, 50)
    assert len(opened) < 20, "and not one a row"
