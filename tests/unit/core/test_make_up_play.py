from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from neuroplay.core.entities.figures import RoundFilter
from neuroplay.core.entities.verification import Verdict
from neuroplay.core.rules.made_up_play import MadeUpChild, implausible
from neuroplay.core.rules.plausibility import check_possible, doubts
from neuroplay.core.rules.session_record import read_session
from neuroplay.core.system import UseCases
from neuroplay.core.use_cases.make_up_play import (
    FRESH_CHILDREN,
    MADE_UP_CHILDREN,
    UNSENT,
)
from tests.contract.test_figures import count
from tests.contract.test_sessions import session
from tests.fakes.ports import fake_ports
from tests.fakes.services import FakeClock
from tests.fakes.unit_of_work import FakeStore

NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize("seed", range(40))
def test_every_made_up_round_is_plausible_and_over(seed):
    last_end = NOW - timedelta(days=15)
    for records in MadeUpChild(random=Random(seed)).visits(NOW):
        for record in records:
            session = read_session(record, 1)
            check_possible(session)
            assert doubts(session) == []
            assert last_end < session.started_at < session.ended_at < NOW
            last_end = session.ended_at


@pytest.mark.parametrize("seed", range(40))
def test_the_doubtful_round_is_possible_but_doubtful(seed):
    for records in MadeUpChild(random=Random(seed)).visits(NOW):
        for record in records:
            session = read_session(implausible(record), 1)
            check_possible(session)
            assert doubts(session) == ["more_points_than_the_game"]


def demo_school() -> tuple[FakeStore, UseCases]:
    clock = FakeClock(NOW)
    store = FakeStore(clock)
    cases = UseCases(fake_ports(store, clock))
    cases.make_up_play.execute("Demo")
    return store, cases


def test_the_demo_class_has_two_weeks_of_counted_play_and_is_marked():
    _, cases = demo_school()
    ((school_class, number),) = cases.list_classes.execute()
    assert school_class.has_made_up_play
    assert number == FRESH_CHILDREN + MADE_UP_CHILDREN
    children = cases.list_students.execute("Demo")
    fresh, players = children[:FRESH_CHILDREN], children[FRESH_CHILDREN:]
    assert not any(one.progress.sessions for one in fresh)
    assert all(one.progress.sessions > 5 for one in players)
    counts = cases.sync_status.execute().counts
    assert counts.processed > 150
    assert (counts.held, counts.pending, counts.failed, counts.invalid) == (1, 0, 0, 0)


def test_the_books_of_made_up_play_are_right():
    _, cases = demo_school()
    for student in cases.list_students.execute("Demo"):
        assert cases.recompute.execute(student.student_id, correct=False) == []


def test_nothing_made_up_is_ever_ranked():
    store, _ = demo_school()
    sent = [item.payload["metadata"] for item in store.tables.inbox.values()]
    assert sent
    assert all(isinstance(one, dict) and "trace" not in one for one in sent)


def test_one_tablet_was_heard_days_ago_and_still_holds_games():
    _, cases = demo_school()
    ((device, silent_s),) = cases.list_devices.execute()
    assert device.pending == UNSENT
    assert silent_s == timedelta(days=2).total_seconds()


def exported(cases: UseCases, **whose: int) -> list[int]:
    everything = RoundFilter(verdicts=frozenset(Verdict))
    return [
        one.student_id for some in cases.export_rounds.execute(everything, **whose) for one in some
    ]


def test_nothing_made_up_is_exported_for_other_systems_wherever_the_child_is():
    store, cases = demo_school()
    *_, player = cases.list_students.execute("Demo")
    real = cases.create_class.execute("3A", ["Ana", "Bia"])
    ana, bia = (one.student.student_id for one in real.students)
    count(store, session(1, ana), session(2, bia))
    cases.move_student.execute(player.student_id, "3A")
    assert exported(cases) == [ana, bia]
    assert exported(cases, class_id=real.school_class.class_id) == [ana, bia]
    assert exported(cases, student_id=player.student_id) == []
    cases.merge_students.execute(player.student_id, into=ana)
    assert exported(cases) == [bia]


def test_a_class_is_marked_as_long_as_a_child_with_made_up_play_is_in_it():
    _, cases = demo_school()
    *_, player = cases.list_students.execute("Demo")
    cases.create_class.execute("3A", 1)
    cases.move_student.execute(player.student_id, "3A")
    found = {one.name: one.has_made_up_play for one, _ in cases.list_classes.execute()}
    assert found == {"3A": True, "Demo": True}
    cases.erase_student.execute(player.student_id)
    found = {one.name: one.has_made_up_play for one, _ in cases.list_classes.execute()}
    assert found == {"3A": False, "Demo": True}
