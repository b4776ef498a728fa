from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from neuroplay.core.errors import NotFound
from neuroplay.core.use_cases.recompute import Recompute
from tests.unit.core.samples import School, record


@pytest.fixture
def school() -> School:
    """Ana has played three games."""
    school = School()
    school.send(*(record(n) for n in range(3)))
    school.drain()
    return school


def recompute(school: School) -> Recompute:
    return Recompute(uow=school.store, clock=school.clock)


def spoil(school: School, **changes: Any) -> None:
    """Progress that no set of sessions can give."""
    with school.store() as uow:
        student = uow.students.get(school.ana)
        assert student is not None
        uow.students.restate(replace(student, progress=replace(student.progress, **changes)))
        uow.commit()


def test_there_is_no_difference_in_a_healthy_system(school: School) -> None:
    assert list(recompute(school).students()) == [school.ana, school.bia]
    assert recompute(school).execute(school.ana, correct=True) == []
    assert school.store.tables.audit == []


def test_the_next_level_is_that_of_the_session_that_ended_last(school: School) -> None:
    school.send(
        record(9, metadata={"difficulty": 2, "next_difficulty": 5}),
        record(8, metadata={"difficulty": 4, "next_difficulty": 3}),
    )
    school.drain()
    assert school.student().progress.games["cyber_runner"].difficulty == 5
    assert school.student().progress.top_difficulty == 4
    assert recompute(school).execute(school.ana, correct=False) == []


def test_what_differs_is_named_and_put_right(school: School) -> None:
    right = school.student().progress
    spoil(school, xp=1, sessions=9, achievements={"climber": datetime(2026, 1, 1, tzinfo=UTC)})
    found = recompute(school).execute(school.ana, correct=False)
    assert [one.what for one in found] == ["xp", "sessions", "achievements"]
    assert school.student().progress.xp == 1
    recompute(school).execute(school.ana, correct=True, who="ana")
    assert school.student().progress.xp == right.xp
    assert set(school.student().progress.achievements) == set(right.achievements)
    assert recompute(school).execute(school.ana, correct=False) == []
    (line,) = school.store.tables.audit
    assert (line["who"], line["what"]) == ("ana", "progress recomputed")


def test_one_student_can_be_named(school: School) -> None:
    assert list(recompute(school).students(school.bia)) == [school.bia]
    with pytest.raises(NotFound):
        list(recompute(school).students(999))
