from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from neuroplay.core.entities.verification import RoundResult, TracedRound
from neuroplay.core.errors import StoreUnavailable
from neuroplay.core.use_cases.verify_sessions import (
    LEASE_S,
    MOST_TRIES,
    VerifyReport,
    VerifySessions,
)
from tests.fakes.services import FakeVerifier
from tests.fakes.tables import StoredSession
from tests.unit.core.samples import School, record, session_id

TRACED = {"metadata": {"difficulty": 2, "seed": 7, "trace": [30, 1]}}


class Verifying(School):
    def __init__(self, **result: Any) -> None:
        super().__init__()
        self.verifier = FakeVerifier(**result)

    def play(self, *records: dict[str, Any]) -> None:
        self.send(*records)
        self.drain()

    def verify(self, limit: int = 8, **changes: Any) -> VerifyReport:
        return VerifySessions(
            uow=self.store,
            verifier=self.verifier,
            **{"timer": lambda: 0.0, "known": (), **changes},
        ).execute(limit)

    def stored(self, number: int = 0) -> StoredSession:
        return self.store.tables.sessions[UUID(session_id(number))]


def verdicts(report: VerifyReport) -> list[tuple[str, tuple[str, ...]]]:
    return [(one.verdict, one.reasons) for one in report.sessions]


def test_a_session_whose_trace_gives_the_same_is_verified() -> None:
    school = Verifying()
    school.play(record(0, **TRACED))
    assert verdicts(school.verify()) == [("verified", ())]
    assert school.stored().verdict == "verified"
    assert [r.trace for r in school.verifier.rounds] == [[30, 1]]


@pytest.mark.parametrize(
    ("edited", "reason"),
    [
        ({"score": 310}, "score_differs"),
        ({"accuracy": 0.95}, "accuracy_differs"),
        ({"completed": False}, "completion_differs"),
    ],
)
def test_an_edited_session_is_a_mismatch_and_keeps_its_xp(
    edited: dict[str, Any], reason: str
) -> None:
    school = Verifying()
    school.play(record(0, **TRACED, **edited))
    xp = school.student().progress.xp
    assert verdicts(school.verify()) == [("mismatch", (reason,))]
    assert (school.stored().verdict, school.stored().verify_reasons) == ("mismatch", (reason,))
    assert school.student().progress.xp == xp > 0
    assert school.states() == ["processed"]


def test_a_verdict_is_the_last_word() -> None:
    school = Verifying(score=1)
    unreadable = record(1, metadata={"seed": 1, "trace": [[0, 1]]}, game_version="not known")
    school.play(record(0, **TRACED), unreadable)
    assert len(school.verify().sessions) == 2
    school.clock.forward(1e6)
    assert school.verify() == VerifyReport()


def test_a_session_without_a_trace_is_left_alone() -> None:
    school = Verifying(score=1)
    school.play(record(0))
    assert school.verify() == VerifyReport()
    assert school.stored().verdict == "plausible"


def test_a_trace_that_nobody_can_read_leaves_its_session_plausible() -> None:
    school = Verifying(score=1)
    hostile = {"seed": 7, "trace": {"hostile": [[[1]]]}}
    school.play(record(0, metadata=hostile, game_version="not known"))
    assert verdicts(school.verify()) == [("plausible", ("trace_unreadable",))]
    assert school.verifier.rounds == []


def test_the_drain_goes_first() -> None:
    school = Verifying()
    school.play(record(0, **TRACED))
    school.send(record(1, **TRACED | {"metadata": {"seed": 8, "trace": [30, 1]}}))
    assert school.verify() == VerifyReport()
    school.drain()
    assert len(school.verify().sessions) == 2


def test_rules_that_do_not_run_are_tried_a_bounded_number_of_times() -> None:
    school = Verifying()
    school.verifier.code = "unknown_rules"
    school.play(record(0, **TRACED))
    tries = 0
    for _ in range(1000):
        tries += len(school.verify().sessions)
        school.clock.forward(600)
    assert tries == MOST_TRIES == len(school.verifier.rounds)
    assert school.stored().verdict == "plausible"
    assert school.stored().verify_reasons == ("unknown_rules",)
    assert school.stored().verify_due_at is None


def given_up(version: str) -> Verifying:
    """A school in which the rules of a session were unknown for as long as it was tried."""
    school = Verifying()
    school.verifier.code = "unknown_rules"
    school.play(record(0, **TRACED, game_version=version))
    for _ in range(MOST_TRIES):
        assert verdicts(school.verify()) == [("plausible", ("unknown_rules",))]
        school.clock.forward(9 * 3600)
    assert school.stored().verify_due_at is None
    school.verifier.code = None
    return school


