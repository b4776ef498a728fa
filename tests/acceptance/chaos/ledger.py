"""Compares the tablets' games with those in PostgreSQL."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import psycopg2

from neuroplay.core.rules.session_record import read_session
from neuroplay.core.use_cases.process_game_completion import ProcessGameCompletion
from tests.acceptance.installation import Installation, Session
from tests.fakes.people import FakeStudents
from tests.fakes.sessions import FakeAchievements, FakeSessions
from tests.fakes.tables import Tables

Played = dict[str, tuple[int, Session]]
"""By session id: the student's id, and the record as the tablet sends it."""


@dataclass
class Ledger:
    """Written by every tablet; a game is `acknowledged` when its own receipt said so."""

    played: Played = field(default_factory=dict)
    acknowledged: set[str] = field(default_factory=set)
    answers: Counter[str] = field(default_factory=Counter)
    complaints: list[str] = field(default_factory=list)
    """Answers that no tablet should ever get."""
    latest: str = ""
    moments: list[float] = field(default_factory=list)
    """When games were acknowledged, by the monotonic clock."""
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def plays(self, student_id: int, session: Session) -> None:
        with self._lock:
            self.played[session["session_id"]] = student_id, session

    def acknowledges(self, session_ids: Iterable[str]) -> None:
        with self._lock:
            for session_id in session_ids:
                self.acknowledged.add(session_id)
                self.latest = session_id
                self.moments.append(time.monotonic())

    def hears(self, answer: str) -> None:
        with self._lock:
            self.answers[answer] += 1

    def complains(self, text: str) -> None:
        with self._lock:
            self.complaints.append(text)

    def longest_silence(self, since: float) -> float:
        """The longest time after `since` in which no game was acknowledged, in seconds."""
        with self._lock:
            moments = [since, *(moment for moment in self.moments if moment > since)]
        return max(later - earlier for earlier, later in pairwise([*moments, time.monotonic()]))

    def all_played(self) -> Played:
        with self._lock:
            return dict(self.played)

    def all_acknowledged(self) -> set[str]:
        with self._lock:
            return set(self.acknowledged)


@dataclass(frozen=True, kw_only=True)
class Balance:
    """The two sides compared. `lost` are acknowledged games that are not stored; `twice` games
    that are stored or counted more than once; `waiting` acknowledged ones that are not processed
    yet; `astray` those in a state that no honest game should reach; `wrong_xp` students whose XP
    is not what the rules give for their processed games."""

    acknowledged: int
    stored: int
    lost: list[str]
    twice: list[str]
    waiting: int
    astray: list[str]
    wrong_xp: dict[int, tuple[int, int]]

    @property
    def holds(self) -> bool:
        return not (self.lost or self.twice or self.astray or self.wrong_xp)

    def __str__(self) -> str:
        return (
            f"acknowledged {self.acknowledged}, stored {self.stored}, lost {len(self.lost)}, "
            f"counted twice {len(self.twice)}, waiting {self.waiting}, "
            f"wrong XP {len(self.wrong_xp)}"
        )


def balance(system: Installation, ledger: Ledger) -> Balance:
    """Compare, on one snapshot of the database. Tablets go on meanwhile: what was acknowledged is
    read before it, since all of that must be stored, and what was played after it, since
    everything stored must be among that."""
    acknowledged = ledger.all_acknowledged()
    inbox, counted, students = read_store(system)
    played = ledger.all_played()
    states: dict[str, list[str]] = {}
    for session_id, state in inbox:
        states.setdefault(session_id, []).append(state)
    ours = states.keys() & played.keys()
    processed = {i for i in ours if "processed" in states[i]}
    in_sessions = counted.keys() & played.keys()
    twice = [i for i in ours if len(states[i]) > 1]
    twice += [i for i, number in counted.items() if number > 1]
    players = {owner for owner, _ in played.values()}
    expected = xp_by_the_rules(played, in_sessions)
    wrong_xp = {
        student_id: (students[student_id][0], expected.get(student_id, 0))
        for student_id in players
        if students[student_id][0] != expected.get(student_id, 0)
    }
    for student_id in players:  # others have tablets of another ledger
        sessions = students[student_id][1]
        own = sum(1 for i in counted if i in played and played[i][0] == student_id)
        twice += [f"student {student_id}: {sessions} of {own}"] * (sessions > own)
    return Balance(
        acknowledged=len(acknowledged),
        stored=len(acknowledged & states.keys()),
        lost=sorted((acknowledged - states.keys()) | (processed ^ in_sessions)),
        twice=twice,
        waiting=sum(1 for i in acknowledged if states.get(i) == ["pending"]),
        astray=[f"{i} {states[i]}" for i in ours if not {"pending", "processed"} >= {*states[i]}],
        wrong_xp=wrong_xp,
    )


def read_store(
    system: Installation,
) -> tuple[list[tuple[str, str]], dict[str, int], dict[int, tuple[int, int]]]:
    """(id, state) of each inbox row; how often each id is in game_sessions; (xp, sessions) of
    each student: all of one moment."""
    socket = f"postgresql://neuroplay@/neuroplay?host={system.runtime / 'pg'}"
    connection = psycopg2.connect(system.settings.get("DATABASE_URL", socket))
    try:
        connection.set_session(isolation_level="REPEATABLE READ", readonly=True)
        with connection, connection.cursor() as cursor:
            cursor.execute("SELECT session_id::text, state FROM sync_inbox")
            inbox = cursor.fetchall()
            cursor.execute("SELECT session_id::text, count(*) FROM game_sessions GROUP BY 1")
            counted = dict(cursor.fetchall())
            cursor.execute("SELECT student_id, xp, sessions FROM students")
            students = {row[0]: (row[1], row[2]) for row in cursor.fetchall()}
    finally:
        connection.close()
    return inbox, counted, students


def xp_by_the_rules(played: Played, session_ids: Iterable[str]) -> dict[int, int]:
    """By student, the XP that the core gives for these games and no others."""
    tables = Tables()
    students = FakeStudents(tables)
    process = ProcessGameCompletion(
        student_repo=students,
        game_repo=FakeSessions(tables),
        achievement_repo=FakeAchievements(tables),
    )
    numbers: dict[int, int] = {}
    for session_id in sorted(session_ids, key=lambda i: str(played[i][1]["ended_at"])):
        student_id, record = played[session_id]
        if student_id not in numbers:
            numbers[student_id] = students.add(1, "", "").student_id
        process.count(read_session(record, numbers[student_id]))
    return {
        student_id: student.progress.xp
        for student_id, number in numbers.items()
        if (student := students.get(number)) is not None
    }


def differences(system: Installation) -> Mapping[str, Any] | None:
    """What `neuroplay db recompute --dry-run` finds different: None for nothing."""
    ended = system.run("db", "recompute", "--dry-run", "--json")
    return None if ended.code == 0 else {"code": ended.code, "out": ended.out, "err": ended.err}
