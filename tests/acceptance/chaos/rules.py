"""What XP the core gives for a child's games."""

from __future__ import annotations

from collections.abc import Mapping

from neuroplay.core.rules.session_record import read_session
from neuroplay.core.use_cases.process_game_completion import ProcessGameCompletion
from tests.acceptance.chaos.history import Session
from tests.fakes.people import FakeStudents
from tests.fakes.sessions import FakeAchievements, FakeSessions
from tests.fakes.tables import Tables


class Experience:
    """Of each child, computed from what is new where games have only been added: XP depends on the
    set of games, not on their order."""

    def __init__(self) -> None:
        self._known: dict[int, _Child] = {}

    def of(self, student: int, games: Mapping[str, Session]) -> int:
        known = self._known.get(student)
        if known is None or not known.names <= games.keys():
            known = self._known[student] = _Child()
        known.count({name: game for name, game in games.items() if name not in known.names})
        return known.xp


def xp_of(games: Mapping[str, Session]) -> int:
    """The XP of a child who played these games and no others."""
    child = _Child()
    child.count(games)
    return child.xp


class _Child:
    def __init__(self) -> None:
        tables = Tables()
        self.names: set[str] = set()
        self._students = FakeStudents(tables)
        self._number = self._students.add(1, "", "").student_id
        self._process = ProcessGameCompletion(
            student_repo=self._students,
            game_repo=FakeSessions(tables),
            achievement_repo=FakeAchievements(tables),
        )

    def count(self, games: Mapping[str, Session]) -> None:
        for game in sorted(games.values(), key=lambda one: str(one["ended_at"])):
            self._process.count(read_session(game, self._number))
        self.names |= games.keys()

    @property
    def xp(self) -> int:
        student = self._students.get(self._number)
        assert student is not None
        return student.progress.xp
