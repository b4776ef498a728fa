"""POST /api/v1/gameplay/offer."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from werkzeug.test import TestResponse

from neuroplay.core.entities.allowance import Allowance
from neuroplay.core.use_cases.answer_offer import OFFER_BYTES
from tests.counts import counted
from tests.fakes.services import fake_hash_payload
from tests.unit.api.conftest import Tablet
from tests.unit.api.systems import FakeSystem, session
from tests.unit.api.test_bad_requests import assert_problem

EPOCH = {
    "epoch": "00000000-0000-0000-0000-000000000001",
    "answered_at": "2026-11-25T12:00:00Z",
}


def facts(record: dict[str, Any]) -> dict[str, str]:
    return {"session_id": record["session_id"], "hash": fake_hash_payload(record).hex()}


def some(count: int) -> list[dict[str, str]]:
    return [{"session_id": str(uuid4()), "hash": "0" * 64} for _ in range(count)]


def offer(tablet: Tablet, offered: Any, **changes: Any) -> TestResponse:
    body = {"device_id": str(tablet.device_id), "offered": offered, **changes}
    return tablet.client.post("/api/v1/gameplay/offer", headers=tablet.headers, json=body)


def test_an_offer_is_answered_with_what_is_not_stored(tablet: Tablet) -> None:
    kept, lost = session(), session()
    tablet.sync(kept)
    answer = offer(tablet, [facts(lost), facts(kept)])
    assert answer.status_code == 200
    assert answer.json == {"lacking": [lost["session_id"]], **EPOCH}
    tablet.sync(lost)
    answer = offer(tablet, [facts(lost), facts(kept)])
    assert answer.json == {"lacking": [], **EPOCH}


def test_an_offer_stores_nothing_and_is_counted(tablet: Tablet, system: FakeSystem) -> None:
    kept, lost = session(), session()
    tablet.sync(kept)
    before = len(system.store.tables.inbox)
    name = "neuroplay_offered_sessions_total"
    were = {result: counted(name, result=result) for result in ("lacking", "stored")}
    offer(tablet, [facts(lost), facts(kept)])
    assert {result: counted(name, result=result) - were[result] for result in were} == {
        "lacking": 1,
        "stored": 1,
    }
    assert len(system.store.tables.inbox) == before


def test_receipts_say_what_the_newest_backup_covers(tablet: Tablet, system: FakeSystem) -> None:
    (epoch,) = system.store.tables.epoch
    covered = datetime(2026, 11, 25, 3, 55, tzinfo=UTC)
    system.store.tables.epoch[:] = [replace(epoch, safe_before=covered)]
    for answer in (tablet.sync(session()), offer(tablet, [])):
        assert answer.json is not None
        assert answer.json["safe_before"] == "2026-11-25T03:55:00Z"


def test_a_clock_that_was_set_back_covers_nothing_new(tablet: Tablet, system: FakeSystem) -> None:
    """A backup of before must not seem to have what is acknowledged now."""
    (epoch,) = system.store.tables.epoch
    covered = datetime(2026, 11, 25, 12, 30, tzinfo=UTC)
    system.store.tables.epoch[:] = [replace(epoch, safe_before=covered)]
    for answer in (tablet.sync(session()), offer(tablet, [])):
        assert answer.json is not None
        assert answer.json["answered_at"] == answer.json["safe_before"] == "2026-11-25T12:30:00Z"


def test_an_epoch_that_a_client_names_has_no_effect(tablet: Tablet, system: FakeSystem) -> None:
    forged = {"epoch": str(UUID(int=7)), "safe_before": "2100-01-01T00:00:00Z"}
    record = session()
    answer = tablet.sync(record, **forged)
    assert answer.json == {
        "receipts": [{"session_id": record["session_id"], "status": "accepted"}],
        **EPOCH,
    }
    answer = offer(tablet, [facts(record)], **forged)
    assert answer.json == {"lacking": [], **EPOCH}
    assert system.store.tables.epoch[0].epoch_id == UUID(int=1)


@pytest.mark.parametrize("count", [1_001, 100_000])
@pytest.mark.parametrize("one", [{}, 7, "x"])
def test_an_offer_of_too_many_is_refused_whatever_they_are(
    tablet: Tablet, count: int, one: object
) -> None:
    assert_problem(offer(tablet, [one] * count), 413, "too_many_offered", "offered")


def test_a_thousand_fit_and_one_more_does_not(tablet: Tablet) -> None:
    most = some(1_000)
    answer = offer(tablet, most)
    assert answer.status_code == 200
    assert answer.json is not None
    assert answer.json["lacking"] == [one["session_id"] for one in most]
    assert_problem(offer(tablet, some(1_001)), 413, "too_many_offered", "offered")


def test_a_body_of_a_hundred_thousand_ids_is_too_large(tablet: Tablet) -> None:
    assert_problem(offer(tablet, some(1) * 100_000), 413, "body_too_large")


GOOD = {"session_id": "019aa1b2-7c3d-7e4f-8a5b-6c7d8e9f0a1b", "hash": "0" * 64}


@pytest.mark.parametrize(
    ("one", "field"),
    [
        ({"session_id": "x"}, "session_id"),
        ({"session_id": 7}, "session_id"),
        ({"session_id": None}, "session_id"),
        ({"session_id": "00000000-0000-0000-0000-000000000000"}, "session_id"),
        ({"session_id": "019aa1b27c3d7e4f8a5b6c7d8e9f0a1b"}, "session_id"),
        ({"session_id": "\ud800"}, "session_id"),
        ({"hash": "0" * 63}, "hash"),
        ({"hash": "G" * 64}, "hash"),
        ({"hash": 7}, "hash"),
        ({"hash": "0" * 64 + "\n"}, "hash"),
    ],
)
def test_a_malformed_one_names_its_field(
    tablet: Tablet, one: dict[str, object], field: str
) -> None:
    answer = offer(tablet, [GOOD, {**GOOD, **one}])
    assert_problem(answer, 422, "invalid_request", f"offered.1.{field}")


@pytest.mark.parametrize("offered", [7, {}, "x", None])
def test_an_offer_is_a_list(tablet: Tablet, offered: object) -> None:
    assert_problem(offer(tablet, offered), 422, "invalid_request", "offered")


def test_numbers_that_are_none_are_malformed_too(tablet: Tablet) -> None:
    body = json.dumps({"device_id": str(tablet.device_id), "offered": [{**GOOD, "hash": 0.5}]})
    answer = tablet.client.post(
        "/api/v1/gameplay/offer",
        headers=tablet.headers,
        data=body.replace("0.5", "NaN"),
        content_type="application/json",
    )
    assert_problem(answer, 422, "invalid_request", "offered.0.hash")


def test_what_is_no_object_is_refused_without_names_of_classes(tablet: Tablet) -> None:
    answer = offer(tablet, [None])
    assert_problem(answer, 422, "invalid_request", "offered.0")
    assert answer.json is not None
    assert answer.json["detail"] == "offered.0: Input should be an object"


def test_the_token_of_another_device_offers_nothing(tablet: Tablet) -> None:
    answer = offer(tablet, [], device_id=str(uuid4()))
    assert_problem(answer, 403, "device_mismatch", "device_id")


def test_an_erased_child_is_told_so_and_no_one_elses_games_are_known(
    tablet: Tablet, system: FakeSystem
) -> None:
    record = session()
    tablet.sync(record)
    system.erase(tablet.signed_in["student"]["id"])
    answer = offer(tablet, [facts(record)])
    assert_problem(answer, 410, "student_erased")
    assert answer.json is not None
    assert answer.json["student_id"] == tablet.signed_in["student"]["id"]


def test_offers_without_end_are_told_to_wait(tablet: Tablet, system: FakeSystem) -> None:
    system.allowance = Allowance(sessions=100, size=3_000 * OFFER_BYTES, sessions_a_day=100)
    answers = [offer(tablet, some(1_000)) for _ in range(4)]
    assert [one.status_code for one in answers] == [200, 200, 200, 429]
    assert_problem(answers[-1], 429, "over_budget")
    assert int(answers[-1].headers["Retry-After"]) >= 1


def test_nothing_is_answered_while_the_store_is_away(tablet: Tablet, system: FakeSystem) -> None:
    tablet.sync()
    system.store.away = True
    assert_problem(offer(tablet, some(1)), 503, "store_unavailable")
