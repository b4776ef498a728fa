from __future__ import annotations

from datetime import timedelta
from types import ModuleType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from neuroplay.core.entities.game_session import GameSession
from neuroplay.core.entities.sync_item import LEASE_S, LONGEST_WAIT_S, InboxOutcome, InboxState
from neuroplay.core.errors import NotFound, StoreUnavailable
from neuroplay.core.use_cases import drain_batch, process_game_completion
from neuroplay.core.use_cases.drain_inbox import MOST_TRIES
from tests.fakes.services import NOON
from tests.unit.core.samples import School, record, session_id
from tests.unit.core.test_plausibility import TRACE

POISON = 333


def school_with_poison(error: Exception) -> School:
    """A school whose store fails for sessions with POISON points."""
    school = School()

    def fault(session: GameSession) -> None:
        if session.score == POISON:
            raise error

    school.store.fault = fault
    return school


def test_sessions_xp_badges_and_states_are_written_together() -> None:
    school = School()
    school.send(record(0, score=500), record(1))
    before = len(school.store.opened)
    report = school.drain()
    assert (report.claimed, report.processed, report.more) == (2, 2, False)
    assert sorted(report.unlocked) == ["perfect_score", "speed_demon"]
    assert school.states() == ["processed", "processed"]
    assert school.student().progress.sessions == 2
    assert school.student().progress.xp == (500 + 50 + 50) + (300 + 50 + 50) + 200
    claim, work = school.store.opened[before:]
    assert claim.committed
    assert work.committed
    assert {item.release for item in school.items()} == {"2.5.0"}
    assert {item.processed_at for item in school.items()} == {NOON}


def test_an_empty_inbox_takes_one_look() -> None:
    school = School()
    before = len(school.store.opened)
    report = school.drain()
    assert (report.claimed, report.items, report.more) == (0, (), False)
    assert len(school.store.opened) == before + 1


def test_the_report_names_game_state_and_seconds_of_each() -> None:
    school = School()
    school.send(record(0), record(1, duration=3000))
    ticks = iter(range(100))
    report = school.drain(timer=lambda: float(next(ticks)))
    assert {(i.game_type, i.state, i.seconds) for i in report.items} == {
        ("cyber_runner", "processed", 1.0),
        ("cyber_runner", "held", 0.0),
    }


def test_more_is_said_when_the_limit_was_reached() -> None:
    school = School()
    school.send(*(record(n) for n in range(5)))
    assert school.drain(3).more
    assert not school.drain(3).more
    assert school.states() == ["processed"] * 5


def test_students_are_locked_in_the_order_of_their_ids() -> None:
    school = School()
    school.send(record(0), student=school.bia)
    school.send(record(1), student=school.ana)
    school.drain()
    assert school.store.opened[-1].students.locked == [school.ana, school.bia]


def test_a_doubtful_session_is_held_with_its_reasons_and_earns_nothing_yet() -> None:
    school = School()
    school.send(record(0, duration=2000))
    report = school.drain()
    [item] = school.items()
    assert (report.held, item.state, item.reasons) == (1, InboxState.HELD, ("longer_than_a_round",))
    assert school.student().progress.xp == 0


def test_what_today_is_impossible_becomes_invalid_whatever_was_accepted_once() -> None:
    school = School()
    school.send(record(0))
    row = school.store.tables.inbox[1]
    row.payload["score"] = 1_000_000  # type: ignore[index]
    school.drain()
    [item] = school.items()
    assert (item.state, item.last_error_code) == (InboxState.INVALID, "impossible_score")


def test_of_two_sessions_at_the_same_time_the_one_that_arrived_first_counts() -> None:
    school = School()
    later = record(1, ended=NOON - timedelta(hours=1))
    earlier = record(2, ended=NOON - timedelta(hours=1, seconds=20))
    school.send(later, earlier)
    school.drain()
    assert school.states() == ["processed", "held"]
    school.send(record(3, ended=NOON - timedelta(hours=1, seconds=-20)))
    school.drain()
    assert school.items()[2].reasons == ("overlapping_play",)


def test_the_same_trace_under_two_ids_is_held_across_drains_and_students() -> None:
    school = School()
    traced = {"metadata": {"seed": 5, "trace": TRACE}}
    school.send(record(0, **traced))
    school.drain()
    school.send(record(1, **traced), student=school.bia)
    school.drain()
    assert [item.reasons for item in school.items()] == [(), ("copied_trace",)]


def test_a_session_that_was_counted_before_ends_as_conflict() -> None:
    school = School()
    school.send(record(0), record(0, score=299))
    school.drain()
    with school.store() as uow:
        again = InboxOutcome(inbox_id=2, state=InboxState.PENDING)
        uow.inbox.finish([again], now=school.clock(), release="2.6.0", who="eva")
        uow.commit()
    xp = school.student().progress.xp
    school.drain()
    assert school.states() == ["processed", "conflict"]
    assert school.items()[1].last_error_code == "already_counted"
    assert school.student().progress.xp == xp


def test_two_replayed_items_of_one_session_in_one_batch_count_once() -> None:
    school = School()
    school.send(record(0), record(0, score=299))
    with school.store() as uow:
        again = InboxOutcome(inbox_id=2, state=InboxState.PENDING)
        uow.inbox.finish([again], now=school.clock(), release="2.6.0", who="eva")
        uow.commit()
    school.drain()
    assert school.states() == ["processed", "conflict"]
    assert school.student().progress.sessions == 1


