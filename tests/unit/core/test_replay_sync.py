"""Operators' commands on items. None of them counts a session twice."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from neuroplay.core.entities.actor import Operator
from neuroplay.core.entities.inbox_filter import InboxFilter
from neuroplay.core.entities.replayed import Fate, Replayed
from neuroplay.core.entities.sync_item import InboxState
from neuroplay.core.errors import Refused, StoreUnavailable
from neuroplay.core.use_cases.inspect_sync import ShowSync
from neuroplay.core.use_cases.recompute import Recompute
from neuroplay.core.use_cases.replay_sync import CHUNK, ReplaySync
from tests.unit.core.samples import School, record, session_id

DOUBTFUL = {"duration": 3000}
"""A duration longer than a round, so the session is held."""


def replayer(school: School) -> ReplaySync:
    return ReplaySync(uow=school.store, clock=school.clock, release="2.6.0")


def replay(school: School, *ids: int, dry_run: bool = False, **which: Any) -> list[Replayed]:
    chunks = replayer(school).replay(
        ids or InboxFilter(**which), by=Operator("ana"), dry_run=dry_run
    )
    return [one for chunk in chunks for one in chunk]


def fates(done: list[Replayed]) -> list[str]:
    return [one.fate.value for one in done]


@pytest.fixture
def school() -> School:
    return School()


def break_store(school: School, *numbers: int) -> None:
    """The store fails for sessions with these scores, as after a bug in a release."""

    def fault(session: Any) -> None:
        if session.score in numbers:
            raise ZeroDivisionError("division by zero")

    school.store.fault = fault


def mend_store(school: School) -> None:
    school.store.fault = lambda _: None


def fail(school: School, *records: Any) -> None:
    """Send the sessions and drain until their tries are used up."""
    school.send(*records)
    for _ in range(6):
        school.drain()
        school.clock.forward(3600)


def test_a_failed_item_is_applied_once_the_cause_is_mended(school: School) -> None:
    break_store(school, 400)
    fail(school, record(0, score=400), record(1))
    assert school.states() == ["failed", "processed"]
    (still,) = replay(school)
    assert (still.fate, still.reason) == (Fate.FAILED, "ZeroDivisionError: division by zero")
    mend_store(school)
    assert fates(replay(school)) == ["applied"]
    assert school.states() == ["processed", "processed"]
    assert replay(school) == []
    assert school.student().progress.sessions == 2


def test_every_try_is_kept_with_who_made_it(school: School) -> None:
    break_store(school, 400)
    fail(school, record(0, score=400))
    mend_store(school)
    replay(school)
    (found,) = ShowSync(uow=school.store).execute(str(school.items()[0].inbox_id))
    told = [(attempt.state.value, attempt.who) for attempt in found.attempts]
    assert told == [*[("pending", None)] * 4, ("failed", None), ("processed", "ana")]
    assert found.result.xp_gained > 0


def test_a_dry_run_shows_what_would_happen_and_changes_nothing(school: School) -> None:
    break_store(school, 400)
    fail(school, record(0, score=400), record(1, **DOUBTFUL), record(2, score=-1))
    mend_store(school)
    before = school.store.tables
    assert sorted(fates(replay(school, dry_run=True))) == ["applied", "held", "invalid"]
    assert school.store.tables is before


def test_one_bad_item_holds_up_no_other(school: School) -> None:
    bad = [record(n, score=400 + n) for n in range(4)]
    break_store(school, *(400 + n for n in range(4)))
    fail(school, *bad)
    break_store(school, 402)
    assert sorted(fates(replay(school))) == ["applied"] * 3 + ["failed"]
    assert school.student().progress.sessions == 3


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        (7, "not_an_object"),
        ([], "not_an_object"),
        (record(0, session_id="no"), "bad_session_id"),
        ({"session_id": "no"}, "bad_session_id"),
        (record(0, score=-1), "negative"),
    ],
)
def test_a_replay_gives_the_reason_that_the_tablet_got(
    school: School, sent: Any, code: str
) -> None:
    school.send(sent)
    (item,) = school.store.tables.inbox.values()
    before = item.last_error_code, item.last_error
    assert before[0] == code
    (done,) = replay(school, item.inbox_id)
    (item,) = school.store.tables.inbox.values()
    assert (item.last_error_code, item.last_error) == before
    assert done.fate.value == "invalid"


def test_an_invalid_item_is_read_anew(school: School) -> None:
    school.send(record(0, score=-1))
    (done,) = replay(school)
    assert done.fate is Fate.INVALID
    assert "score" in done.reason


def test_a_conflict_stays_while_another_record_holds_its_id(school: School) -> None:
    school.send(record(0))
    school.send(record(0, score=100))
    school.drain()
    assert sorted(school.states()) == ["conflict", "processed"]
    assert fates(replay(school)) == ["conflict"]
    assert school.student().progress.sessions == 1


def test_approval_counts_a_held_session_and_keeps_the_reason(school: School) -> None:
    school.send(record(0, **DOUBTFUL))
    school.drain()
    (item,) = school.items()
    assert item.state is InboxState.HELD
    done = replayer(school).approve([item.inbox_id], by=Operator("ana"), reason="I saw it")
    assert fates(done) == ["applied"]
    (stored,) = school.store.tables.sessions.values()
    assert stored.verdict == "approved"
    (line,) = school.store.tables.audit
    assert (line["who"], line["what"]) == ("ana", "session approved")
    assert line["details"]["reason"] == "I saw it"
    again = replayer(school).approve([item.inbox_id], by=Operator("ana"), reason="again")
    assert fates(again) == ["busy"]
    assert school.student().progress.sessions == 1


def test_a_rejected_session_is_kept_and_never_counts(school: School) -> None:
    school.send(record(0, **DOUBTFUL))
    school.drain()
    (item,) = school.items()
    done = replayer(school).reject([item.inbox_id], by=Operator("ana"), reason="a test")
    assert fates(done) == ["rejected"]
    (item,) = school.items()
    assert (item.state, item.last_error) == (InboxState.REJECTED, "a test")
    assert item.reasons
    assert replay(school) == []
    assert fates(replay(school, item.inbox_id)) == ["busy"]
    assert school.student().progress.sessions == 0


@pytest.mark.parametrize("decision", ["approve", "reject"])
@pytest.mark.parametrize("reason", ["", " \t\n", "\u200b", "\u2800\u3164", "\u0301"])
def test_a_held_game_is_not_decided_about_without_a_reason(
    school: School, decision: str, reason: str
) -> None:
    school.send(record(0, **DOUBTFUL))
    school.drain()
    before = school.items()
    with pytest.raises(Refused) as refused:
        getattr(replayer(school), decision)([1], by=Operator("ana"), reason=reason)
    assert refused.value.code == "no_reason"
    assert school.items() == before


@pytest.mark.parametrize("good_commits", [0, 1])
@pytest.mark.parametrize("decision", ["approve", "reject", "dismiss"])
def test_a_decision_is_never_kept_without_its_reason(
    school: School, decision: str, good_commits: int
) -> None:
    school.send(record(0, **DOUBTFUL) if decision != "dismiss" else record(0, score=-1))
    school.drain()
    (before,) = school.items()
    school.store.commits_until_away = good_commits
    decide = getattr(replayer(school), decision)
    with nullcontext() if good_commits else pytest.raises(StoreUnavailable):
        decide([before.inbox_id], by=Operator("ana"), reason="I saw it")
    decided = school.items() != [before]
    assert decided == bool(good_commits)
    assert [one["details"]["reason"] for one in school.store.tables.audit] == ["I saw it"] * decided


def test_a_true_session_whose_id_another_child_took_is_counted_under_an_id_of_its_own(
    school: School,
) -> None:
    school.send(record(0, score=100), student=school.bia)
    school.send(record(0))
    school.drain()
    assert fates(replay(school)) == ["conflict"]
    (done,) = replayer(school).approve([2], by=Operator("ana"), reason="both of them played")
    assert done.fate is Fate.APPLIED
    assert done.sent_as == UUID(session_id(0)) != done.session_id
    assert {*school.store.tables.sessions} == {done.sent_as, done.session_id}
    (line,) = school.store.tables.audit
    assert line["details"]["session_id"] == str(done.session_id)
    assert line["details"]["sent_as"] == session_id(0)
    assert school.student().progress.sessions == 1


def test_a_copy_of_it_that_comes_later_counts_no_second_time(school: School) -> None:
    school.send(record(0, score=100), student=school.bia)
    school.send(record(0))
    school.drain()
    replayer(school).approve([2], by=Operator("ana"), reason="both of them played")
    (again,) = school.send(record(0))
    assert again.status.value == "conflict"
    assert fates(replayer(school).approve([3], by=Operator("ana"), reason="again")) == ["duplicate"]
    assert school.student().progress.sessions == 1


def test_a_second_record_of_a_childs_own_session_is_never_approved(school: School) -> None:
    school.send(record(0), record(0, score=420))
    school.drain()
    assert fates(replayer(school).approve([2], by=Operator("ana"), reason="seen")) == ["conflict"]
    assert school.student().progress.sessions == 1
    assert school.store.tables.audit == [], "nothing was decided"


def test_an_approval_that_fails_is_in_the_audit_too(school: School) -> None:
    school.send(record(0, score=400, **DOUBTFUL))
    school.drain()
    break_store(school, 400)
    (done,) = replayer(school).approve([1], by=Operator("ana"), reason="I saw it")
    assert done.fate is Fate.FAILED
    (line,) = school.store.tables.audit
    assert line["details"]["fate"] == "failed"
    assert school.states() == ["failed"]


def test_what_is_counted_is_told_as_busy_where_its_verdict_is_asked_for(school: School) -> None:
    school.send(record(0), record(1, **DOUBTFUL))
    school.drain()
    (done,) = replay(school, verdict="plausible")
    assert (done.fate, done.reason) == (Fate.BUSY, "it is processed")


def test_an_invalid_item_at_which_a_rule_fails_stays_invalid_and_says_why(school: School) -> None:
    school.send(record(0, score=-1))
    (item,) = school.items()
    school.store.tables.inbox[1] = replace(item, payload=record(0, score=400))
    break_store(school, 400)
    assert fates(replay(school)) == ["failed"]
    (item,) = school.items()
    assert (item.state, item.last_error_code) == (InboxState.INVALID, "internal")


def test_what_a_worker_has_is_left_to_it(school: School) -> None:
    school.send(record(0))
    with school.store() as uow:
        uow.inbox.claim(10, now=school.clock(), lease_s=60)
        uow.commit()
    (item,) = school.items()
    assert fates(replay(school, item.inbox_id)) == ["busy"]


def test_many_are_taken_in_chunks(school: School) -> None:
    count = CHUNK + 7
    for start in range(0, count, 50):
        numbers = range(start, min(start + 50, count))
        school.send(*(record(n, **DOUBTFUL) for n in numbers))
    while school.drain().more:
        pass
    assert len(replay(school)) == count


class AnyOrder(RuleBasedStateMachine):
    """In any order, devices send and resend, workers drain, operators replay, approve and reject,
    and the store fails and recovers."""

    def __init__(self) -> None:
        super().__init__()
        self.school = School()

    @rule(
        number=st.integers(0, 7),
        kind=st.sampled_from(["good", "good", "doubtful", "invalid", "other body"]),
        bia=st.booleans(),
    )
    def send(self, number: int, kind: str, bia: bool) -> None:
        changes: dict[str, Any] = {
            "good": {},
            "doubtful": DOUBTFUL,
            "invalid": {"score": -1},
            "other body": {"score": 77},
        }[kind]
        self.school.send(record(number, **changes), student=self.school.bia if bia else None)

    @rule(limit=st.sampled_from([1, 3, 500]))
    def drain(self, limit: int) -> None:
        self.school.drain(limit)

    @rule(seconds=st.sampled_from([10, 700, 5000]))
    def wait(self, seconds: int) -> None:
        self.school.clock.forward(seconds)

    @rule(scores=st.sets(st.sampled_from([77, 500]), max_size=2))
    def break_or_mend(self, scores: set[int]) -> None:
        break_store(self.school, *scores)

    @rule(dry_run=st.booleans())
    def replay(self, dry_run: bool) -> None:
        replay(self.school, dry_run=dry_run)

    @rule(number=st.integers(1, 12), approve=st.booleans())
    def decide(self, number: int, approve: bool) -> None:
        operate = replayer(self.school)
        if approve:
            operate.approve([number], by=Operator("ana"), reason="seen")
        else:
            operate.reject([number], by=Operator("ana"), reason="seen")

    @invariant()
    def each_is_counted_once_and_nothing_differs(self) -> None:
        items = self.school.items()
        done = [i.session_id for i in items if i.state is InboxState.PROCESSED]
        assert len(done) == len(set(done))
        assert set(done) == set(self.school.store.tables.sessions)
        standing = [
            i.session_id for i in items if i.state not in (InboxState.INVALID, InboxState.CONFLICT)
        ]
        assert len(standing) == len(set(standing))
        recompute = Recompute(uow=self.school.store, clock=self.school.clock)
        for student_id in recompute.students():
            assert recompute.execute(student_id, correct=False) == []


AnyOrder.TestCase.settings = settings(max_examples=60, stateful_step_count=25, deadline=None)
TestAnyOrder = AnyOrder.TestCase
