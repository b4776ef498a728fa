from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from loadprofiles.judge.findings import ACHIEVEMENT_XP, DOUBTED, Findings, examine
from neuroplay.core.rules import xp

GAMES = ("cyber_runner", "number_rush", "memory_pairs")


def made_id(number: int) -> str:
    return str(UUID(int=number + 1))


@dataclass
class FakeStudent:
    """What a server says of one student: rows that are listed, and what was counted."""

    rows: list[dict[str, Any]] = field(default_factory=list)
    counted: list[dict[str, Any]] = field(default_factory=list)
    badges: int = 2

    @classmethod
    def who_played(cls, games: int) -> FakeStudent:
        rows = [
            {
                "session_id": made_id(number),
                "state": "processed",
                "verdict": "plausible",
                "game_type": GAMES[number % 3],
                "score": 300,
                "xp_gained": 100 + number,
                "ended_at": "2026-11-24T12:00:00Z",
            }
            for number in range(games)
        ]
        return cls(rows=rows, counted=list(rows))

    def row(self, number: int) -> dict[str, Any]:
        """The row of this game, to be changed; what was counted stays."""
        place = [one["session_id"] for one in self.rows].index(made_id(number))
        self.rows[place] = dict(self.rows[place])
        return self.rows[place]

    def forget(self, numbers: Iterable[int]) -> None:
        """Lose these games without a trace."""
        gone = {made_id(number) for number in numbers}
        self.rows = [one for one in self.rows if one["session_id"] not in gone]
        self.counted = [one for one in self.counted if one["session_id"] not in gone]

    @property
    def progress(self) -> dict[str, Any]:
        plays = Counter(one["game_type"] for one in self.counted)
        return {
            "xp": sum(one["xp_gained"] for one in self.counted) + self.badges * ACHIEVEMENT_XP,
            "achievements": [{"id": str(n)} for n in range(self.badges)],
            "games": [{"game_type": name, "plays": times} for name, times in plays.items()],
            "sessions": {"processed": len(self.counted), "pending": 0, "held": 0},
        }

    def examined(self, acknowledged: Iterable[str]) -> Findings:
        found = Findings()
        examine(found, 7, acknowledged, self.progress, self.rows)
        return found


def ids(numbers: Iterable[int]) -> list[str]:
    return [made_id(number) for number in numbers]


GAMES_PLAYED = st.integers(1, 12)
SOME = st.sets(st.integers(0, 11))


def test_a_badge_is_worth_here_what_the_server_gives_for_it() -> None:
    assert ACHIEVEMENT_XP == xp.ACHIEVEMENT_XP


@given(games=GAMES_PLAYED, known=SOME)
def test_a_server_that_did_all_of_it_is_never_accused(games: int, known: set[int]) -> None:
    acknowledged = [number for number in known if number < games]
    found = FakeStudent.who_played(games).examined(ids(acknowledged))
    assert found == Findings(acknowledged=len(acknowledged), stored=len(acknowledged))


@given(games=GAMES_PLAYED, dropped=SOME)
def test_whatever_was_dropped_is_told_exactly(games: int, dropped: set[int]) -> None:
    student = FakeStudent.who_played(games)
    student.forget(dropped)
    found = student.examined(ids(range(games)))
    lost = len(dropped & set(range(games)))
    assert (found.lost, found.stored, found.counted_twice) == (lost, games - lost, 0)
    assert bool(found.examples) == bool(lost)


@given(games=GAMES_PLAYED, dropped=SOME)
def test_whatever_was_stored_and_never_counted_is_lost(games: int, dropped: set[int]) -> None:
    student = FakeStudent.who_played(games)
    gone = set(ids(dropped))
    student.counted = [one for one in student.counted if one["session_id"] not in gone]
    found = student.examined(ids(range(games)))
    assert (found.lost, found.counted_twice) == (len(dropped & set(range(games))), 0)
    assert bool(found.examples) == bool(found.lost)


@given(
    games=GAMES_PLAYED,
    doubled=st.dictionaries(st.integers(0, 11), st.integers(1, 3)),
    seen=st.sampled_from(["listed", "counted", "both"]),
)
def test_whatever_was_doubled_is_told_exactly(
    games: int, doubled: dict[int, int], seen: str
) -> None:
    student = FakeStudent.who_played(games)
    again = [student.rows[n] for n, times in doubled.items() if n < games for _ in range(times)]
    student.rows = student.rows + (again if seen != "counted" else [])
    student.counted = student.counted + (again if seen != "listed" else [])
    found = student.examined(ids(range(games)))
    assert (found.lost, found.counted_twice, found.stored) == (0, len(again), games)
    assert bool(found.examples) == bool(again)


@given(games=GAMES_PLAYED, dropped=SOME, doubled=SOME)
def test_one_dropped_game_never_makes_up_for_a_doubled_one(
    games: int, dropped: set[int], doubled: set[int]
) -> None:
    twice = {number for number in doubled - dropped if number < games}
    assume(twice)
    student = FakeStudent.who_played(games)
    student.counted = student.counted + [student.rows[number] for number in twice]
    student.forget(dropped)
    found = student.examined(ids(range(games)))
    assert found.lost == len(dropped & set(range(games)))
    assert found.counted_twice == len(twice)


def test_a_game_counted_for_another_is_lost_and_the_other_counted_twice() -> None:
    student = FakeStudent.who_played(3)
    student.counted = [student.rows[0], student.rows[0], student.rows[2]]
    found = student.examined(ids(range(3)))
    assert (found.lost, found.counted_twice) == (1, 1)
    assert found.examples


