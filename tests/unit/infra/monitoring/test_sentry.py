"""Reports, captured at the transport: nothing leaves the machine in these tests."""

from __future__ import annotations

import json
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
import structlog

from neuroplay.core.errors import NotFound
from neuroplay.infra.monitoring.monitoring import init_sentry, track_errors
from neuroplay.infra.monitoring.sentry import traces_sampler

SECRETS = ("Ana Clara", "K7QMX2ZPWA", "bearer-t0ken", "hunter2")


@pytest.fixture
def sent() -> Iterator[list[Any]]:
    import sentry_sdk
    from sentry_sdk.transport import Transport

    events: list[Any] = []

    class Kept(Transport):
        def capture_envelope(self, envelope: Any) -> None:
            events.extend(item.payload.json for item in envelope.items if item.payload.json)

    settings: Any = SimpleNamespace(
        sentry_dsn="https://key@sentry.invalid/1",
        app_version="2.5.0",
        environment="test",
        sentry_traces=0.05,
    )
    assert init_sentry(settings=settings)
    client = sentry_sdk.get_client()
    client.transport = Kept({})
    yield events
    client.close()
    sentry_sdk.get_global_scope().set_client(None)
    sentry_sdk.get_isolation_scope().clear()


def fail(nickname: str, token: str) -> None:
    dict[str, int]()[f"{nickname} {token}"]


def test_an_error_arrives_once_with_its_stack_and_no_secret(sent: list[Any]) -> None:
    import sentry_sdk

    sentry_sdk.add_breadcrumb(category="query", message=f"INSERT {SECRETS[0]}", data={"p": SECRETS})
    sentry_sdk.set_user({"username": SECRETS[0]})
    sentry_sdk.set_extra("card", SECRETS[1])
    sentry_sdk.set_tag("nickname", SECRETS[0])
    structlog.contextvars.bind_contextvars(request_id="request-77", nickname=SECRETS[0])
    with pytest.raises(KeyError):
        track_errors("game_processor")(fail)(SECRETS[0], SECRETS[2])
    structlog.contextvars.clear_contextvars()
    [event] = sent
    text = json.dumps(event)
    assert not [secret for secret in SECRETS if secret in text]
    [exception] = event["exception"]["values"]
    assert exception["type"] == "KeyError"
    assert exception["stacktrace"]["frames"][-1]["function"] == "fail"
    assert "vars" not in exception["stacktrace"]["frames"][-1]
    assert event["tags"] == {"component": "game_processor", "request_id": "request-77"}
    assert (event["release"], event["environment"]) == ("neuroplay@2.5.0", "test")


def test_our_own_errors_are_sent_with_their_code(sent: list[Any]) -> None:
    @track_errors("cli")
    def find() -> None:
        raise NotFound(f"there is no student {SECRETS[0]!r}")

    with pytest.raises(NotFound):
        find()
    assert sent[0]["exception"]["values"][-1]["value"] == "not_found"


def test_a_log_line_is_sent_without_its_values(sent: list[Any]) -> None:
    import logging

    logging.getLogger("somewhere").error("nobody named %s", SECRETS[0])
    assert sent[0]["logentry"] == {"message": "nobody named %s"}
    assert SECRETS[0] not in json.dumps(sent)


@pytest.mark.parametrize("path", ["/health", "/health/live", "/metrics"])
def test_probes_and_scrapes_are_never_traced(path: str) -> None:
    assert traces_sampler(0.05)({"wsgi_environ": {"PATH_INFO": path}, "parent_sampled": True}) == 0
    assert traces_sampler(0.05)({"wsgi_environ": {"PATH_INFO": "/api/v1/me"}}) > 0
