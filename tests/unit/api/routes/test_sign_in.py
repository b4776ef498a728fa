from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.unit.api.conftest import Tablet
from tests.unit.api.systems import FakeSystem, session
from tests.unit.api.test_bad_requests import assert_problem


def sign_in(client: FlaskClient, **changes: Any) -> TestResponse:
    return client.post(
        "/api/v1/sign-in",
        json={"class_code": "AAAAA", "card_code": "AAAAAAAAAA", "device_id": str(uuid4())}
        | changes,
    )


def test_a_card_gives_a_token_for_this_device(tablet: Tablet) -> None:
    student = tablet.school_class.students[0].student
    assert tablet.signed_in == {
        "token": "token-1",
        "token_id": tablet.signed_in["token_id"],
        "export_key": tablet.signed_in["export_key"],
        "student": {
            "id": student.student_id,
            "nickname": student.nickname,
            "avatar": student.avatar,
        },
    }


def test_codes_are_read_as_people_type_them(client: FlaskClient, system: FakeSystem) -> None:
    made = system.new_class(1)
    code = made.students[0].card_code
    answer = sign_in(
        client,
        class_code=f" {made.school_class.code.lower()} ",
        card_code=f"{code[:5].lower()}-{code[5:]}",
    )
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    "codes",
    [{}, {"card_code": "short"}, {"class_code": "\x00"}, {"card_code": "🐢" * 10}],
)
def test_a_wrong_card_is_refused(client: FlaskClient, codes: dict[str, str]) -> None:
    answer = sign_in(client, **codes)
    assert_problem(answer, 401, "wrong_card")
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_the_card_of_an_archived_class_is_a_wrong_one_and_why_is_said_apart(
    client: FlaskClient, system: FakeSystem
) -> None:
    """Apps of earlier releases know `wrong_card`, and say that the card does not work."""
    made = system.new_class(1)
    codes = {"class_code": made.school_class.code, "card_code": made.students[0].card_code}
    system.archive_class.execute(f"id:{made.school_class.class_id}", True)
    answer = sign_in(client, **codes)
    assert_problem(answer, 401, "wrong_card")
    assert answer.json is not None
    assert answer.json["because"] == "class_archived"
    wrong = sign_in(client, **codes | {"card_code": "BBBBBBBBBB"})
    assert wrong.json is not None
    assert "because" not in wrong.json


def test_a_right_card_passes_on_a_tablet_where_many_missed(
    client: FlaskClient, system: FakeSystem
) -> None:
    made, device_id = system.new_class(1), str(uuid4())
    answers = [sign_in(client, device_id=device_id).status_code for _ in range(8)]
    assert answers == [401] * 5 + [429] * 3
    right = {"class_code": made.school_class.code, "card_code": made.students[0].card_code}
    assert sign_in(client, device_id=device_id, **right).status_code == 200
    assert sign_in(client, device_id=device_id, card_code="BBBBBBBBBB").status_code == 401


def test_after_too_many_wrong_cards_a_device_waits(client: FlaskClient) -> None:
    device_id = str(uuid4())
    for _ in range(5):
        assert_problem(sign_in(client, device_id=device_id), 401, "wrong_card")
    answer = sign_in(client, device_id=device_id, card_code="BBBBBBBBBB")
    assert_problem(answer, 429, "too_many_attempts")
    assert answer.headers["Retry-After"] == "60"
    assert_problem(sign_in(client, card_code="CCCCCCCCCC"), 401, "wrong_card")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"class_code": None}, "class_code"),
        ({"class_code": 12345}, "class_code"),
        ({"class_code": ""}, "class_code"),
        ({"card_code": "A" * 65}, "card_code"),
        ({"card_code": ["A"]}, "card_code"),
        ({"card_code": "\ud800"}, "card_code"),
        ({"device_id": "my tablet"}, "device_id"),
        ({"device_id": {}}, "device_id"),
    ],
)
def test_a_wrong_field_is_named(client: FlaskClient, changes: Any, field: str) -> None:
    answer = sign_in(client, **changes)
    assert_problem(answer, 422, "invalid_request", field)
    assert "A" * 65 not in answer.text


def test_signing_out_ends_the_token(tablet: Tablet, system: FakeSystem) -> None:
    answer = tablet.client.post("/api/v1/sign-out", headers=tablet.headers)
    assert (answer.status_code, answer.data) == (204, b"")
    system.clock.forward(30)
    answer = tablet.sync(session())
    assert_problem(answer, 401, "token_revoked")
    assert 'error="invalid_token"' in answer.headers["WWW-Authenticate"]
