"""What adults read about classes and children, according to the Protocol."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from neuroplay.core.entities.figures import (
    STAMPED_S,
    ClassDevice,
    ClassFigures,
    CountedRound,
    GameFigures,
    PlayedDay,
    RoundFilter,
    StudentFigures,
)
from neuroplay.core.entities.student import OutboxReport
from neuroplay.core.entities.sync_item import InboxOutcome, InboxState
from neuroplay.core.entities.verification import Verdict
from neuroplay.core.use_cases.process_game_completion import ProcessGameCompletion
from tests.builders import a_principal
from tests.contract.inbox_steps import NOW, claim, finish, insert, item
from tests.contract.test_folding import ALL, fold_all
from tests.contract.test_retention import process
from tests.contract.test_sessions import session
from tests.fakes.unit_of_work import FakeStore

OTHER_TABLET = UUID(int=0xE)
MIDNIGHT = NOW.replace(hour=0)


def count(store, *sessions, verdict="verified"):
    """Count the sessions for their students, as a drain does."""
    with store() as uow:
        uow.students.lock([one.student_id for one in sessions])
        counting = ProcessGameCompletion(
            student_repo=uow.students,
            game_repo=uow.sessions,
            achievement_repo=uow.achievements,
            clock=lambda: NOW,
        )
        for one in sessions:
            counting.count(one, verdict=verdict)
        uow.commit()


def hear(store, principal, *, pending=None, at=NOW, oldest=None):
    with store() as uow:
        report = None if pending is None else OutboxReport(pending=pending, oldest=oldest)
        uow.devices.report(principal, report, now=at)
        uow.commit()


def of_student(store, student_id):
    with store() as uow:
        return uow.figures.of_student(student_id, now=NOW)


def ago(days: float = 0, hours: float = 0):
    return NOW - timedelta(days=days, hours=hours)


def test_without_anything_all_figures_are_nothing(store, school):
    with store() as uow:
        empty = uow.classes.add("Empty", "B0000").class_id
        uow.commit()
    with store() as uow:
        asked = [school.class_id, empty]
        assert uow.figures.of_classes(asked, now=NOW) == [
            ClassFigures(class_id=one) for one in asked
        ]
        assert uow.figures.of_classes([], now=NOW) == []
        bia = StudentFigures(student_id=school.bia, nickname="Bia", avatar="owl")
        assert uow.figures.of_students(school.class_id, now=NOW) == [
            StudentFigures(student_id=school.ana, nickname="Ana", avatar="fox"),
            bia,
        ]
        assert uow.figures.of_students(empty, now=NOW) == []
        assert uow.figures.of_student(school.bia, now=NOW) == bia
        assert uow.figures.of_student(4711, now=NOW) is None
        assert uow.figures.games(school.class_id, now=NOW) == []
        assert uow.figures.days(school.ana, since=ago(28)) == []
        assert uow.figures.rounds(school.ana, each=60) == []
        assert uow.figures.devices(school.class_id) == []


def test_a_class_is_the_sum_of_its_children(store, school):
    count(
        store,
        session(1, school.ana, ended=NOW),
        session(2, school.ana, ended=ago(3)),
        session(3, school.bia, ended=ago(6, 1), duration=60),
        session(4, school.bia, ended=ago(20)),
    )
    hear(store, school.principal(), pending=0, at=ago(hours=2))
    hear(store, school.principal(school.bia), pending=3, at=ago(hours=1))
    hear(store, school.principal(device_id=OTHER_TABLET), pending=2, at=ago(5))
    with store() as uow:
        assert uow.figures.of_classes([school.class_id], now=NOW) == [
            ClassFigures(
                class_id=school.class_id,
                played_today=1,
                played_week=2,
                seconds_today=120,
                seconds_week=300,
                games_week=3,
                last_heard=ago(hours=1),
                unsent_games=5,
                unsent_devices=2,
            )
        ]
        xp = {one.student_id: one.progress.xp for one in uow.students.by_class(school.class_id)}
        assert min(xp.values()) > 0
        assert uow.figures.of_students(school.class_id, now=NOW) == [
            StudentFigures(
                student_id=school.ana,
                nickname="Ana",
                avatar="fox",
                xp=xp[school.ana],
                last_heard=ago(hours=2),
                last_played=NOW,
                unsent=2,
                seconds_today=120,
                seconds_week=240,
                days_week=2,
                games_week=2,
            ),
            StudentFigures(
                student_id=school.bia,
                nickname="Bia",
                avatar="owl",
                xp=xp[school.bia],
                last_heard=ago(hours=1),
                last_played=ago(6, 1),
                unsent=3,
                seconds_week=60,
                days_week=1,
                games_week=1,
            ),
        ]


def test_a_stamp_stays_until_something_changes(store, school):
    def stamp(at=NOW):
        with store() as uow:
            return uow.figures.stamp([school.class_id], now=at)

    def change(do):
        def changed():
            with store() as uow:
                do(uow)
                uow.commit()

        return changed

    def hold():
        (taken,) = claim(store)
        finish(store, InboxOutcome(inbox_id=taken.inbox_id, state=InboxState.HELD, reasons=("x",)))

    with store() as uow:
        other = uow.classes.add("Other", "B0000").class_id
        caio = uow.students.add(other, "Caio", "cat").student_id
        uow.commit()
    changes = [
        lambda: hear(store, school.principal(), pending=1),
        lambda: hear(store, school.principal(), pending=1, at=ago(hours=-1)),
        lambda: hear(store, school.principal(device_id=OTHER_TABLET)),
        lambda: insert(store, school.principal(), item(1)),
        hold,
        lambda: count(store, session(1, school.ana, score=0, duration=1)),
        change(lambda uow: uow.students.rename(school.ana, "Anna", "fox")),
        change(lambda uow: uow.students.add(school.class_id, "Davi", "cat")),
        change(lambda uow: uow.students.move(school.bia, other)),
        change(lambda uow: uow.classes.save(replace(uow.classes.get(school.class_id), name="4A"))),
        change(lambda uow: uow.students.erase(school.ana)),
    ]
    known = [stamp()]
    for number, do in enumerate(changes):
        do()
        assert stamp() not in known, f"change {number}"
        known.append(stamp())
        assert stamp() == known[-1]
        # What happens in another class does not matter.
        count(store, session(100 + number, caio))
        assert stamp() == known[-1]
    assert stamp(NOW + timedelta(seconds=STAMPED_S)) != known[-1]


def test_many_classes_have_the_same_figures_as_few(store, school):
    with store() as uow:
        classes = [uow.classes.add(f"{n}B", f"B{n:04}").class_id for n in range(12)]
        students = [uow.students.add(one, "Caio", "cat").student_id for one in classes]
        uow.commit()
    count(
        store,
        *(session(n, one, ended=ago(n)) for n, one in enumerate(students)),
        session(90, students[0], ended=ago(1), duration=30, utc_offset_minutes=600),
        session(91, students[1], ended=MIDNIGHT, utc_offset_minutes=-60),
    )
    hear(store, a_principal(students[3]), pending=2)
    with store() as uow:
        together = uow.figures.of_classes(classes, now=NOW)
        alone = [found for one in classes for found in uow.figures.of_classes([one], now=NOW)]
    assert together == alone
    assert [one.games_week for one in together] == [2, 2, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0]


@pytest.mark.parametrize(
    ("offset", "ended", "today", "week"),
    [
        (-180, MIDNIGHT + timedelta(hours=2, minutes=59), False, True),
        (-180, MIDNIGHT + timedelta(hours=3), True, True),
        (0, MIDNIGHT, True, True),
        (0, MIDNIGHT - timedelta(seconds=1), False, True),
        (840, MIDNIGHT + timedelta(hours=9, minutes=59), False, True),
        (840, MIDNIGHT + timedelta(hours=10), True, True),
        (840, NOW + timedelta(hours=21, minutes=59), True, True),
        (840, NOW + timedelta(hours=22), False, False),
        (0, NOW + timedelta(hours=12), False, False),
        (0, MIDNIGHT - timedelta(days=6), False, True),
        (0, MIDNIGHT - timedelta(days=6, seconds=1), False, False),
        (-840, MIDNIGHT - timedelta(days=7) + timedelta(hours=14), False, True),
        (-840, MIDNIGHT - timedelta(days=7) + timedelta(hours=13, minutes=59), False, False),
    ],
)
def test_a_day_and_a_week_are_those_of_the_child(store, school, offset, ended, today, week):
    count(store, session(1, school.ana, ended=ended, utc_offset_minutes=offset))
    found = of_student(store, school.ana)
    assert (found.seconds_today, found.seconds_week) == (120 * today, 120 * week)
    assert (found.games_week, found.days_week) == (week, week)


def test_what_is_held_or_not_counted_yet_is_no_play(store, school):
    insert(store, school.principal(), *(item(n) for n in (1, 2, 3, 4)))
    taken = claim(store, 3)
    states = (InboxState.HELD, InboxState.REJECTED, InboxState.HELD)
    finish(
        store,
        *(
            InboxOutcome(inbox_id=one.inbox_id, state=state)
            for one, state in zip(taken, states, strict=True)
        ),
    )
    found = of_student(store, school.ana)
    assert (found.held, found.counting, found.games_week) == (2, 1, 0)
    with store() as uow:
        (of_class,) = uow.figures.of_classes([school.class_id], now=NOW)
    assert (of_class.held, of_class.counting, of_class.played_week) == (2, 1, 0)


def test_a_mismatch_was_played_and_says_nothing_about_accuracy(store, school):
    count(store, session(1, school.ana, accuracy=0.5), session(2, school.bia, accuracy=1.0))
    count(store, session(3, school.bia, accuracy=0.9, ended=ago(1)), verdict="mismatch")
    with store() as uow:
        assert uow.figures.games(school.class_id, now=NOW) == [
            GameFigures(game_type="cyber_runner", children=2, games_week=3, accuracy_week=0.75)
        ]


def test_a_game_of_nothing_but_mismatches_has_no_accuracy(store, school):
    count(store, session(1, school.ana), verdict="mismatch")
    count(store, session(2, school.ana, game_type="signal_stop", ended=ago(9)))
    with store() as uow:
        assert uow.figures.games(school.class_id, now=NOW) == [
            GameFigures(game_type="cyber_runner", children=1, games_week=1, accuracy_week=None)
        ]


def test_days_are_the_childs_own_even_if_the_zone_changes(store, school):
    late = MIDNIGHT + timedelta(hours=1)
    count(
        store,
        session(1, school.ana, ended=late, utc_offset_minutes=-180),
        session(2, school.ana, ended=late, utc_offset_minutes=0, duration=30),
        session(3, school.ana, ended=NOW, duration=60),
        session(4, school.ana, ended=ago(40)),
        session(5, school.bia),
    )
    with store() as uow:
        assert uow.figures.days(school.ana, since=ago(28)) == [
            PlayedDay(day=date(2026, 11, 24), seconds=120, games=1),
            PlayedDay(day=date(2026, 11, 25), seconds=90, games=2),
        ]


def test_rounds_are_the_newest_of_each_game_oldest_first(store, school):
    count(
        store,
        *(session(n, school.ana, ended=ago(n)) for n in (1, 2, 3)),
        session(4, school.ana, ended=ago(400), game_type="signal_stop", utc_offset_minutes=60),
        session(5, school.bia),
    )
    with store() as uow:
        rounds = uow.figures.rounds(school.ana, each=2)
    assert [(one.game_type, one.ended_at) for one in rounds] == [
        ("signal_stop", ago(400)),
        ("cyber_runner", ago(2)),
        ("cyber_runner", ago(1)),
    ]
    first = rounds[0]
    assert (first.difficulty, first.next_difficulty, first.utc_offset_minutes) == (2, 2, 60)
    assert (first.accuracy, first.duration_s, first.completed) == (0.8, 120, True)
    assert first.verdict == "verified"


def test_counted_rounds_are_found_by_verdict_and_time(store, school):
    count(
        store,
        session(2, school.bia),
        session(1, school.ana, ended=ago(1)),
        session(3, school.ana, ended=None),
    )
    count(store, session(4, school.ana, completed=False), verdict="mismatch")
    both = [school.bia, school.ana]

    def found(students, **which):
        with store() as uow:
            return [
                one.session_id.int for one in uow.figures.counted(students, RoundFilter(**which))
            ]

    assert found(both) == [1, 4, 2]
    assert found([school.bia]) == [2]
    assert found([]) == []
    assert found(both, verdicts=frozenset([Verdict.MISMATCH])) == [4]
    assert found(both, played_since=NOW) == [4, 2]
    early, late = ago(10_000), NOW.replace(year=2100)
    assert found(both, since=early, until=late) == [1, 4, 2]
    assert found(both, since=late) == []
    assert found(both, until=early) == []
    with store() as uow:
        (one,) = uow.figures.counted([school.bia], RoundFilter())
    assert one == CountedRound(
        session_id=UUID(int=2),
        student_id=school.bia,
        game_type="cyber_runner",
        game_version="1",
        score=300,
        duration=120,
        accuracy=0.8,
        completed=True,
        difficulty=2,
        next_difficulty=2,
        ended_at=NOW,
        utc_offset_minutes=-180,
        verdict=Verdict.VERIFIED,
    )


def test_folded_rounds_leave_when_the_last_one_was_played(store, school):
    process(store, school.principal(), 1, state="rejected")
    with store() as uow:
        uow.retention.settle([school.ana], ALL, limit=9)
        uow.commit()
    count(store, session(1, school.ana, ended=ago(2)))
    assert fold_all(store, school.ana) == [1]
    found = of_student(store, school.ana)
    assert (found.games_week, found.last_played) == (0, ago(2))
    with store() as uow:
        assert uow.figures.rounds(school.ana, each=60) == []


def test_an_erased_child_is_in_no_figure(store, school):
    count(store, session(1, school.ana), session(2, school.bia))
    insert(store, school.principal(), item(9))
    hear(store, school.principal(), pending=4)
    with store() as uow:
        uow.students.lock([school.ana])
        uow.students.erase(school.ana)
        uow.commit()
    with store() as uow:
        (found,) = uow.figures.of_classes([school.class_id], now=NOW)
        assert found == ClassFigures(
            class_id=school.class_id,
            played_today=1,
            played_week=1,
            seconds_today=120,
            seconds_week=120,
            games_week=1,
        )
        assert [one.student_id for one in uow.figures.of_students(1, now=NOW)] == [school.bia]
        assert uow.figures.devices(school.class_id) == []


def test_devices_come_with_each_of_their_students(store, school):
    with store() as uow:
        other = uow.classes.add("4A", "B0000").class_id
        caio = uow.students.add(other, "Caio", "cat").student_id
        uow.commit()
    hear(store, school.principal(), pending=2, at=ago(1), oldest=ago(2))
    hear(store, school.principal(school.bia, OTHER_TABLET), at=ago(1))
    hear(store, school.principal(school.bia), pending=0)
    hear(store, a_principal(caio, other), pending=9)
    device = school.principal().device_id
    known: dict[str, Any] = {"unsent": 0, "oldest": None}
    with store() as uow:
        assert uow.figures.devices(school.class_id) == [
            ClassDevice(
                device_id=device, student_id=school.bia, nickname="Bia", last_contact=NOW, **known
            ),
            ClassDevice(
                device_id=device,
                student_id=school.ana,
                nickname="Ana",
                unsent=2,
                oldest=ago(2),
                last_contact=ago(1),
            ),
            ClassDevice(
                device_id=OTHER_TABLET,
                student_id=school.bia,
                nickname="Bia",
                last_contact=ago(1),
                **known,
            ),
        ]


PLAYED = st.lists(
    st.tuples(
        st.sampled_from(["ana", "bia"]),
        st.integers(-2 * 24 * 60, 9 * 24 * 60),  # minutes ago
        st.integers(-840, 840),
        st.sampled_from(["cyber_runner", "signal_stop"]),
        st.sampled_from(["verified", "mismatch", "plausible"]),
    ),
    max_size=12,
)


@pytest.mark.slow
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(played=PLAYED)
def test_both_stores_give_the_same_figures(open_uow, played):
    fake = FakeStore()
    found = []
    for store in (fake, open_uow):
        with store() as uow:
            class_id = uow.classes.add("3A", uow_code(uow)).class_id
            ids = {
                name: uow.students.add(class_id, name, "fox").student_id for name in ("ana", "bia")
            }
            uow.commit()
        for number, (who, minutes, offset, game, verdict) in enumerate(played):
            one = session(
                class_id * 1000 + number,
                ids[who],
                ended=NOW - timedelta(minutes=minutes),
                utc_offset_minutes=offset,
                game_type=game,
                accuracy=0.5,  # whose mean is exact
            )
            count(store, one, verdict=verdict)
        with store() as uow:
            (of_class,) = uow.figures.of_classes([class_id], now=NOW)
            found.append(
                (
                    [getattr(of_class, name) for name in of_class.__slots__ if name != "class_id"],
                    [
                        (one.games_week, one.days_week, one.seconds_today, one.last_played)
                        for one in uow.figures.of_students(class_id, now=NOW)
                    ],
                    uow.figures.games(class_id, now=NOW),
                    [uow.figures.days(one, since=ago(4)) for one in ids.values()],
                )
            )
    assert found[0] == found[1]


def uow_code(uow):
    """A class code that is free."""
    return f"C{len(uow.classes.all()):04}"
