from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from neuroplay.core.entities.play_days import PlayDays
from neuroplay.core.entities.student import Progress
from neuroplay.core.errors import NotFound, Refused
from neuroplay.core.use_cases.read_progress import (
    Leaderboard,
    ReadLeaderboard,
    ReadProgress,
    ReadSessions,
    Streak,
    StudentProgress,
    streak_of,
    week_start,
)
from tests.builders import a_principal
from tests.fakes.services import NOON
from tests.unit.core.samples import School, record, session_id


def me(school: School) -> StudentProgress:
    return ReadProgress(uow=school.store, clock=school.clock).execute(school.principal())


def board(school: School, student: int | None = None) -> Leaderboard:
    return ReadLeaderboard(uow=school.store, clock=school.clock).execute(
        school.principal(student), "cyber_runner"
    )


def test_a_new_student_has_everything_at_its_beginning() -> None:
    found = me(School())
    assert found.student.progress == Progress()
    assert found.streak == Streak(days=0, today=False, last_day=None)


def test_the_minutes_of_the_class_are_those_of_the_child() -> None:
    school = School()
    assert me(school).day_minutes == 30
    with school.store() as uow:
        known = uow.classes.lock([school.class_id])[school.class_id]
        uow.classes.save(replace(known, day_minutes=20))
        uow.commit()
    assert me(school).day_minutes == 20


def test_what_waits_and_what_is_held_is_counted() -> None:
    school = School()
    school.send(record(0), record(1, duration=3000, ended=NOON))
    school.drain()
    school.send(record(2))
    counts = me(school).counts
    assert (counts.processed, counts.pending, counts.held) == (1, 1, 1)


@pytest.mark.parametrize(
    ("days_ago", "streak"),
    [
        ([0], (1, True)),
        ([1], (1, False)),
        ([2, 1, 0], (3, True)),
        ([4, 3, 2], (3, False)),
        ([3], (0, False)),
        ([5, 4, 1], (1, False)),
    ],
)
def test_a_streak_lives_until_it_is_over_everywhere(
    days_ago: list[int], streak: tuple[int, bool]
) -> None:
    school = School()
    school.send(
        *(
            record(n, ended=NOON - timedelta(days=ago), utc_offset_minutes=0)
            for n, ago in enumerate(days_ago)
        )
    )
    school.drain()
    found = me(school).streak
    assert (found.days, found.today) == streak


def test_a_day_of_a_clock_that_was_far_ahead_ends_no_streak() -> None:
    school = School()
    now = school.clock.now
    school.clock.now = now + timedelta(days=400)
    school.send(record(1, ended=school.clock.now - timedelta(hours=1), utc_offset_minutes=0))
    school.drain()
    school.clock.now = now
    school.send(record(2, ended=now - timedelta(hours=1), utc_offset_minutes=0))
    school.drain()
    assert me(school).streak == Streak(days=1, today=True, last_day=now.date())


@given(st.sets(st.integers(-8, 5)))
def test_days_that_have_not_begun_anywhere_are_in_no_streak(ago: set[int]) -> None:
    today = NOON.date()
    found = streak_of(PlayDays(today + timedelta(days=n) for n in ago), today=today)
    begun = sorted(n for n in ago if n <= 1)
    last = begun[-1] if begun else None
    run = 0
    while last is not None and last >= -2 and last - run in ago:
        run += 1
    last_day = None if last is None else today + timedelta(days=last)
    assert found == Streak(days=run, today=last is not None and last >= 0, last_day=last_day)


def test_an_erased_student_is_told_so() -> None:
    school = School()
    gone = school.principal(99)
    reads = [
        lambda: ReadProgress(uow=school.store, clock=school.clock).execute(gone),
        lambda: ReadLeaderboard(uow=school.store, clock=school.clock).execute(gone, "cyber_runner"),
    ]
    for read in reads:
        with pytest.raises(Refused) as refused:
            read()
        assert refused.value.code == "student_erased"


