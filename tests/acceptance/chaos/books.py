"""What the database holds of rounds, as an event of a history, and what the history then shows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg2

from tests.acceptance.chaos.checker import Checker, Contradiction
from tests.acceptance.chaos.history import BooksRead, History
from tests.acceptance.installation import Installation


@dataclass(frozen=True, kw_only=True)
class Audit:
    """`acknowledged` and `stored` are numbers of games of children who are there; `contradiction`
    is the first of the whole history, if any."""

    played: int
    acknowledged: int
    stored: int
    waiting: int
    contradiction: Contradiction | None

    @property
    def holds(self) -> bool:
        return self.contradiction is None

    @property
    def is_complete(self) -> bool:
        """Everything that was played is acknowledged, stored and processed."""
        return self.played == self.acknowledged == self.stored and not self.waiting

    def __str__(self) -> str:
        found = f"; {self.contradiction}" if self.contradiction else ""
        return (
            f"played {self.played}, acknowledged {self.acknowledged}, stored {self.stored}, "
            f"waiting {self.waiting}{found}"
        )


class Auditor:
    """Reads the books now and then, and checks what the history has become since."""

    def __init__(self, history: History) -> None:
        self._history = history
        self._checker = Checker()
        self._read = 0
        self._first: Contradiction | None = None

    def audit(self, system: Installation) -> Audit:
        """Tablets may go on meanwhile: what was acknowledged is looked up before the books are
        read, since all of that must be stored, and what was played after it."""
        acknowledged = self._history.all_acknowledged()
        books = read_books(system, self._history)
        self._check()
        played = {
            one for one, student in self._history.owners().items() if student in books.students
        }
        acknowledged &= played
        return Audit(
            played=len(played),
            acknowledged=len(acknowledged),
            stored=len(acknowledged & {one for _, one, _ in books.inbox}),
            waiting=sum(1 for _, one, state in books.inbox if one in played and state == "pending"),
            contradiction=self._first,
        )

    def _check(self) -> None:
        events = self._history.events
        while self._read < len(events):
            for one in self._checker.take(events[self._read]):
                self._first = self._first or one
            self._read += 1


def read_books(system: Installation, history: History) -> BooksRead:
    """Read them, on one snapshot, into the history."""
    begun = history.now()
    with _snapshot(system) as cursor:
        cursor.execute("SELECT student_id, session_id::text, state FROM sync_inbox")
        inbox = cursor.fetchall()
        cursor.execute(
            "SELECT student_id, session_id::text, count(*) FROM game_sessions GROUP BY 1, 2"
        )
        counted = cursor.fetchall()
        cursor.execute("SELECT student_id, xp, sessions FROM students")
        students = {student: (xp, games) for student, xp, games in cursor.fetchall()}
    return history.add(BooksRead, begun=begun, inbox=inbox, counted=counted, students=students)


def waiting(system: Installation) -> int:
    """How many received games are not processed yet."""
    with _snapshot(system) as cursor:
        cursor.execute("SELECT count(*) FROM sync_inbox WHERE state = 'pending'")
        return int(cursor.fetchone()[0])


@contextmanager
def _snapshot(system: Installation) -> Iterator[Any]:
    socket = f"postgresql://neuroplay@/neuroplay?host={system.runtime / 'pg'}"
    connection = psycopg2.connect(system.settings.get("DATABASE_URL", socket))
    try:
        connection.set_session(isolation_level="REPEATABLE READ", readonly=True)
        with connection, connection.cursor() as cursor:
            yield cursor
    finally:
        connection.close()


def differences(system: Installation) -> Mapping[str, Any] | None:
    """What `neuroplay db recompute --dry-run` finds different: None for nothing."""
    ended = system.run("db", "recompute", "--dry-run", "--json")
    return None if ended.code == 0 else {"code": ended.code, "out": ended.out, "err": ended.err}
