from __future__ import annotations

from datetime import date, timedelta

import pytest

from neuroplay.core.entities.actor import Operator
from neuroplay.core.entities.game_catalogue import GAMES
from neuroplay.core.errors import NotFound
from neuroplay.core.use_cases.report_class import ClassReport, GameDay, ReportClass
from tests.builders import SmallClass, a_class
from tests.contract.inbox_steps import NOW
from tests.contract.test_figures import ago, count, hear
from tests.contract.test_sessions import session
from tests.fakes.unit_of_work import FakeStore


def reported(store: FakeStore, ref: str = "3A", weeks: int = 1) -> ClassReport:
    return ReportClass(uow=store, clock=lambda: NOW).execute(ref, weeks=weeks, by=Operator("maria"))


@pytest.fixture
def store() -> FakeStore:
    return FakeStore()


@pytest.fixture
def school(store: FakeStore) -> SmallClass:
    return a_class(store)


def test_each_child_has_every_day_and_the_games_of_the_catalogue_in_its_order(store, school):
    count(
        store,
        session(1, school.ana, ended=ago(1), game_type="signal_stop"),
        session(2, school.ana, ended=NOW),
        session(3, school.ana, ended=NOW + timedelta(minutes=5), duration=60),
    )
    hear(store, school.principal(), pending=2)
    found = reported(store)
    ana, bia = found.children
    assert [one.student.nickname for one in found.children] == ["Ana", "Bia"]
    assert [one.game_type for one in ana.games] == [
        game for game in GAMES if game in ("cyber_runner", "signal_stop")
    ]
    today = found.children[0].days[-1].day
    assert [one.day for one in ana.days] == [today - timedelta(days=n) for n in range(6, -1, -1)]
    assert [one.seconds for one in ana.days][-2:] == [120, 180]
    assert (ana.figures.unsent, ana.figures.last_heard) == (2, NOW)
    assert (bia.games, sum(one.games for one in bia.days)) == ([], 0)
    assert found.rounds == 3


def test_a_day_has_the_level_of_its_last_round_and_the_mean_without_mismatches(store, school):
    count(
        store,
        session(1, school.ana, ended=ago(hours=2), accuracy=0.6, metadata={"difficulty": 3}),
        session(2, school.ana, ended=ago(hours=1), accuracy=0.8, metadata={"difficulty": 4}),
    )
    count(
        store,
        session(3, school.ana, ended=NOW, accuracy=1.0, completed=False),
        verdict="mismatch",
    )
    (game,) = reported(store).children[0].games
    (day,) = game.days
    assert (day.rounds, day.level) == (3, 2)
    assert day.right == pytest.approx(0.7)
    assert (game.last_played, game.next_level, game.rounds) == (NOW, 4, 3)


def test_a_day_of_mismatches_alone_has_no_share_of_right_answers(store, school):
    count(store, session(1, school.ana, ended=NOW, completed=False), verdict="mismatch")
    (game,) = reported(store).children[0].games
    assert [one.right for one in game.days] == [None]
    assert game.next_level is None


def test_days_are_those_of_the_childs_calendar_and_of_the_weeks_asked_for(store, school):
    night = NOW.replace(hour=2)  # the evening before, where the child is
    count(
        store,
        session(1, school.ana, ended=night),
        session(2, school.ana, ended=ago(7)),
        session(3, school.ana, ended=ago(13)),
        session(4, school.ana, ended=ago(14)),
    )
    today = date(NOW.year, NOW.month, NOW.day)
    (game,) = reported(store).children[0].games
    assert game.days == [GameDay(day=today - timedelta(days=1), rounds=1, level=2, right=0.8)]
    (game,) = reported(store, weeks=2).children[0].games
    assert [(today - one.day).days for one in game.days] == [13, 7, 1]


def test_a_class_without_children_or_play_gives_an_empty_report(store, school):
    with store() as uow:
        uow.classes.add("Empty", "B0000")
        uow.commit()
    found = reported(store, "Empty")
    assert (found.children, found.rounds, found.utc_offset_minutes) == ([], 0, 0)
    assert [one.games for one in reported(store).children] == [[], []]


def test_the_audit_says_who_made_the_report_of_which_class(store, school):
    reported(store, weeks=4)
    (entry,) = [one for one in store.tables.audit if one["what"] == "class reported"]
    assert (entry["who"], entry["target"]) == ("maria", f"class {school.class_id}")
    assert entry["details"] == {"weeks": 4}


def test_there_is_no_report_of_an_unknown_class(store, school):
    with pytest.raises(NotFound):
        reported(store, "9Z")