@pytest.mark.parametrize("by", [-1, 1, 100])
def test_xp_that_no_session_gave_is_told(by: int) -> None:
    student = FakeStudent.who_played(3)
    progress = {**student.progress, "xp": student.progress["xp"] + by}
    found = Findings()
    examine(found, 7, ids(range(3)), progress, student.rows)
    assert (found.counted_twice, found.lost) == ((1, 0) if by > 0 else (0, 1))
    assert "XP" in found.examples[0]


@pytest.mark.parametrize("state", ["failed", "rejected", "invalid", "conflict"])
def test_an_acknowledged_game_that_will_not_count_is_lost(state: str) -> None:
    student = FakeStudent.who_played(3)
    student.row(1).update(state=state, xp_gained=None)
    student.counted = [student.rows[0], student.rows[2]]
    found = student.examined(ids(range(3)))
    assert (found.lost, found.stored, found.counted_twice) == (1, 2, 0)
    assert f"is {state}" in found.examples[0]


def test_a_refused_record_of_the_same_id_is_no_second_session() -> None:
    student = FakeStudent.who_played(1)
    refused = {**student.rows[0], "state": "conflict", "verdict": None, "xp_gained": None}
    student.rows = [*student.rows, refused, {**refused, "session_id": None, "state": "invalid"}]
    student.rows.append(student.rows[-1])
    assert student.examined(ids([0])) == Findings(acknowledged=1, stored=1)


def test_what_still_waits_is_neither_lost_nor_counted() -> None:
    student = FakeStudent.who_played(2)
    student.row(1).update(state="pending", xp_gained=None, verdict=None)
    student.counted = student.rows[:1]
    assert student.examined(ids(range(2))) == Findings(acknowledged=2, stored=2, waiting=1)


@pytest.mark.parametrize(
    ("change", "counts"), [({"state": "held", "xp_gained": None}, 1), ({"verdict": "mismatch"}, 2)]
)
def test_a_game_that_is_doubted_is_told_so(change: dict[str, Any], counts: int) -> None:
    student = FakeStudent.who_played(2)
    student.row(1).update(change)
    student.counted = student.rows[:counts]
    assert student.examined(ids(range(2))) == Findings(acknowledged=2, stored=2, doubted=1)


def test_a_server_that_doubts_fair_games_has_a_fault() -> None:
    def faults(doubted: int) -> list[str]:
        return Findings(acknowledged=1000, stored=1000, doubted=doubted).faults()

    assert faults(int(1000 * DOUBTED)) == []
    [fault] = faults(int(1000 * DOUBTED) + 1)
    assert "held or a mismatch" in fault


def test_nothing_acknowledged_is_a_fault() -> None:
    assert Findings().faults() == ["no session was acknowledged"]


def test_students_that_could_not_be_read_are_a_fault() -> None:
    [fault] = Findings(acknowledged=1, unread=2).faults()
    assert "2 students could not be read" in fault


GOOD = FakeStudent.who_played(1)
NOT_JSON_LIKE = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from([*GOOD.rows[0], *GOOD.progress, "plays", "processed"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=8,
)


@given(progress=NOT_JSON_LIKE, rows=st.just(GOOD.rows) | NOT_JSON_LIKE)
def test_whatever_a_server_answers_instead_an_acknowledged_game_is_never_found(
    progress: Any, rows: Any
) -> None:
    found = Findings()
    examine(found, 7, ids([0]), progress, rows)
    assert found.unread or found.lost or found.counted_twice
    assert found.examples


@pytest.mark.parametrize("name", ["xp", "games", "sessions", "achievements"])
def test_progress_without_a_part_is_not_read(name: str) -> None:
    progress = {key: value for key, value in GOOD.progress.items() if key != name}
    found = Findings()
    examine(found, 7, ids([0]), progress, GOOD.rows)
    assert (found.unread, found.acknowledged, found.stored) == (1, 0, 0)


@given(
    parts=st.lists(st.builds(Findings, *[st.integers(0, 5)] * 7), max_size=5),
    many=st.integers(0, 30),
)
def test_findings_add_up_and_keep_few_examples(parts: list[Findings], many: int) -> None:
    whole = Findings()
    for part in parts:
        for number in range(many):
            part.wrong(str(number))
        whole.add(part)
    for name in ("acknowledged", "stored", "lost", "counted_twice", "waiting", "doubted", "unread"):
        assert getattr(whole, name) == sum(getattr(part, name) for part in parts)
    assert len(whole.examples) <= 10
    assert bool(whole.examples) == bool(parts and many)


def test_the_answers_that_are_read_are_those_of_the_api() -> None:
    """The rows above have the fields that the server's own documents have."""
    from neuroplay.core.entities.stored_session import ListedSession
    from neuroplay.core.entities.sync_item import InboxState
    from neuroplay.core.entities.verification import Verdict
    from neuroplay.documents import session_document

    row = session_document(
        ListedSession(
            session_id=UUID(made_id(0)),
            state=InboxState.PROCESSED,
            verdict=Verdict.PLAUSIBLE,
            game_type="cyber_runner",
            score=300,
            xp_gained=100,
            ended_at=None,
            inbox_id=1,
            received_at=datetime(2026, 1, 1, tzinfo=UTC),
        )
    )
    assert set(row) == set(GOOD.rows[0])
    assert json.loads(json.dumps(row)) == row
