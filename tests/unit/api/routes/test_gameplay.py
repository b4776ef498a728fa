from __future__ import annotations

import io
import json
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from neuroplay.core.entities.allowance import Allowance
from tests.counts import counted
from tests.unit.api.conftest import Tablet
from tests.unit.api.systems import FakeSystem, batch, session
from tests.unit.api.test_bad_requests import assert_problem
from tests.unit.infra.monitoring.streams import logs_to


def statuses(answer_json: object) -> list[str]:
    assert isinstance(answer_json, dict)
    return [receipt["status"] for receipt in answer_json["receipts"]]


def test_a_session_is_stored_and_gets_a_receipt(tablet: Tablet, system: FakeSystem) -> None:
    good = session()
    answer = tablet.sync(good)
    assert answer.status_code == 202
    assert answer.json == {
        "receipts": [{"session_id": good["session_id"], "status": "accepted"}],
        "epoch": "00000000-0000-0000-0000-000000000001",
        "answered_at": "2026-11-25T12:00:00Z",
    }
    assert [item.payload for item in system.store.tables.inbox.values()] == [good]
    assert system.wake_up.calls == 1


def test_a_bad_session_gets_its_own_receipt_and_the_others_are_accepted(tablet: Tablet) -> None:
    good, bad = session(), session(score=-1)
    answer = tablet.sync(good, bad, 7, session(game_type="chess"), session(session_id="1"))
    assert answer.status_code == 202
    assert answer.json["receipts"] == [
        {"session_id": good["session_id"], "status": "accepted"},
        {
            "session_id": bad["session_id"],
            "status": "invalid",
            "error": {
                "code": "negative",
                "field": "score",
                "message": "score cannot be negative",
            },
        },
        {
            "session_id": None,
            "status": "invalid",
            "error": {
                "code": "not_an_object",
                "field": "session",
                "message": "a session must be an object",
            },
        },
        {
            "session_id": answer.json["receipts"][3]["session_id"],
            "status": "invalid",
            "error": {
                "code": "unknown_game",
                "field": "game_type",
                "message": "there is no such game",
            },
        },
        {
            "session_id": "1",
            "status": "invalid",
            "error": {
                "code": "bad_session_id",
                "field": "session_id",
                "message": "session_id must be a UUID",
            },
        },
    ]


def test_receipts_come_in_the_order_of_the_request(tablet: Tablet) -> None:
    again, other = session(), session()
    tablet.sync(again)
    answer = tablet.sync(again, other, other | {"score": 3}, session(accuracy=2), other)
    assert statuses(answer.json) == ["duplicate", "accepted", "conflict", "invalid", "duplicate"]


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999", "9" * 5000])
def test_a_number_that_is_none_troubles_its_own_session_only(tablet: Tablet, number: str) -> None:
    body = json.dumps(batch(tablet.device_id, session(score="here"), session()))
    answer = tablet.post_sync(data=body.replace('"here"', number), content_type="application/json")
    assert answer.status_code == 202
    assert statuses(answer.json) == ["invalid", "accepted"]


def test_text_that_no_store_holds_troubles_its_own_session_only(tablet: Tablet) -> None:
    answer = tablet.sync(session(metadata={"note": "\ud800"}), session(), session(x="\x00"))
    assert statuses(answer.json) == ["invalid", "accepted", "invalid"]


def test_a_token_that_sends_without_end_is_told_to_wait_and_nothing_of_it_is_stored(
    tablet: Tablet, system: FakeSystem
) -> None:
    small = Allowance(sessions=120, size=1 << 20, sessions_a_day=100)
    system.allowance = small
    assert tablet.sync(*[session() for _ in range(50)]).status_code == 202
    assert tablet.sync(*[session(score="x") for _ in range(50)]).status_code == 202
    again = session()
    assert tablet.sync(*[again] * 50).status_code == 202
    stored = len(system.store.tables.inbox)
    answer = tablet.sync(*[session() for _ in range(50)])
    assert_problem(answer, 429, "over_budget")
    assert 1 <= int(answer.headers["Retry-After"]) <= 86_400
    assert len(system.store.tables.inbox) == stored == 101


def test_an_id_of_half_a_surrogate_pair_comes_back_as_it_was(tablet: Tablet) -> None:
    answer = tablet.sync(session(session_id="\ud800"))
    assert statuses(answer.json) == ["invalid"]
    assert "\\ud800" in answer.text


def test_a_clock_that_is_wrong_by_years_is_no_error(tablet: Tablet) -> None:
    for sent_at in ("2010-01-01T00:00:00Z", "2039-01-01T00:00:00+14:00"):
        answer = tablet.sync(session(), sent_at=sent_at)
        assert (answer.status_code, statuses(answer.json)) == (202, ["accepted"])


