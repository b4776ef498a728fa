"""Folding old sessions into opening balances, according to the Protocol."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

from neuroplay.core.entities.game_catalogue import GAMES
from neuroplay.core.entities.opening_balance import CountedSession, OpeningBalance
from neuroplay.core.entities.retention import Cutoff, Cutoffs, Removed
from neuroplay.core.use_cases.opening_balance import fold
from neuroplay.core.use_cases.recompute import differences, progress_of
from tests.contract.inbox_steps import CONFLICT, DUPLICATE, NOW, insert, item
from tests.contract.test_retention import LATER, process
from tests.contract.test_sessions import add, session

OLD = Cutoffs(usual=Cutoff(raw=LATER, sessions=NOW - timedelta(days=1)))
ALL = Cutoffs(usual=Cutoff(raw=LATER, sessions=LATER))


def play(store, principal, *sessions, verdict="verified"):
    """Sessions with a settled record."""
    for one in sessions:
        process(store, principal, one.session_id.int, state="rejected")
    with store() as uow:
        uow.retention.settle([principal.student_id], ALL, limit=999)
        add(uow, *sessions, verdict=verdict)
        uow.commit()


def fold_all(store, *students, cutoffs=ALL, limit=999):
    with store() as uow:
        counted = uow.retention.count(students, cutoffs)
        owing = uow.retention.owing(students, cutoffs)
        found = uow.retention.foldable(students, cutoffs, limit=limit)
        assert counted.sessions >= len(found)
        assert bool(found) == bool(owing)
        uow.retention.fold(fold(found), [one.session.session_id for one in found])
        uow.commit()
    return [one.session.session_id.int for one in found]


def test_an_old_session_without_a_record_is_read_with_what_it_gave(store, school):
    old = session(1, school.ana, ended=NOW - timedelta(days=2), completed=False)
    play(store, school.principal(), old, session(2, school.ana))
    with store() as uow:
        assert uow.retention.count([school.ana], OLD) == Removed(sessions=1)
        (found,) = uow.retention.foldable([school.ana], OLD, limit=9)
        assert uow.retention.foldable([school.bia], OLD, limit=9) == []
    levels = {"difficulty": 2, "next_difficulty": 2}
    assert found == CountedSession(
        session=replace(old, started_at=None, metadata=levels), xp_gained=400, rating="good"
    )


def test_what_has_a_record_or_is_to_be_verified_is_not_folded(store, school):
    trace = {"difficulty": 2, "seed": 7, "trace": [30, 1]}
    play(store, school.principal(), session(2, school.ana, metadata=trace), verdict="plausible")
    assert fold_all(store, school.ana) == []
    play(store, school.principal(), session(3, school.ana), verdict="plausible")
    assert fold_all(store, school.ana) == [3]
    process(store, school.principal(), 1)
    with store() as uow:
        assert uow.retention.foldable([school.ana], ALL, limit=9) == []


def test_no_more_than_the_limit_is_folded_at_once(store, school):
    play(store, school.principal(), *(session(n, school.ana) for n in (1, 2, 3)))
    assert len(fold_all(store, school.ana, school.bia, limit=2)) == 2
    assert len(fold_all(store, school.ana, school.bia, limit=2)) == 1


def test_the_id_of_a_folded_session_stays(store, school):
    play(store, school.principal(), session(1, school.ana))
    fold_all(store, school.ana)
    with store() as uow:
        assert uow.sessions.of_student(school.ana) == []
        assert uow.sessions.existing([UUID(int=1)]) == {UUID(int=1)}
        assert uow.sessions.page(school.ana, None, 9) == []
        assert uow.sessions.result(UUID(int=1)) is None
    assert insert(store, school.principal(), item(1)) == [CONFLICT]
    (sent,) = process(store, school.principal(), 2)
    with store() as uow:
        uow.retention.settle([school.ana], ALL, limit=9)
        uow.commit()
    assert fold_all(store, school.ana) == [2]
    assert insert(store, school.principal(), sent) == [DUPLICATE]


def test_the_ends_of_folded_days_are_still_known(store, school):
    hour = timedelta(hours=1)
    first, last = NOW - 30 * hour, NOW - 28 * hour
    play(
        store,
        school.principal(),
        session(1, school.ana, ended=first),
        session(2, school.ana, ended=last),
        session(3, school.ana),
    )
    fold_all(store, school.ana, cutoffs=OLD)
    with store() as uow:
        day = date(2026, 11, 24)
        assert uow.sessions.ends_between(school.ana, day, day) == (first, last)
        assert uow.sessions.ends_between(school.ana, day, NOW.date()) == (first, NOW)
        assert uow.sessions.ends_between(school.ana, NOW.date(), NOW.date()) == (NOW, NOW)
        before = day - timedelta(days=1)
        assert uow.sessions.ends_between(school.ana, before, before) is None


def test_an_erasure_takes_the_balance_too(store, school):
    play(store, school.principal(), session(1, school.ana))
    fold_all(store, school.ana)
    with store() as uow:
        assert uow.students.erase(school.ana)["opening_balances"] == 1
        uow.commit()
    with store() as uow:
        assert uow.sessions.opening_balance(school.ana) == OpeningBalance()


def test_folded_bit_by_bit_in_any_order_the_balance_is_that_of_all(store, school):
    """Both students' sessions, with games of all kinds and equal ends among them."""
    rng = random.Random(15)
    played = [
        session(
            number,
            (school.ana, school.bia)[number % 2],
            ended=NOW - timedelta(hours=rng.randrange(400)),
            game_type=rng.choice(sorted(GAMES)),
            score=rng.randrange(900),
            accuracy=rng.choice([0.5, 0.9]),
            completed=rng.random() < 0.7,
            utc_offset_minutes=rng.choice([-720, 0, 840]),
            metadata={"difficulty": rng.randrange(1, 4), "next_difficulty": rng.randrange(1, 4)},
        )
        for number in range(1, 61)
    ]
    arriving = rng.sample(played, 60)
    for start in range(0, 60, 15):
        for one in arriving[start : start + 15]:
            play(store, school.principal(one.student_id), one)
        fold_all(store, school.ana, school.bia)
    as_stored = [CountedSession(session=one, xp_gained=400, rating="good") for one in played]
    whole = fold(as_stored)
    with store() as uow:
        for student_id in (school.ana, school.bia):
            assert uow.sessions.opening_balance(student_id) == whole[student_id]
            student = uow.students.get(student_id)
            alone = progress_of(student, [], uow.sessions.opening_balance(student_id))
            one_by_one = progress_of(
                student, [one for one in played if one.student_id == student_id]
            )
            found = differences(replace(student, progress=alone), one_by_one)
            # The rounds were stored with made up XP and ratings.
            assert {one.what for one in found} <= {"xp", "excellent_sessions", "achievements"}
