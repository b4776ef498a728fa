"""Whatever is sent, the response is documented: never 500, and one receipt for each session."""

from __future__ import annotations

import json
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.unit.api.conftest import Tablet
from tests.unit.api.systems import batch, session

text = st.text(st.characters(exclude_categories=()), max_size=20)
leaves = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(min_value=-(10**400), max_value=10**400)
    | st.floats()
    | text
    | st.sampled_from([str(uuid4()), "2026-11-25T11:50:00Z", "cyber_runner", "", "\x00", "\ud83d"])
)
anything = st.recursive(
    leaves, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(text, inner, max_size=4)
)
fields = st.sampled_from([*session(), "surprise"])
records = anything | st.dictionaries(fields, anything).map(lambda changes: session(**changes))
envelopes = st.dictionaries(
    st.sampled_from(["device_id", "sent_at", "outbox", "surprise"]), anything, max_size=2
)
fuzz = settings(
    max_examples=300,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@pytest.mark.slow
@fuzz
@given(sessions=st.lists(records, max_size=5))
@example(sessions=[[[]], {"metadata": {"a": [[[[{}]]]]}}, session(started_at="0001-01-01T00:00Z")])
@example(sessions=[session(score=10**400), session(duration=10**400), session(accuracy=-0.0)])
def test_every_session_gets_a_receipt_whatever_it_is(tablet: Tablet, sessions: list[Any]) -> None:
    answer = tablet.sync(*sessions)
    assert answer.status_code == 202, answer.text
    assert len(answer.json["receipts"]) == len(sessions)


@pytest.mark.slow
@fuzz
@given(changes=envelopes)
def test_a_strange_envelope_is_taken_or_refused_with_reason(
    tablet: Tablet, changes: dict[str, Any]
) -> None:
    answer = tablet.sync(session(), **changes)
    assert answer.status_code in (202, 403, 422), answer.text


PATHS = ["/api/v1/gameplay/sync", "/api/v1/gameplay/offer", "/api/v1/sign-in"]


@fuzz
@given(document=anything, path=st.sampled_from(PATHS))
def test_any_json_at_all_is_answered(tablet: Tablet, document: Any, path: str) -> None:
    answer = tablet.client.post(
        path, data=json.dumps(document), content_type="application/json", headers=tablet.headers
    )
    assert answer.status_code in (400, 401, 422, 429), answer.text


@fuzz
@given(body=st.binary(max_size=200) | text.map(lambda t: t.encode("utf-8", "surrogatepass")))
def test_any_bytes_at_all_are_answered(tablet: Tablet, body: bytes) -> None:
    answer = tablet.post_sync(data=body, content_type="application/json")
    assert answer.status_code in (400, 422), answer.text


@fuzz
@example(path="api/v1/me", accept="text/html")
@example(path="api/v1/sign-in", accept="text/html")
@example(path="/api/v1/sign-in", accept="text/html")
@given(path=text, accept=st.sampled_from(["text/html", "*/*", "", "application/json", "x;;q=z"]))
def test_any_address_is_answered(tablet: Tablet, path: str, accept: str) -> None:
    from urllib.parse import quote

    # Slashes too: the client would take what follows two of them for a host.
    address = "/" + quote(path.encode("utf-8", "surrogatepass"), safe="")
    answer = tablet.client.get(address, headers={"Accept": accept})
    # The API's own addresses are found as well, with one slash before them or several: they want
    # a token, or another method.
    known = (401, 405) if path.lstrip("/").startswith("api/") else ()
    assert answer.status_code in (200, 308, 404, 503, *known), answer.status


@pytest.mark.parametrize("depth", [30, 33, 100, 505, 520, 1500, 20_000, 100_000])
def test_deep_nesting_ends_in_a_receipt_or_a_problem(tablet: Tablet, depth: int) -> None:
    body = json.dumps(batch(tablet.device_id, session(metadata="here"), session()))
    deep = '{"a":' * depth + "1" + "}" * depth
    answer = tablet.post_sync(data=body.replace('"here"', deep), content_type="application/json")
    if answer.status_code == 400:
        assert answer.json["code"] == "malformed_json"
        assert depth > 510
    else:
        statuses = [receipt["status"] for receipt in answer.json["receipts"]]
        assert statuses == ["accepted" if depth < 32 else "invalid", "accepted"]