@pytest.mark.parametrize(
    "sent_at", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", None]
)
def test_a_clock_beyond_any_clock_counts_as_none(tablet: Tablet, sent_at: str | None) -> None:
    assert tablet.sync(session(), sent_at=sent_at).status_code == 202


def test_no_sessions_at_all_are_a_sign_of_life(tablet: Tablet, system: FakeSystem) -> None:
    answer = tablet.sync(outbox={"pending": 3, "oldest": "2026-11-20T14:03:00Z"})
    assert (answer.status_code, statuses(answer.json)) == (202, [])
    assert system.wake_up.calls == 0


def test_an_outbox_may_be_left_out(tablet: Tablet) -> None:
    assert (
        tablet.post_sync(
            json={"device_id": str(tablet.device_id), "sessions": [session()]}
        ).status_code
        == 202
    )


def test_a_hundred_sessions_are_taken_and_one_more_is_not(tablet: Tablet) -> None:
    assert tablet.sync(*[session() for _ in range(100)]).status_code == 202
    answer = tablet.sync(*[session() for _ in range(101)])
    assert answer.status_code == 422
    assert answer.json["code"] == "too_many_sessions"
    assert answer.json["field"] == "sessions"


def test_another_device_may_not_use_the_token(tablet: Tablet, system: FakeSystem) -> None:
    answer = tablet.post_sync(json=batch(uuid4(), session()))
    assert (answer.status_code, answer.json["code"]) == (403, "device_mismatch")
    assert not system.store.tables.inbox


def test_an_erased_student_is_gone(tablet: Tablet, system: FakeSystem) -> None:
    system.erase(tablet.signed_in["student"]["id"])
    answer = tablet.sync(session())
    assert (answer.status_code, answer.json["code"]) == (410, "student_erased")
    # By this number, and by nothing less, a tablet forgets a child.
    assert answer.json["student_id"] == tablet.signed_in["student"]["id"]


def test_nothing_is_promised_while_the_store_is_away(tablet: Tablet, system: FakeSystem) -> None:
    tablet.sync()
    system.store.commits_until_away = 0
    with logs_to(io.StringIO()) as stream:
        answer = tablet.sync(session())
    assert (answer.status_code, answer.json["code"]) == (503, "store_unavailable")
    # The server's own words are for operators.
    assert answer.json["detail"] == "the fake store is away"
    assert "the fake store is away: FATAL: it ended" in stream.getvalue()
    assert int(answer.headers["Retry-After"]) >= 1
    system.store.commits_until_away = None
    assert statuses(tablet.sync(session()).json) == ["accepted"]


def test_receipts_are_counted_by_game_and_status(tablet: Tablet) -> None:
    def count(game_type: str, status: str) -> float:
        return counted("neuroplay_game_syncs_total", game_type=game_type, status=status)

    before = count("cyber_runner", "accepted"), count("unknown", "invalid")
    tablet.sync(session(), session(), session(game_type="x" * 50), {}, None)
    after = count("cyber_runner", "accepted"), count("unknown", "invalid")
    assert (after[0] - before[0], after[1] - before[1]) == (2, 3)


def test_another_tablet_begins_at_the_level_that_the_game_chose(
    tablet: Tablet, system: FakeSystem
) -> None:
    tablet.sync(session(metadata={"difficulty": 2, "next_difficulty": 4}))
    system.clock.forward(1)
    system.drain_inbox.execute()
    (game,) = tablet.get("/api/v1/me").json["games"]
    assert game["difficulty"] == 4


@pytest.mark.parametrize(
    ("metadata", "field"),
    [
        ({"difficulty": 6}, "metadata.difficulty"),
        ({"seed": 1.5, "trace": []}, "metadata.seed"),
        ({"seed": 1, "trace": [30, 16]}, "metadata.trace"),
    ],
)
def test_what_the_games_rules_do_not_have_is_invalid_and_named(
    tablet: Tablet, metadata: dict[str, Any], field: str
) -> None:
    wrong, right = tablet.sync(session(metadata=metadata), session()).json["receipts"]
    assert (wrong["status"], wrong["error"]["field"]) == ("invalid", field)
    assert right["status"] == "accepted"


def test_the_whole_way_shows_on_me(tablet: Tablet, system: FakeSystem) -> None:
    tablet.sync(session())
    waiting = tablet.get("/api/v1/me").json
    assert (waiting["xp"], waiting["sessions"]) == (0, {"processed": 0, "pending": 1, "held": 0})
    system.clock.forward(timedelta(seconds=1).total_seconds())
    system.drain_inbox.execute()
    me = tablet.get("/api/v1/me").json
    assert (me["xp"], me["level"], me["xp_next_level"]) == (850, 5, 1250)
    assert [badge["id"] for badge in me["achievements"]] == ["perfect_score", "speed_demon"]
    assert me["games"] == [
        {"game_type": "cyber_runner", "plays": 1, "best_score": 500, "difficulty": 2}
    ]
