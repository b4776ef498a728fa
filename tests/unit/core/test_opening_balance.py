"""Folding changes nothing that a child or an operator can count."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from neuroplay.core.entities.game_catalogue import GAMES
from neuroplay.core.entities.game_session import GameSession
from neuroplay.core.entities.opening_balance import CountedSession, OpeningBalance
from neuroplay.core.entities.retention import RetentionPolicy
from neuroplay.core.entities.student import Progress, Student
from neuroplay.core.rules.retention import months_before
from neuroplay.core.rules.xp import xp_for
from neuroplay.core.use_cases.opening_balance import fold, opening_progress, together
from neuroplay.core.use_cases.recompute import Recompute, differences, progress_of
from neuroplay.core.use_cases.retain import Retain
from tests.fakes.services import NOON
from tests.unit.core.samples import School, record

ANA = Student(student_id=1, class_id=1, nickname="Ana", avatar="fox", created_at=NOON)
FOLDED_BEFORE = months_before(NOON, 3)
"""Where the games of these tests are played about."""

POLICY = RetentionPolicy(trace_days=1, raw_days=1, keep_months=3)


def played(number: int, changes: dict[str, Any]) -> dict[str, Any]:
    """A record; its number says when it was played, half a day after the one before."""
    ended = FOLDED_BEFORE + timedelta(hours=13 * (number - 30))
    return record(number, ended=ended, **changes)


CHANGES = st.fixed_dictionaries(
    {
        "game_type": st.sampled_from(sorted(GAMES)),
        "score": st.integers(0, 600),
        "accuracy": st.sampled_from([0.4, 0.6, 0.75, 0.9]),
        "completed": st.booleans(),
        "utc_offset_minutes": st.sampled_from([-720, -180, 0, 330, 840]),
    }
)
NUMBERS = st.lists(st.integers(0, 60), unique=True, min_size=1, max_size=40)
STEPS = st.lists(st.sampled_from(["send", "send", "drain", "retain", "again"]), max_size=30)


@dataclass
class Life:
    """A child's games as they arrive, in one school that folds and in one that does not."""

    records: list[dict[str, Any]]

    def __post_init__(self) -> None:
        self.folding, self.whole = School(), School()
        self.sent: list[dict[str, Any]] = []
        self.left = list(self.records)

    def step(self, name: str) -> None:
        school = self.folding
        if name == "send" and self.left:
            one = self.left.pop()
            self.sent.append(one)
            school.send(one)
        elif name == "again":
            assert {r.status for r in school.send(*self.sent)} <= {"duplicate"}
        elif name == "drain":
            school.drain()
        elif name == "retain":
            school.clock.forward(2 * 86_400)
            Retain(uow=school.store, retention=POLICY, timer=lambda: 0.0).execute()

    def ends(self) -> None:
        for name in (*["send"] * len(self.left), "drain", "retain", "again", "drain", "retain"):
            self.step(name)
        self.whole.send(*self.records)
        self.whole.drain()


@settings(max_examples=60)
@given(numbers=NUMBERS, steps=STEPS, data=st.data())
def test_whatever_is_folded_when_all_counts_as_if_nothing_had_been(
    numbers: list[int], steps: list[str], data: st.DataObject
) -> None:
    life = Life([played(number, data.draw(CHANGES)) for number in numbers])
    for name in steps:
        life.step(name)
    life.ends()
    folding, whole = life.folding, life.whole
    assert differences(folding.student(), whole.student().progress) == []
    assert folding.student().progress.sessions == whole.states().count("processed")
    recompute = Recompute(uow=folding.store, clock=folding.clock)
    assert recompute.execute(folding.ana, correct=False) == []


@given(numbers=NUMBERS, data=st.data())
def test_a_balance_does_not_depend_on_what_was_folded_together(
    numbers: list[int], data: st.DataObject
) -> None:
    counted = [_counted(number, data.draw(CHANGES)) for number in numbers]
    cut = data.draw(st.integers(0, len(counted)))
    parts = [part for part in (fold(counted[:cut]), fold(counted[cut:])) if part]
    games = dict(parts[0][1].games)
    for name, one in (parts[1][1].games if len(parts) > 1 else {}).items():
        games[name] = together(one, games[name]) if name in games else one
    assert games == fold(counted)[1].games
    sessions = [one.session for one in counted]
    by_balance = progress_of(ANA, [], fold(counted)[1])
    assert differences(replace(ANA, progress=by_balance), progress_of(ANA, sessions)) == []


def _counted(number: int, changes: dict[str, Any]) -> CountedSession:
    ended = FOLDED_BEFORE + timedelta(hours=13 * number)
    known = {"duration": 120, "metadata": {"difficulty": 2}, **changes}
    session = GameSession(session_id=UUID(int=number), student_id=1, ended_at=ended, **known)
    rating = session.get_performance_rating()
    xp = xp_for(session.score, completed=session.completed, rating=rating)
    return CountedSession(session=session, xp_gained=xp, rating=rating)


def test_nothing_folded_is_no_progress() -> None:
    assert opening_progress(OpeningBalance()) == Progress()


def test_a_streak_that_an_old_game_closes_counts_the_folded_days() -> None:
    """Days one and three are folded; the game of the day between arrives years later."""

    def of_day(number: int) -> dict[str, Any]:
        return record(number, ended=NOON - timedelta(days=400 - number))

    school = School()
    school.send(of_day(1), of_day(3))
    school.drain()
    retain_late(school)
    assert school.store.tables.sessions == {}
    assert set(school.student().progress.achievements) == set()
    school.send(of_day(2))
    school.drain()
    assert set(school.student().progress.achievements) == {"streak_3"}
    retain_late(school)
    assert Recompute(uow=school.store, clock=school.clock).execute(school.ana, correct=False) == []


def retain_late(school: School) -> None:
    school.clock.forward(2 * 86_400)
    Retain(uow=school.store, retention=POLICY, timer=lambda: 0.0).execute()


def test_days_are_those_of_the_childs_calendar() -> None:
    at = datetime(2026, 3, 1, 1, 30, tzinfo=UTC)
    one = _counted(1, {"game_type": "cyber_runner", "score": 1, "accuracy": 1, "completed": True})
    played_at = [
        replace(one, session=replace(one.session, ended_at=at, utc_offset_minutes=offset))
        for offset in (-180, 0)
    ]
    assert fold(played_at)[1].days == {
        date(2026, 2, 28): (at, at),
        date(2026, 3, 1): (at, at),
    }
