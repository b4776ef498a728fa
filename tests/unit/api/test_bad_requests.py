from __future__ import annotations

import io
import json
from typing import Any

import pytest
from flask.testing import FlaskClient

from neuroplay.core.entities.principal import TokenRecord, TokenStatus
from tests.builders import A_VISITOR
from tests.counts import counted
from tests.unit.api.conftest import Tablet
from tests.unit.api.systems import FakeSystem, batch, session

JSON = "application/json"


def assert_problem(answer: Any, status: int, code: str, field: str | None = None) -> None:
    assert (answer.status_code, answer.json["code"]) == (status, code), answer.text
    assert answer.mimetype == "application/problem+json"
    assert answer.json["status"] == status
    assert answer.json["type"] == f"urn:neuroplay:problem:{code}"
    assert answer.json["title"]
    assert answer.json["detail"]
    assert answer.json["request_id"] == answer.headers["X-Request-ID"]
    assert answer.json.get("field") == field


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b'{"device_id": }',
        b"\xff\xfe{\x00}\x00",
        b'{"sessions": ["\xed\xa0\x80"]}',
        b"\xef\xbb\xbf{}",
        b"[]",
        b'"text"',
        b"null",
        b"17",
        b"[" * 200_000,
        b'{"sessions":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        b'{"a":' * 5_000 + b"1" + b"}" * 5_000,
        b"9" * 10_000,
        b"{} {}",
    ],
    ids=lambda body: body[:12].decode("latin-1"),
)
@pytest.mark.parametrize(
    "path", ["/api/v1/gameplay/sync", "/api/v1/gameplay/offer", "/api/v1/sign-in"]
)
def test_what_is_no_json_object_is_malformed(tablet: Tablet, path: str, body: bytes) -> None:
    answer = tablet.client.post(path, data=body, content_type=JSON, headers=tablet.headers)
    assert_problem(answer, 400, "malformed_json")


def test_a_body_may_have_one_mebibyte(tablet: Tablet) -> None:
    fitting = json.dumps(batch(tablet.device_id, padding="")).encode()
    padded = json.dumps(batch(tablet.device_id, padding="x" * (1024 * 1024 - len(fitting))))
    assert len(padded) == 1024 * 1024
    assert tablet.post_sync(data=padded, content_type=JSON).status_code == 202
    answer = tablet.post_sync(data=padded + " ", content_type=JSON)
    assert_problem(answer, 413, "body_too_large")


def test_a_body_without_a_length_may_not_have_more_either(tablet: Tablet) -> None:
    def send(body: bytes) -> Any:
        return tablet.post_sync(
            input_stream=io.BytesIO(body),
            content_type=JSON,
            headers={"Transfer-Encoding": "chunked"},
            environ_overrides={"wsgi.input_terminated": True},
        )

    assert_problem(send(b'{"x":"' + b"x" * 2_000_000 + b'"}'), 413, "body_too_large")
    assert send(json.dumps(batch(tablet.device_id, session())).encode()).status_code == 202


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", None])
def test_a_body_must_say_that_it_is_json(tablet: Tablet, content_type: str | None) -> None:
    answer = tablet.post_sync(data=json.dumps(batch(tablet.device_id)), content_type=content_type)
    assert_problem(answer, 415, "unsupported_media_type")


def test_a_compressed_body_is_not_taken(tablet: Tablet) -> None:
    answer = tablet.post_sync(data=b"x", content_type=JSON, headers={"Content-Encoding": "gzip"})
    assert_problem(answer, 415, "unsupported_media_type")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"device_id": "tablet"}, "device_id"),
        ({"device_id": None}, "device_id"),
        ({"device_id": "\ud800"}, "device_id"),
        ({"sessions": None}, "sessions"),
        ({"sessions": {"0": {}}}, "sessions"),
        ({"sessions": "x"}, "sessions"),
        ({"sent_at": "yesterday"}, "sent_at"),
        ({"sent_at": 1764000000}, "sent_at"),
        ({"sent_at": "2026-11-25T12:00:00"}, "sent_at"),
        ({"sent_at": "2026-11-25T12:00:00" + "0" * 50 + "Z"}, "sent_at"),
        ({"outbox": 3}, "outbox"),
        ({"outbox": {}}, "outbox.pending"),
        ({"outbox": {"pending": -1}}, "outbox.pending"),
        ({"outbox": {"pending": True}}, "outbox.pending"),
        ({"outbox": {"pending": 10**30}}, "outbox.pending"),
        ({"outbox": {"pending": "many"}}, "outbox.pending"),
        ({"outbox": {"pending": 1, "oldest": "old"}}, "outbox.oldest"),
    ],
)
def test_a_wrong_envelope_names_the_field(
    tablet: Tablet, changes: dict[str, Any], field: str
) -> None:
    answer = tablet.sync(session(), **changes)
    assert_problem(answer, 422, "invalid_request", field)