def test_sessions_come_newest_first_page_by_page_whatever_their_state() -> None:
    school = School()
    for number in range(5):
        school.send(record(number, score=-1 if number == 3 else 100))
        school.clock.forward(1)
        if number == 1:
            school.drain()
    read = ReadSessions(uow=school.store)
    found, cursor = [], None
    for _ in range(3):
        page = read.execute(school.principal(), cursor, 2)
        found += page.sessions
        cursor = page.next
    assert cursor is None
    assert [str(row.session_id) for row in found] == [session_id(n) for n in (4, 3, 2, 1, 0)]
    assert [row.state for row in found] == [
        "pending",
        "invalid",
        "pending",
        "processed",
        "processed",
    ]
    assert found[3].xp_gained == 100 + 50 + 50
    assert found[0].verdict is None


@pytest.mark.parametrize("cursor", ["x", "é", "\ud800", "AAAA", "MjAyNnwx", "a" * 999, "=", "%"])
def test_a_cursor_that_is_none_of_ours_is_refused(cursor: str) -> None:
    with pytest.raises(Refused) as refused:
        ReadSessions(uow=School().store).execute(School().principal(), cursor)
    assert refused.value.code == "bad_cursor"


def test_the_board_shows_five_of_the_own_class_and_ones_own_place() -> None:
    school = School()
    with school.store() as uow:
        more = [uow.students.add(school.class_id, f"child {n}", "cat").student_id for n in range(5)]
        other = uow.classes.add("3B", "WWWWW").class_id
        stranger = uow.students.add(other, "Stranger", "bear").student_id
        uow.commit()
    for number, student in enumerate([school.ana, school.bia, *more, stranger]):
        school.send(record(number, score=400 - number), student=student)
    school.send(record(20, score=100), student=school.ana)
    school.drain()
    assert board(school, more[4]).top == []
    rows = school.store.tables.sessions
    rows.update({key: replace(row, verdict="verified") for key, row in rows.items()})
    found = board(school, more[4])
    assert [row.score for row in found.top] == [400, 399, 398, 397, 396]
    assert found.top[0] == (school.ana, "Ana", "fox", 400)
    assert found.own == (7, (more[4], "child 4", "cat", 394))
    assert found.since == datetime(2026, 11, 23, tzinfo=UTC)


def test_last_weeks_and_held_sessions_are_not_on_the_board() -> None:
    school = School()
    school.send(record(0, ended=NOON - timedelta(days=5)), record(1, duration=3000, ended=NOON))
    school.drain()
    found = board(school)
    assert (found.top, found.own) == ([], None)


def test_a_round_of_a_clock_that_was_ahead_is_on_no_board_before_its_week() -> None:
    school = School()
    school.send(record(0, score=400))
    school.drain()
    rows = school.store.tables.sessions
    rows.update({key: replace(row, verdict="verified") for key, row in rows.items()})

    def places(moment: datetime) -> int:
        asked = ReadLeaderboard(uow=school.store, clock=lambda: moment)
        return len(asked.execute(school.principal(), "cyber_runner").top)

    weeks = (NOON + timedelta(weeks=n) for n in (-1, 0, 1))
    assert [places(week) for week in weeks] == [0, 1, 0]


def test_a_class_can_switch_its_board_off() -> None:
    school = School()
    with school.store() as uow:
        quiet = uow.classes.add("Quiet", "QQQQQ", leaderboard_enabled=False).class_id
        child = uow.students.add(quiet, "Caio", "owl").student_id
        uow.commit()
    asked = ReadLeaderboard(uow=school.store, clock=school.clock)
    with pytest.raises(Refused) as refused:
        asked.execute(a_principal(child, quiet), "cyber_runner")
    assert refused.value.code == "leaderboard_off"


def test_an_unknown_game_has_no_board() -> None:
    school = School()
    with pytest.raises(NotFound):
        ReadLeaderboard(uow=school.store, clock=school.clock).execute(school.principal(), "chess")


def test_a_week_begins_on_monday_in_utc() -> None:
    monday = datetime(2026, 11, 23, tzinfo=UTC)
    for moment in (monday, NOON, monday + timedelta(days=6, hours=23, minutes=59)):
        assert week_start(moment) == monday
