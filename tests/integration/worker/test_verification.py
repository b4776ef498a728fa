"""Sessions with a trace, from their arrival to their verdict: real PostgreSQL, real rules, and at
the end a real worker."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import psutil
import pytest

from neuroplay.bootstrap import DRAIN_TASK, LAST, RULES, VERIFY_TASK
from neuroplay.core.entities.game_session import GameSession
from neuroplay.core.entities.verification import Verdict, Verification
from neuroplay.core.use_cases.verify_sessions import MOST_TRIES, VerifySessions
from neuroplay.infra.db import migrations
from neuroplay.infra.db.engine import make_engine
from neuroplay.infra.db.repositories import sessions as statements
from neuroplay.infra.db.unit_of_work import SqlUnitOfWork
from neuroplay.infra.queue import QUEUE
from neuroplay.infra.verifier import child
from neuroplay.infra.verifier.quickjs_ng import QuickJsVerifier
from neuroplay.worker.app import make_celery
from tests.integration.db.test_concurrency import together
from tests.integration.db.test_statements import plan
from tests.integration.servers import wait_until
from tests.integration.worker.test_worker import System, system  # noqa: F401 - a fixture
from tests.rounds import true_claims
from tests.unit.core.samples import record

NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def verifier() -> Iterator[QuickJsVerifier]:
    made = QuickJsVerifier(RULES)
    yield made
    made.close()


@pytest.fixture
def running(system: System) -> System:  # noqa: F811
    return system


@pytest.fixture
def ana(open_uow) -> int:
    with open_uow() as uow:
        class_id = uow.classes.add("3A", "A1B2C").class_id
        student_id = uow.students.add(class_id, "Ana", "fox").student_id
        uow.commit()
    return student_id


def traced(number: int, student_id: int) -> GameSession:
    return GameSession(
        session_id=UUID(int=number),
        student_id=student_id,
        game_type="cyber_runner",
        score=300,
        duration=120,
        accuracy=0.8,
        completed=True,
        metadata={"difficulty": 2, "seed": number, "trace": [30, 1]},
        started_at=NOW - timedelta(minutes=3),
        ended_at=NOW,
    )


def store(open_uow, ana: int, count: int) -> None:
    with open_uow() as uow:
        for number in range(1, count + 1):
            uow.sessions.add(traced(number, ana), xp_gained=1, rating="good", verdict="plausible")
        uow.commit()


def test_workers_that_claim_at_once_never_get_the_same_session(open_uow, ana):
    store(open_uow, ana, 40)

    def claim() -> list[UUID]:
        claimed = []
        while True:
            with open_uow() as uow:
                found = uow.sessions.claim_unverified(3, now=NOW, lease_s=60)
                uow.commit()
            if not found:
                return claimed
            claimed += [one.session.session_id for one in found]

    claims = [one for run in together(claim, claim, claim, claim) for one in run]
    assert len(claims) == len(set(claims)) == 40


def test_a_student_is_erased_while_its_sessions_are_verified(open_uow, ana):
    store(open_uow, ana, 6)
    outcomes = [
        Verification(session_id=UUID(int=number), verdict=Verdict.VERIFIED, tries=1)
        for number in range(6, 0, -1)
    ]
    with open_uow() as erasing:
        erasing.students.erase(ana)
        with open_uow() as finishing:
            # It waits for nobody: these rows are about to go.
            finishing.sessions.finish_verification(outcomes)
            finishing.commit()
        erasing.commit()
    with open_uow() as uow:
        assert uow.sessions.existing([one.session_id for one in outcomes]) == frozenset()


def test_a_claim_walks_its_index_and_stops(engine, open_uow, ana):
    store(open_uow, ana, 2000)
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE game_sessions SET verdict = 'verified' WHERE score < 0")
        connection.exec_driver_sql("ANALYZE game_sessions")
    values = {
        "now": NOW,
        "until": NOW + timedelta(minutes=1),
        "latest": NOW + timedelta(hours=9),
        "limit": 8,
    }
    explained = plan(engine, statements.CLAIM_UNVERIFIED, values)
    assert "using ix_game_sessions_unverified" in explained
    assert "Sort" not in explained


def test_what_was_given_up_is_found_by_its_index(engine, open_uow, ana):
    store(open_uow, ana, 2000)
    with engine.begin() as connection:
        connection.exec_driver_sql(
            "UPDATE game_sessions SET verify_due_at = NULL, verify_reasons = '{unknown_rules}' "
            "WHERE seed <= 20"
        )
        connection.exec_driver_sql("UPDATE game_sessions SET verdict = 'verified' WHERE seed > 20")
        connection.exec_driver_sql("ANALYZE game_sessions")
    values = {"games": "{cyber_runner}", "versions": "{1}", "reason": "unknown_rules", "at": NOW}
    assert "ix_game_sessions_given_up" in plan(engine, statements.TRY_KNOWN, values)
    with open_uow() as uow:
        uow.sessions.try_known([("cyber_runner", "1")])
        claimed = uow.sessions.claim_unverified(99, now=NOW, lease_s=60)
    assert sorted(one.session.session_id.int for one in claimed) == list(range(1, 21))


def test_what_the_release_before_stored_is_verified_too(empty_database_url):
    engine = make_engine(empty_database_url)
    migrations.upgrade(engine, to="0001")
    with engine.connect() as connection:
        connection.exec_driver_sql("INSERT INTO classes (name, code) VALUES ('3A', 'A1B2C')")
        connection.exec_driver_sql(
            "INSERT INTO students (class_id, nickname, avatar) VALUES (1, 'Ana', 'fox')"
        )
        old = (
            "INSERT INTO game_sessions (session_id, student_id, game_type, game_version, score, "
            "duration, accuracy, completed, difficulty, utc_offset_minutes, xp_gained, rating, "
            "verdict, trace_hash) VALUES (%s::uuid, 1, 'cyber_runner', '1', 300, 120, 0.8, true, "
            "2, 0, 1, 'good', 'plausible', %s)"
        )
        connection.exec_driver_sql(old, (str(UUID(int=1)), b"x"))
        connection.exec_driver_sql(old, (str(UUID(int=2)), None))
        connection.commit()
        migrations.upgrade(engine)
        # A worker of the release before goes on for a while.
        connection.exec_driver_sql(old, (str(UUID(int=3)), b"y"))
        connection.commit()
    with SqlUnitOfWork(engine) as uow:
        claimed = uow.sessions.claim_unverified(9, now=NOW, lease_s=60)
    assert sorted(UUID(str(one.session.session_id)).int for one in claimed) == [1, 3]
    engine.dispose()


CHEATS = [
    ("score", lambda claims: {"score": claims["score"] + 1}),
    ("score", lambda claims: {"score": claims["score"] + 100}),
    ("accuracy", lambda claims: {"accuracy": min(claims["accuracy"] + 0.1, 1.0)}),
    ("duration", lambda _: {"duration": 900.0}),
    ("completion", lambda claims: {"completed": not claims["completed"]}),
    ("score", lambda claims: {"metadata": {**claims["metadata"], "seed": 77}}),
]


def test_true_sessions_are_verified_and_edited_ones_are_not(running, verifier):
    begun = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=20)
    expected: dict[str, str] = {}
    sent = []
    for number in range(18):
        claims = true_claims(number, verifier)
        what, edit = CHEATS[number // 2 % len(CHEATS)]
        edited = {**claims, **edit(claims)} if number % 2 else claims
        session_id = str(uuid4())
        expected[session_id] = f"{what}_differs" if number % 2 else "verified"
        ended = begun + timedelta(minutes=20 * number)
        started = (ended - timedelta(minutes=16)).isoformat()
        sent.append(
            record(number, ended=ended, session_id=session_id, **edited) | {"started_at": started}
        )
    container = running.container
    container.accept_sync.execute(
        running.ana, sessions=sent, sent_at=None, outbox=None, request_id=None
    )
    while container.drain_inbox.execute().more:
        pass
    assert running.counts().processed == len(sent)
    with container.uow() as uow:
        xp = uow.students.get(running.ana.student_id).progress.xp
        stamp = uow.figures.stamp([running.ana.class_id], now=NOW)

    verify = VerifySessions(uow=container.uow, verifier=verifier)
    found = {}
    while (report := verify.execute(5, budget_s=30)).sessions:
        found.update({str(one.session_id): one for one in report.sessions})
    for session_id, what in expected.items():
        one = found[session_id]
        if what == "verified":
            assert (one.verdict, one.reasons) == ("verified", ())
        else:
            assert one.verdict == "mismatch"
            assert what in one.reasons

    shown = container.read_sessions.execute(running.ana, None).sessions
    assert {str(row.session_id): row.verdict for row in shown} == {
        session_id: found[session_id].verdict for session_id in expected
    }
    best = max(one["score"] for one in sent if expected[one["session_id"]] == "verified")
    with container.uow() as uow:
        assert uow.students.get(running.ana.student_id).progress.xp == xp
        # The accuracy on a teacher's page is without mismatches: it is another one.
        assert uow.figures.stamp([running.ana.class_id], now=NOW) != stamp
        rows = uow.sessions.leaderboard(running.ana.class_id, "cyber_runner", begun, uow.now())
    assert [score for *_, score in rows] == [best]


def test_a_release_that_knows_the_rules_verifies_what_the_one_before_gave_up(
    running, verifier, tmp_path
):
    before = tmp_path / "rules.js"
    before.write_text("var neuroplayRules = {games: {}};")
    send(running, 1, verifier)
    container = running.container
    while container.drain_inbox.execute().more:
        pass
    unknowing = QuickJsVerifier(before)
    old = VerifySessions(uow=container.uow, verifier=unknowing, known=())
    with container.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for _ in range(MOST_TRIES):
            (tried,) = old.execute(budget_s=30).sessions
            assert (tried.verdict, tried.reasons) == ("plausible", ("unknown_rules",))
            # Its time comes.
            connection.exec_driver_sql(
                "UPDATE game_sessions SET verify_due_at = now() WHERE verify_due_at IS NOT NULL"
            )
    unknowing.close()
    assert old.execute().sessions == ()
    (found,) = VerifySessions(uow=container.uow, verifier=verifier).execute(budget_s=30).sessions
    assert (found.verdict, found.reasons) == ("verified", ())


def verdicts(running: System) -> list[str]:
    shown = running.container.read_sessions.execute(running.ana, None).sessions
    return sorted(str(row.verdict) for row in shown)


def send(running: System, number: int, verifier: QuickJsVerifier, **edited: object) -> None:
    ended = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=1 + number)
    sent = record(
        number,
        ended=ended,
        session_id=str(uuid4()),
        **{**true_claims(number, verifier), **edited},
    )
    running.container.accept_sync.execute(
        running.ana, sessions=[sent], sent_at=None, outbox=None, request_id=None
    )


def test_a_worker_verifies_after_the_drain_and_keeps_no_engine_running(running, verifier):
    with running.worker() as worker:
        send(running, 1, verifier)
        wait_until(lambda: verdicts(running) == ["verified"], "the first verdict")
        send(running, 3, verifier, score=true_claims(3, verifier)["score"] + 1)
        wait_until(lambda: verdicts(running) == ["mismatch", "verified"], "the second")
        wait_until(lambda: not engines(worker.pid), "the engine's process ends")
        assert "session differs from its trace" in running.log()


def engines(worker: int) -> list[int]:
    found = []
    for process in psutil.Process(worker).children(recursive=True):
        with suppress(psutil.NoSuchProcess):
            if child.__file__ in process.cmdline():
                found.append(process.pid)
    return found


def test_verification_waits_behind_every_drain_in_the_queue(running):
    app = make_celery(running.container.settings)
    for task, options in (
        (VERIFY_TASK, {"priority": LAST}),
        (VERIFY_TASK, {"priority": LAST}),
        (DRAIN_TASK, {}),
    ):
        app.send_task(task, **options)
    with app.connection_for_read() as connection:
        taken = [connection.default_channel.basic_get(QUEUE, no_ack=True) for _ in range(3)]
    assert [one.headers["task"] for one in taken] == [DRAIN_TASK, VERIFY_TASK, VERIFY_TASK]
    app.close()


@pytest.mark.slow
def test_the_sweep_verifies_what_no_drain_asked_for(running, verifier):
    send(running, 3, verifier)
    while running.container.drain_inbox.execute().processed:
        pass
    running.container.redis.flushall()
    with running.worker(), running.running("beat"):
        wait_until(lambda: verdicts(running) == ["verified"], "the sweep", 60)
