from __future__ import annotations

import json
from dataclasses import replace

import pytest
from flask.testing import FlaskClient

from neuroplay.core.entities.game_catalogue import CATALOGUE_FILE
from tests.unit.api.conftest import Tablet
from tests.unit.api.systems import FakeSystem, session
from tests.unit.api.test_bad_requests import assert_problem


def test_the_catalogue_has_all_six_games(client: FlaskClient) -> None:
    answer = client.get("/api/v1/games")
    rows = {row["id"]: row for row in json.loads(CATALOGUE_FILE.read_text())["games"]}
    assert [game["game_type"] for game in answer.json["games"]] == list(rows)
    for game in answer.json["games"]:
        row = rows[game["game_type"]]
        assert game["limits"] == row["limits"]
        assert game["names"] == row["names"]
    again = client.get("/api/v1/games", headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def test_own_sessions_are_paged_newest_first(tablet: Tablet, system: FakeSystem) -> None:
    sent = [session() for _ in range(5)]
    for one in sent:
        system.clock.forward(1)
        tablet.sync(one)
    first = tablet.get("/api/v1/me/sessions?limit=3").json
    rest = tablet.get(f"/api/v1/me/sessions?limit=3&cursor={first['next']}").json
    found = [row["session_id"] for row in first["sessions"] + rest["sessions"]]
    assert found == [one["session_id"] for one in reversed(sent)]
    assert rest["next"] is None
    assert {row["state"] for row in first["sessions"]} == {"pending"}


@pytest.mark.parametrize(
    ("query", "code", "field"),
    [
        ("cursor=nonsense", "bad_cursor", "cursor"),
        ("cursor=%00", "bad_cursor", "cursor"),
        ("cursor=" + "A" * 300, "invalid_request", "cursor"),
        ("cursor=%ff%fe", "bad_cursor", "cursor"),
        ("limit=0", "invalid_request", "limit"),
        ("limit=201", "invalid_request", "limit"),
        ("limit=many", "invalid_request", "limit"),
    ],
)
def test_a_page_that_does_not_exist_is_refused(
    tablet: Tablet, query: str, code: str, field: str
) -> None:
    assert_problem(tablet.get(f"/api/v1/me/sessions?{query}"), 422, code, field)


def test_the_board_shows_the_own_class(tablet: Tablet, system: FakeSystem) -> None:
    assert tablet.get("/api/v1/leaderboards/cyber_runner").json["me"] is None
    tablet.sync(session())
    system.drain_inbox.execute()
    assert tablet.get("/api/v1/leaderboards/cyber_runner").json["top"] == []
    rows = system.store.tables.sessions
    rows.update({key: replace(row, verdict="verified") for key, row in rows.items()})
    board = tablet.get("/api/v1/leaderboards/cyber_runner").json
    student = tablet.signed_in["student"]
    assert board["top"] == [
        {"nickname": student["nickname"], "avatar": student["avatar"], "colour": 0, "score": 500}
    ]
    assert board["me"] == {"rank": 1, "score": 500}


def test_an_unknown_game_has_no_board(tablet: Tablet) -> None:
    assert_problem(tablet.get("/api/v1/leaderboards/chess"), 404, "unknown_game")
    assert_problem(tablet.get("/api/v1/leaderboards/%00"), 404, "unknown_game")


def test_a_class_can_switch_its_board_off(tablet: Tablet, system: FakeSystem) -> None:
    classes = system.store.tables.classes
    classes.update({key: replace(one, leaderboard_enabled=False) for key, one in classes.items()})
    assert_problem(tablet.get("/api/v1/leaderboards/cyber_runner"), 403, "leaderboard_off")


def test_an_erased_student_is_gone_everywhere(tablet: Tablet, system: FakeSystem) -> None:
    system.erase(tablet.signed_in["student"]["id"])
    for path in ("/api/v1/me", "/api/v1/me/sessions", "/api/v1/leaderboards/cyber_runner"):
        answer = tablet.get(path)
        assert_problem(answer, 410, "student_erased")
        assert answer.json["student_id"] == tablet.signed_in["student"]["id"]