def test_one_bad_row_keeps_only_itself_back() -> None:
    school = school_with_poison(ValueError("bad row\nSQL: all the parameters"))
    school.send(record(0), record(1, score=POISON), record(2))
    report = school.drain()
    assert school.states() == ["processed", "pending", "processed"]
    assert (report.processed, report.failed) == (2, 0)
    bad = school.items()[1]
    assert (bad.last_error_code, bad.last_error) == ("internal", "ValueError: bad row")
    assert bad.next_try_at == NOON + timedelta(seconds=5)
    assert school.student().progress.sessions == 2


def test_waits_grow_with_each_try_and_after_the_last_the_item_has_failed() -> None:
    school = school_with_poison(ValueError("bad row"))
    school.send(record(0, score=POISON))
    waits = []
    for _ in range(MOST_TRIES):
        assert school.drain().claimed == 1
        assert school.drain().claimed == 0, "an item that waits is left alone"
        again = school.items()[0].next_try_at
        waits.append(again and (again - school.clock()).total_seconds())
        school.clock.forward(LONGEST_WAIT_S)
    assert waits == [5, 10, 20, 40, None]
    assert school.states() == ["failed"]
    assert school.drain().claimed == 0


def test_chance_shortens_a_wait_by_half_at_most() -> None:
    school = school_with_poison(ValueError("bad row"))
    school.send(record(0, score=POISON))
    school.drain(random=lambda: 1.0)
    assert school.items()[0].next_try_at == NOON + timedelta(seconds=2.5)


def test_an_error_that_will_not_pass_fails_at_once() -> None:
    school = school_with_poison(NotFound("gone", code="student_gone"))
    school.send(record(0, score=POISON))
    assert school.drain().failed == 1
    assert school.items()[0].last_error_code == "student_gone"


def test_items_of_a_student_who_is_gone_since_the_claim_are_left_alone() -> None:
    school = School()
    school.send(record(0), record(1))
    school.send(record(2), student=school.bia)
    del school.store.tables.students[school.ana]
    assert (school.drain().claimed, school.states()) == (3, ["pending", "pending", "processed"])


@pytest.mark.parametrize("commits", [0, 1])
def test_when_the_store_goes_away_nothing_is_counted_and_the_lease_ends_it(commits: int) -> None:
    school = School()
    school.send(record(0))
    school.store.commits_until_away = commits
    with pytest.raises(StoreUnavailable):
        school.drain()
    assert school.student().progress.xp == 0
    school.store.commits_until_away = None
    assert school.drain().claimed == (0 if commits else 1)
    school.clock.forward(LEASE_S)
    school.drain()
    assert school.states() == ["processed"]
    assert school.student().progress.sessions == 1


def test_an_item_whose_worker_died_is_tried_alone_and_the_rest_afterwards() -> None:
    school = School()
    school.send(record(0), record(1))
    with school.store() as uow:
        uow.inbox.claim(500, now=NOON, lease_s=LEASE_S)
        uow.commit()
    school.clock.forward(LEASE_S)
    first = school.drain()
    assert (first.claimed, first.processed, first.more) == (1, 1, True)
    school.drain()
    assert school.states() == ["processed", "processed"]


def test_an_item_that_kills_every_worker_is_given_up() -> None:
    school = School()
    school.send(record(0))
    for _ in range(MOST_TRIES):
        with school.store() as uow:
            assert len(uow.inbox.claim(500, now=school.clock(), lease_s=LEASE_S)) == 1
            uow.commit()
        school.clock.forward(LEASE_S)
    assert school.drain().failed == 1
    assert school.items()[0].last_error_code == "tries_used_up"


@settings(max_examples=25, deadline=None)
@given(st.data())
def test_however_batches_arrive_and_are_drained_the_result_is_the_same(data: st.DataObject) -> None:
    records = [
        record(n, score=data.draw(st.sampled_from([100, 480, 500])), accuracy=acc)
        for n, acc in enumerate(data.draw(st.lists(st.sampled_from([0.4, 0.9]), max_size=12)))
    ]

    def result(order: list[dict[str, Any]], sizes: list[int]) -> Any:
        school = School()
        for one, size in zip(order, sizes, strict=True):
            school.send(one)
            school.send(one)
            if size:
                school.drain(size)
        while school.drain(3).more:
            pass
        progress = school.student().progress
        return progress.xp, set(progress.achievements), progress.games, school.states()

    sizes = data.draw(st.lists(st.integers(0, 4), min_size=len(records), max_size=len(records)))
    order = data.draw(st.permutations(records))
    assert result(order, sizes) == result(records, [0] * len(records))


def test_a_failing_row_in_a_batch_leaves_no_half_of_it_behind() -> None:
    school = school_with_poison(ValueError("bad row"))
    school.send(record(0, score=POISON, accuracy=1.0))
    school.drain()
    assert school.store.tables.sessions == {}
    assert school.store.tables.unlocked == {}
    assert school.student().progress.sessions == 0
    school.store.fault = lambda _: None
    school.clock.forward(LONGEST_WAIT_S)
    school.drain()
    assert str(next(iter(school.store.tables.sessions))) == session_id(0)


@pytest.mark.parametrize(
    ("module", "rule"),
    [(drain_batch, "doubts"), (process_game_completion, "earned_by_session")],
    ids=["doubts", "badges"],
)
def test_an_item_at_which_a_rule_fails_is_set_aside_and_the_others_count(
    module: ModuleType, rule: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = getattr(module, rule)

    def fails(session: GameSession) -> Any:
        return known(session) if session.score != POISON else 1 / 0

    monkeypatch.setattr(module, rule, fails)
    school = School()
    school.send(*(record(n, score=POISON if n == 1 else 300) for n in range(3)))
    report = school.drain()
    assert (report.claimed, report.processed) == (3, 2)
    bad = school.items()[1]
    assert (bad.state, bad.last_error_code) == (InboxState.PENDING, "internal")
