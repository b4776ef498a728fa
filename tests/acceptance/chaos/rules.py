"""What XP the core gives for a child's games."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from neuroplay.core.rules.session_record import read_session
from neuroplay.core.use_cases.process_game_completion import ProcessGameCompletion
from tests.acceptance.chaos.history import Session
from tests.fakes.people import FakeStudents
from tests.fakes.sessions import FakeAchievements, FakeSessions
from tests.fakes.tables import Tables


class Experience:
    """Computed again for a child only when its games have changed."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[frozenset[str], int]] = {}

    def of(self, student: int, games: Mapping[str, Session]) -> int:
        names = frozenset(games)
        known = self._known.get(student)
        if known is None or known[0] != names:
            known = self._known[student] = names, xp_of(games.values())
        return known[1]


def xp_of(games: Iterable[Session]) -> int:
    """The XP of a child who played these games and no others."""
    tables = Tables()
    students = FakeStudents(tables)
    process = ProcessGameCompletion(
        student_repo=students,
        game_repo=FakeSessions(tables),
        achievement_repo=FakeAchievements(tables),
    )
    number = students.add(1, "", "").student_id
    for game in sorted(games, key=lambda one: str(one["ended_at"])):
        process.count(read_session(game, number))
    student = students.get(number)
    assert student is not None
    return student.progress.xp
