from __future__ import annotations

import json
from typing import Any

import pytest

from neuroplay.core.use_cases.read_progress import ReadProgress, ReadSessions
from neuroplay.documents import progress_document, session_document
from tests.unit.core.samples import School, record, session_id


def me(school: School) -> dict[str, Any]:
    read = ReadProgress(uow=school.store, clock=school.clock)
    return progress_document(read.execute(school.principal()))


def test_the_seed_examples_progress() -> None:
    school = School()
    school.send(record(0, score=500, accuracy=0.85))
    school.drain()
    found = me(school)
    day = "2026-11-24"
    assert found == {
        "student": {"id": school.ana, "nickname": "Ana", "avatar": "fox"},
        "xp": 850,
        "level": 5,
        "xp_next_level": 1250,
        "achievements": [
            {"id": "perfect_score", "unlocked_at": f"{day}T12:00:00Z"},
            {"id": "speed_demon", "unlocked_at": f"{day}T12:00:00Z"},
        ],
        "games": [{"game_type": "cyber_runner", "plays": 1, "best_score": 500, "difficulty": 2}],
        "sessions": {"processed": 1, "pending": 0, "held": 0},
        "streak": {"days": 1, "today": False, "last_day": day},
        "day_minutes": 30,
    }
    json.dumps(found)


def test_a_new_student_has_everything_at_its_beginning() -> None:
    found = me(School())
    assert (found["xp"], found["level"], found["xp_next_level"]) == (0, 1, 50)
    assert found["streak"] == {"days": 0, "today": False, "last_day": None}
    assert found["games"] == found["achievements"] == []


@pytest.mark.parametrize("rubbish", [{}, [1], "x" * 500, 10**400, True, None, -1.5])
def test_whatever_an_invalid_record_says_its_page_keeps_its_shape(rubbish: Any) -> None:
    school = School()
    school.send(record(0, game_type=rubbish, score=rubbish, ended_at=rubbish))
    [listed] = ReadSessions(uow=school.store).execute(school.principal()).sessions
    row = session_document(listed)
    assert (row["state"], row["game_type"], row["score"], row["ended_at"]) == (
        "invalid",
        None,
        None,
        None,
    )


def test_a_session_is_told_with_its_state_and_what_it_gave() -> None:
    school = School()
    school.send(record(0))
    school.drain()
    [listed] = ReadSessions(uow=school.store).execute(school.principal()).sessions
    document = session_document(listed)
    assert json.loads(json.dumps(document)) == {
        "session_id": session_id(0),
        "state": "processed",
        "verdict": "plausible",
        "game_type": "cyber_runner",
        "score": 300,
        "xp_gained": 400,
        "ended_at": "2026-11-24T12:00:00Z",
    }