def test_a_missing_field_is_named(tablet: Tablet) -> None:
    assert_problem(tablet.post_sync(json={}), 422, "invalid_request", "device_id")


OF_STUDENTS = [
    ("POST", "/api/v1/gameplay/sync"),
    ("POST", "/api/v1/gameplay/offer"),
    ("GET", "/api/v1/me"),
    ("GET", "/api/v1/me/sessions"),
    ("GET", "/api/v1/leaderboards/cyber_runner"),
]


@pytest.mark.parametrize(
    "header", [None, "", "Bearer", "Bearer ", "Basic abc", "Bearer unknown", "Bearer ü", "x" * 9000]
)
@pytest.mark.parametrize(("method", "path"), [*OF_STUDENTS, ("POST", "/api/v1/sign-out")])
def test_without_a_good_token_nothing_is_told(
    client: FlaskClient, method: str, path: str, header: str | None
) -> None:
    headers = {} if header is None else {"Authorization": header}
    answer = client.open(path, method=method, headers=headers)
    assert_problem(answer, 401, "unauthorized")
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def visitor(system: FakeSystem) -> dict[str, str]:
    """The headers of someone who signed in and is no student."""
    record = TokenRecord(status=TokenStatus.ACTIVE, student_id=None, principal=A_VISITOR)
    system.cache.put(system.secrets.token_hash("visitor"), record, 60.0)
    return {"Authorization": "Bearer visitor"}


@pytest.mark.parametrize(("method", "path"), OF_STUDENTS)
def test_what_is_for_students_takes_no_token_of_another_role(
    client: FlaskClient, system: FakeSystem, method: str, path: str
) -> None:
    answer = client.open(path, method=method, headers=visitor(system))
    assert_problem(answer, 401, "unauthorized")
    assert "student" in answer.json["detail"]


def test_every_role_can_sign_out(client: FlaskClient, system: FakeSystem) -> None:
    assert client.post("/api/v1/sign-out", headers=visitor(system)).status_code == 204


def test_unknown_addresses_of_the_api_are_problems(client: FlaskClient) -> None:
    for path in ("/api", "/api/", "/api/v1/nothing", "/api/v1/me/x", "/health/x", "/metrics/x"):
        answer = client.get(path, headers={"Accept": "text/html"})
        assert_problem(answer, 404, "not_found")


def test_a_wrong_method_says_which_are_right(client: FlaskClient) -> None:
    answer = client.get("/api/v1/gameplay/sync", headers={"Accept": "text/html"})
    assert_problem(answer, 405, "method_not_allowed")
    assert "POST" in answer.headers["Allow"]
    assert_problem(client.open("/api/v1/me", method="BREW"), 405, "method_not_allowed")
    assert_problem(client.post("/"), 405, "method_not_allowed")


def test_an_unexpected_error_tells_nothing(tablet: Tablet, system: FakeSystem) -> None:
    def explode(*_: object) -> None:
        raise RuntimeError("password hunter2 of Ana")

    system.read_progress.execute = explode  # type: ignore[assignment, method-assign]
    plain = FlaskClient(tablet.client.application)  # the document promises no 500
    before = errors("RuntimeError")
    answer = plain.get("/api/v1/me", headers=tablet.headers)
    assert_problem(answer, 500, "internal")
    assert "hunter2" not in answer.text
    assert errors("RuntimeError") == before + 1


def errors(error_type: str) -> float:
    return counted("neuroplay_errors_total", error_type=error_type, component="api")