def test_a_release_that_knows_the_rules_verifies_what_was_given_up() -> None:
    school = given_up("7")
    assert school.verify(known=[("cyber_runner", "6"), ("memory_pairs", "7")]) == VerifyReport()
    report = school.verify(known=[("cyber_runner", "6"), ("cyber_runner", "7")])
    assert verdicts(report) == [("verified", ())]
    assert (school.stored().verify_tries, school.stored().verify_reasons) == (1, ())


def test_what_was_given_up_is_looked_for_once_in_the_life_of_a_worker() -> None:
    school = given_up("7")
    school.verifier.code = "unknown_rules"
    known = [("cyber_runner", "7")]
    worker = VerifySessions(uow=school.store, verifier=school.verifier, known=known)
    tries = 0
    for _ in range(30):
        tries += len(worker.execute().sessions)
        school.clock.forward(9 * 3600)
    assert tries == MOST_TRIES


def test_without_its_store_a_worker_looks_again() -> None:
    school = given_up("7")
    known = [("cyber_runner", "7")]
    worker = VerifySessions(uow=school.store, verifier=school.verifier, known=known)
    school.store.commits_until_away = 0
    with pytest.raises(StoreUnavailable):
        worker.execute()
    school.store.commits_until_away = None
    assert verdicts(worker.execute()) == [("verified", ())]


def test_a_round_that_rules_known_later_do_not_have_is_not_played() -> None:
    school = Verifying()
    school.play(
        record(0, metadata={"difficulty": 40, "seed": 7, "trace": [30, 1]}, game_version="x")
    )
    session_id, row = next(iter(school.store.tables.sessions.items()))
    known = replace(row.session, game_version="1")
    school.store.tables.sessions[session_id] = replace(row, session=known)
    assert verdicts(school.verify()) == [("plausible", ("trace_unreadable",))]
    assert school.verifier.rounds == []


def test_rules_that_run_again_verify_what_waited() -> None:
    school = Verifying()
    school.verifier.code = "no_rules"
    school.play(record(0, **TRACED))
    assert verdicts(school.verify()) == [("plausible", ("no_rules",))]
    school.verifier.code = None
    assert school.verify() == VerifyReport()
    school.clock.forward(60)
    assert verdicts(school.verify()) == [("verified", ())]
    assert school.stored().verify_reasons == ()


def test_what_is_left_of_a_claim_when_the_time_is_up_was_never_tried() -> None:
    school = Verifying()
    school.play(
        *(record(n, metadata={"difficulty": 2, "seed": n, "trace": [9, 1]}) for n in range(3))
    )
    clock = iter([0.0, 1.0, 1.0, 1.0])
    report = school.verify(timer=lambda: next(clock))
    assert len(report.sessions) == 1  # one at least, or a slow machine would never end
    assert report.more
    waiting = [row for row in school.store.tables.sessions.values() if row.verdict == "plausible"]
    assert [row.verify_tries for row in waiting] == [0, 0]
    assert len(school.verify().sessions) == 2


def test_a_full_claim_says_that_there_may_be_more() -> None:
    school = Verifying()
    school.play(
        *(record(n, metadata={"difficulty": 2, "seed": n, "trace": [9, 1]}) for n in range(3))
    )
    assert [school.verify(2).more, school.verify(2).more] == [True, False]


def test_a_worker_that_dies_leaves_its_claim_to_another() -> None:
    school = Verifying()
    school.play(record(0, **TRACED))
    for _ in range(MOST_TRIES):
        school.store.commits_until_away = 1
        with pytest.raises(StoreUnavailable):
            school.verify()
        school.store.commits_until_away = None
        assert school.verify() == VerifyReport()
        school.clock.forward(LEASE_S)
    assert verdicts(school.verify()) == [("plausible", ("tries_used_up",))]
    school.clock.now += timedelta(days=9)
    assert school.verify() == VerifyReport()


def test_an_adults_word_in_between_stands() -> None:
    school = Verifying(score=1)
    school.play(record(0, **TRACED))

    class AdultMeanwhile(FakeVerifier):
        def play_again(self, played: TracedRound) -> RoundResult:
            with school.store() as uow:
                sessions = uow.tables.sessions
                sessions[UUID(session_id(0))] = replace(school.stored(), verdict="approved")
                uow.commit()
            return super().play_again(played)

    school.verifier = AdultMeanwhile(score=1)
    assert verdicts(school.verify()) == [("mismatch", ("score_differs",))]
    assert school.stored().verdict == "approved"
