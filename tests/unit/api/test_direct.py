"""What api.direct answers is what Flask would answer."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from neuroplay.api import app as application
from neuroplay.api.direct import Direct
from tests.counts import counted
from tests.unit.api.systems import FakeSystem, batch, session
from tests.unit.infra.monitoring.streams import logs_to

TABLET = UUID(int=7)
SYNC, ME, BOARD = "/api/v1/gameplay/sync", "/api/v1/me", "/api/v1/leaderboards/cyber_runner"
JSON = {"Content-Type": "application/json"}

Ask = Callable[[FlaskClient, dict[str, str]], TestResponse]


def _post(path: str, **request: Any) -> Ask:
    headers = request.pop("headers", {})
    return lambda client, token: client.post(path, headers=token | headers, **request)


def _get(path: str, **headers: str) -> Ask:
    return lambda client, token: client.get(path, headers=token | headers)


FIRST = session(session_id="0190a5a0-0000-7000-8000-000000000001")

ASKED = {
    "a sync": _post(SYNC, json=batch(TABLET, FIRST, session(score=-1, session_id="x"), 7)),
    "a request id": _get(ME, **{"X-Request-ID": "tablet-12345"}),
    "a bad request id": _get(ME, **{"X-Request-ID": "<script>"}),
    "progress": _get(ME),
    "progress, with a query": _get(f"{ME}?x=1"),
    "a board": _get(BOARD),
    "a board of no game": _get("/api/v1/leaderboards/chess"),
    "no token": _get(ME, Authorization=""),
    "a token that nobody has": _get(ME, Authorization="Bearer x"),
    "HEAD": lambda client, token: client.head(ME, headers=token),
    "OPTIONS": lambda client, token: client.options(SYNC, headers=token),
    "a wrong method": _get(SYNC),
    "a slash too many": _get(f"{ME}/"),
    "another device": _post(SYNC, json=batch(UUID(int=8), FIRST)),
    "no JSON": _post(SYNC, data=b"{", headers=JSON),
    "no object": _post(SYNC, data=b"[]", headers=JSON),
    "no UTF-8": _post(SYNC, data=b'{"a": "\xff"}', headers=JSON),
    "another type": _post(SYNC, data=b"{}", headers={"Content-Type": "text/plain"}),
    "a type with parameters": _post(
        SYNC,
        data=json.dumps(batch(TABLET)).encode(),
        headers={"Content-Type": "Application/JSON; charset=utf-8"},
    ),
    "a compressed body": _post(SYNC, data=b"x", headers=JSON | {"Content-Encoding": "gzip"}),
    "no body": _post(SYNC, headers=JSON),
    "a body too large": _post(SYNC, data=b" " * (1024 * 1024 + 1), headers=JSON),
    "the largest body": _post(SYNC, data=b" " * (1024 * 1024), headers=JSON),
    "a field of another type": _post(SYNC, json={"device_id": 7, "sessions": []}),
    "a wrong card": _post(
        "/api/v1/sign-in",
        json={"class_code": "AAAAA", "card_code": "BBBB", "device_id": str(TABLET)},
    ),
}


def client_of(
    system: FakeSystem, folder: Path, monkeypatch: pytest.MonkeyPatch, *, directly: bool
) -> FlaskClient:
    with monkeypatch.context() as patch:
        if not directly:
            patch.setattr(application, "answer_directly", lambda *_: None)
        app = application.create_app(system, pwa_folder=folder)  # type: ignore[arg-type]
    return app.test_client()


def signed_in(client: FlaskClient, system: FakeSystem) -> dict[str, str]:
    made = system.new_class()
    card = {
        "class_code": made.school_class.code,
        "card_code": made.students[0].card_code,
        "device_id": str(TABLET),
    }
    answer = client.post("/api/v1/sign-in", json=card)
    assert answer.json is not None
    return {"Authorization": f"Bearer {answer.json['token']}"}


def said(answer: TestResponse, log: io.StringIO) -> tuple[Any, ...]:
    """What a client and the log see of an answer, without what differs each time."""
    request_id = answer.headers["X-Request-ID"]
    lines = [json.loads(line) for line in log.getvalue().splitlines()]
    (line,) = [line for line in lines if line["event"] == "request"]
    assert line["request_id"] == request_id
    headers = sorted((name, value) for name, value in answer.headers if name != "X-Request-ID")
    text = answer.text.replace(request_id, "its id") if len(request_id) == 24 else answer.text
    for key in ("duration_ms", "timestamp", "request_id"):
        del line[key]
    return answer.status_code, headers, text, line


@pytest.mark.parametrize("asked", ASKED)
def test_a_tablet_cannot_tell_who_dispatched_its_request(
    asked: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    system, both = FakeSystem(), []
    clients = [
        client_of(system, tmp_path, monkeypatch, directly=directly) for directly in (True, False)
    ]
    token = signed_in(clients[0], system)
    ASKED[asked](clients[0], token)  # what is sent again has the same receipts
    for client in clients:
        with logs_to(io.StringIO()) as log:
            both.append(said(ASKED[asked](client, token), log))
    assert both[0] == both[1]


@pytest.mark.parametrize("directly", [True, False])
def test_an_error_that_nobody_foresaw_is_recorded_once_and_answered(
    directly: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    system = FakeSystem()
    client = client_of(system, tmp_path, monkeypatch, directly=directly)
    token = signed_in(client, system)

    def fail(*_: object) -> None:
        raise ZeroDivisionError("Ana")

    system.read_progress.execute = fail  # type: ignore[method-assign,assignment]
    with logs_to(io.StringIO()) as log:
        answer = client.get(ME, headers=token)
    assert answer.status_code == 500
    assert answer.json is not None
    assert answer.json["code"] == "internal"
    lines = [json.loads(line) for line in log.getvalue().splitlines()]
    assert [(line["event"], line["route"]) for line in lines] == [
        ("unexpected error", ME),
        ("request", ME),
    ]
    assert {line["request_id"] for line in lines} == {answer.headers["X-Request-ID"]}


@pytest.mark.parametrize("directly", [True, False])
@pytest.mark.parametrize(("authorization", "status"), [({}, "200"), ({"Authorization": ""}, "401")])
def test_a_request_is_counted_once_and_its_time_is_observed_once(
    authorization: dict[str, str],
    status: str,
    directly: bool,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    system = FakeSystem()
    client = client_of(system, tmp_path, monkeypatch, directly=directly)
    token = signed_in(client, system)

    def seen() -> tuple[float, float]:
        labels = {"method": "GET", "endpoint": ME, "status": status}
        return (
            counted("neuroplay_api_requests_total", **labels),
            counted("neuroplay_api_response_seconds_count", endpoint=ME),
        )

    before = seen()
    assert str(client.get(ME, headers=token | authorization).status_code) == status
    assert seen() == (before[0] + 1, before[1] + 1)


def test_every_direct_route_is_one_of_the_application(tmp_path: Path) -> None:
    app = application.create_app(FakeSystem(), pwa_folder=tmp_path)  # type: ignore[arg-type]
    adapter = app.url_map.bind("localhost")
    direct = application._of_tablets()
    assert len(direct) > 4
    for (method, path), route in direct.items():
        assert isinstance(route, Direct)
        rule, _ = adapter.match(path, method, return_rule=True)
        assert rule.rule == route.rule
