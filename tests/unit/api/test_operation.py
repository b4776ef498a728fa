"""Health, metrics, request ids, the access log, and the OpenAPI document."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from flask.testing import FlaskClient
from openapi_spec_validator import OpenAPIV31SpecValidator
from prometheus_client.openmetrics.parser import (
    text_string_to_metric_families as parse_openmetrics,
)
from prometheus_client.parser import text_string_to_metric_families as parse

from neuroplay.api.app import create_app
from neuroplay.api.request.caller import nearest_untrusted, read_networks
from neuroplay.config import load_settings
from neuroplay.core.entities.achievement import ACHIEVEMENTS
from neuroplay.core.entities.game_catalogue import GAMES
from neuroplay.core.errors import SettingsError
from neuroplay.infra.monitoring.monitoring import get_health_status
from tests.unit.api.conftest import Tablet
from tests.unit.api.systems import FakeSystem, session
from tests.unit.infra.monitoring.streams import logs_to

STATUSES = ("accepted", "duplicate", "conflict", "invalid", "processed", "held", "failed")

# Health


def test_health_is_told_in_the_shape_that_dashboards_know(client: FlaskClient) -> None:
    answer = client.get("/health")
    assert answer.status_code == 200
    assert answer.json == {
        "status": "healthy",
        "checks": {
            "database": "ok",
            "redis": "ok",
            "celery": "ok (3 workers)",
            "backups": "ok (backed up 1 h ago, restored in a drill never)",
            "requests": "ok",
        },
    }
    assert get_health_status() == answer.json


@pytest.mark.parametrize("part", ["database", "redis"])
def test_health_names_the_part_that_is_away_and_no_secret(
    client: FlaskClient, system: FakeSystem, part: str
) -> None:
    system.broken.add(part)
    answer = client.get("/health")
    assert (answer.status_code, answer.json["status"]) == (503, "unhealthy")
    assert answer.json["checks"][part] == "unreachable"
    assert "hunter2" not in answer.text


def test_a_saturated_server_says_so_and_is_not_taken_out_of_service(
    client: FlaskClient, system: FakeSystem
) -> None:
    system.saturation.note()
    answer = client.get("/health")
    assert (answer.status_code, answer.json["status"]) == (200, "saturated")
    assert answer.json["checks"]["requests"] == "saturated; some are refused"
    assert client.get("/health/ready").json["status"] == "ready"
    system.broken.add("database")
    answer = client.get("/health")
    assert (answer.status_code, answer.json["status"]) == (503, "unhealthy")


def test_without_workers_it_is_not_healthy_yet_ready(
    client: FlaskClient, system: FakeSystem
) -> None:
    system.workers = 0
    answer = client.get("/health")
    assert (answer.status_code, answer.json["checks"]["celery"]) == (503, "no workers")
    assert client.get("/health/ready").status_code == 200
    system.workers = 1
    assert client.get("/health").json["checks"]["celery"] == "ok (1 worker)"


def test_ready_needs_the_database_and_its_schema_only(
    client: FlaskClient, system: FakeSystem
) -> None:
    assert client.get("/health/ready").json["status"] == "ready"
    system.broken.add("redis")
    answer = client.get("/health/ready")
    assert (answer.status_code, answer.json["status"]) == (200, "degraded")
    system.broken.add("schema")
    answer = client.get("/health/ready")
    assert (answer.status_code, answer.json["status"]) == (503, "not ready")


def test_alive_asks_nobody(client: FlaskClient, system: FakeSystem) -> None:
    system.broken |= {"database", "redis"}
    assert client.get("/health/live").json == {"status": "alive"}


# Metrics


def samples(text: str, parser: Any = parse) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for family in parser(text):
        for sample in family.samples:
            found.setdefault(sample.name, []).append(sample)
    return found


def test_no_series_is_missing_on_a_quiet_system(client: FlaskClient) -> None:
    found = samples(client.get("/metrics").text)
    syncs = {
        (s.labels["game_type"], s.labels["status"]) for s in found["neuroplay_game_syncs_total"]
    }
    for game_type in GAMES:
        for status in (
            "accepted",
            "duplicate",
            "conflict",
            "invalid",
            "processed",
            "held",
            "failed",
        ):
            assert (game_type, status) in syncs
    unlocked = {s.labels["achievement_id"] for s in found["neuroplay_achievements_unlocked_total"]}
    assert unlocked == set(ACHIEVEMENTS)
    assert {s.labels["state"]: s.value for s in found["neuroplay_inbox_items"]}["pending"] == 2
    sizes = {s.labels["queue_name"]: s.value for s in found["neuroplay_queue_size"]}
    assert sizes == {"sync_inbox": 2, "neuroplay": 0}
    for name, value in {
        "neuroplay_active_users": 1,
        "neuroplay_inbox_oldest_seconds": 0,
        "neuroplay_workers": 3,
        "neuroplay_host_cpu_ratio": 0.25,
        "neuroplay_host_memory_ratio": 0.5,
        "neuroplay_host_disk_ratio": 0.75,
    }.items():
        assert [s.value for s in found[name]] == [value]
    for name in ("neuroplay_errors_total", "neuroplay_cache_hit_rate"):
        assert found[name]
    for name in ("game_processing", "api_response", "redis_operation"):
        assert found[f"neuroplay_{name}_seconds_bucket"]
    endpoints = {s.labels["endpoint"] for s in found["neuroplay_api_requests_total"]}
    assert {"unmatched", "/api/v1/gameplay/sync", "/health", "/"} <= endpoints


def test_the_boundaries_that_alerts_rest_on_are_exact(client: FlaskClient) -> None:
    buckets = samples(client.get("/metrics").text)["neuroplay_api_response_seconds_bucket"]
    assert {"0.5", "1.0"} <= {s.labels["le"] for s in buckets}


def test_openmetrics_is_spoken_where_it_is_asked_for(client: FlaskClient) -> None:
    answer = client.get("/metrics", headers={"Accept": "application/openmetrics-text"})
    assert answer.mimetype == "application/openmetrics-text"
    assert "neuroplay_api_requests_total" in samples(answer.text, parse_openmetrics)


def test_no_client_can_make_a_label(tablet: Tablet) -> None:
    def count() -> int:
        return sum(map(len, samples(tablet.client.get("/metrics").text).values()))

    tablet.sync(session(game_type="warm up"))
    for method in ("GET", "BREW"):
        tablet.client.open("/warm/up", method=method)
    tablet.client.get("/warm.up")
    before = count()
    for number in range(200):
        tablet.client.open(f"/x{number}", method=f"M{number}")
        tablet.client.get(f"/y/{number}.png")
        tablet.client.get(f"/api/v1/{number}")
        tablet.sync(session(game_type=f"game{number}"))
    assert count() == before


def test_a_source_that_is_away_is_left_out_and_said(system: FakeSystem, pwa_folder: Path) -> None:
    from neuroplay.infra.monitoring.backlog import SystemCollector

    def away() -> Any:
        raise ConnectionError

    system.figures = SystemCollector(database=away, redis=away, host=away)
    client = create_app(system, pwa_folder=pwa_folder).test_client()  # type: ignore[arg-type]
    found = samples(client.get("/metrics").text)
    assert {s.labels["source"]: s.value for s in found["neuroplay_source_up"]} == {
        "database": 0,
        "redis": 0,
        "host": 0,
    }
    assert "neuroplay_inbox_items" not in found
    assert "neuroplay_queue_size" not in found


# Request ids and the access log


@dataclass
class Log:
    stream: io.StringIO

    @property
    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.stream.getvalue().splitlines()]


@pytest.fixture
def log(client: FlaskClient) -> Iterator[Log]:
    with logs_to(io.StringIO(), level="info") as stream:
        yield Log(stream)


def test_a_decent_request_id_is_kept(client: FlaskClient) -> None:
    answer = client.get("/api/v1/me", headers={"X-Request-ID": "tablet-7.batch_12"})
    assert answer.headers["X-Request-ID"] == "tablet-7.batch_12"
    assert answer.json["request_id"] == "tablet-7.batch_12"


@pytest.mark.parametrize(
    "header", [None, "", "short", "x" * 65, "two words!", "näher-dran", "a;b=c,d"]
)
def test_any_other_request_id_is_made(client: FlaskClient, header: str | None) -> None:
    made = {
        client.get(
            "/api/v1/games", headers={} if header is None else {"X-Request-ID": header}
        ).headers["X-Request-ID"]
        for _ in range(2)
    }
    assert len(made) == 2
    assert all(len(one) == 24 and one != header for one in made)


def test_the_request_id_goes_into_the_inbox(tablet: Tablet, system: FakeSystem) -> None:
    answer = tablet.sync(session())
    [item] = system.store.tables.inbox.values()
    assert item.request_id == answer.headers["X-Request-ID"]


def test_each_request_leaves_one_line_that_names_no_child(tablet: Tablet, log: Log) -> None:
    card = tablet.school_class.students[0].card_code
    tablet.sync(session())
    tablet.get("/api/v1/me?token=secret-token-value")
    tablet.client.get(f"/cards/{card}?card={card}")
    tablet.client.post(
        "/api/v1/sign-in",
        json={
            "class_code": tablet.school_class.school_class.code,
            "card_code": "WRONGCARD0",
            "device_id": str(uuid4()),
        },
    )
    access = [line for line in log.lines if line["event"] == "request"]
    assert [(line["method"], line["route"], line["status"]) for line in access] == [
        ("POST", "/api/v1/gameplay/sync", 202),
        ("GET", "/api/v1/me", 200),
        ("GET", "unmatched", 404),
        ("POST", "/api/v1/sign-in", 401),
    ]
    for line in access:
        assert line["duration_ms"] >= 0
        assert len(line["request_id"]) == 24
        assert (line["level"], line["timestamp"][-1]) == ("info", "Z")
    secrets = [
        card,
        "WRONGCARD0",
        "secret-token-value",
        tablet.signed_in["token"],
        tablet.signed_in["student"]["nickname"],
        tablet.school_class.school_class.code,
    ]
    assert not [secret for secret in secrets if secret in log.stream.getvalue()]


def test_a_refused_sign_in_is_noted_with_the_nearest_stranger(
    system: FakeSystem, pwa_folder: Path, log: Log
) -> None:
    system.settings.trusted_proxies = ("127.0.0.1",)
    client = create_app(system, pwa_folder=pwa_folder).test_client()  # type: ignore[arg-type]
    client.post(
        "/api/v1/sign-in",
        json={"class_code": "A", "card_code": "B", "device_id": str(uuid4())},
        headers={"X-Forwarded-For": "6.6.6.6, 192.0.2.7"},
    )
    [line] = [line for line in log.lines if line["event"] == "sign-in refused"]
    assert (line["code"], line["address"]) == ("wrong_card", "192.0.2.7")


@pytest.mark.parametrize(
    ("hops", "trusted", "address"),
    [
        (["", "192.0.2.1"], [], "192.0.2.1"),
        (["6.6.6.6", "192.0.2.1"], [], "192.0.2.1"),
        (["6.6.6.6", "192.0.2.1"], ["192.0.2.0/24"], "6.6.6.6"),
        (["1.1.1.1", "6.6.6.6", "10.0.0.1", "10.0.0.2"], ["10.0.0.0/8"], "6.6.6.6"),
        (["made up", "10.0.0.1"], ["10.0.0.0/8"], "10.0.0.1"),
        (["2001:db8::1", "::1"], ["::1"], "2001:db8::1"),
        ([""], [], "unknown"),
    ],
)
def test_only_trusted_proxies_are_believed(
    hops: list[str], trusted: list[str], address: str
) -> None:
    assert nearest_untrusted(hops, read_networks(trusted)) == address


def test_a_proxy_that_is_no_address_is_a_wrong_setting() -> None:
    with pytest.raises(SettingsError, match="NEUROPLAY_TRUSTED_PROXIES"):
        load_settings(trusted_proxies="10.0.0.1, proxy.example")


# The document

ADULTS = "/api/v1/adult/"


def test_the_document_has_every_route_of_adults(client: FlaskClient) -> None:
    document = client.get("/openapi.json").json
    routes = {
        (method.lower(), re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule))
        for rule in client.application.url_map.iter_rules()
        for method in rule.methods - {"HEAD", "OPTIONS"}
        if rule.rule.startswith(ADULTS)
    }
    assert ("get", f"{ADULTS}self") in routes
    described = {(method, path) for path, item in document["paths"].items() for method in item}
    assert routes - described == set()


def test_the_document_is_valid_and_complete(client: FlaskClient) -> None:
    document = client.get("/openapi.json").json
    OpenAPIV31SpecValidator(document).validate()
    operations = {
        (method.upper(), path)
        for path, item in document["paths"].items()
        for method in item
        if not path.startswith(ADULTS)
    }
    assert operations == {
        ("POST", "/api/v1/sign-in"),
        ("POST", "/api/v1/sign-out"),
        ("POST", "/api/v1/gameplay/sync"),
        ("POST", "/api/v1/gameplay/offer"),
        ("GET", "/api/v1/me"),
        ("GET", "/api/v1/me/sessions"),
        ("GET", "/api/v1/games"),
        ("GET", "/api/v1/leaderboards/{game_type}"),
        ("GET", "/health"),
        ("GET", "/health/ready"),
        ("GET", "/health/live"),
        ("GET", "/metrics"),
    }
    assert {"SessionRecord", "Receipt", "Problem", "SyncBatch"} <= set(
        document["components"]["schemas"]
    )
    sync = document["paths"]["/api/v1/gameplay/sync"]["post"]
    assert sync["security"] == [{"device": []}]
    assert "422" not in document["paths"]["/health"]["get"]["responses"]


def test_the_page_of_the_document_needs_nothing_from_elsewhere(client: FlaskClient) -> None:
    answer = client.get("/docs")
    assert answer.status_code == 200
    assert "http" not in answer.text.replace("<!doctype html>", "")
    viewer = client.get("/docs/viewer.js")
    assert (viewer.status_code, viewer.mimetype) == (200, "text/javascript")
    assert "script-src 'self'" in answer.headers["Content-Security-Policy"].split("; ")


def test_the_document_has_every_schema_that_it_names(client: FlaskClient) -> None:
    text = client.get("/openapi.json").text
    known = json.loads(text)["components"]["schemas"]
    named = set(re.findall(r'"#/components/schemas/(\w+)"', text))
    assert named - known.keys() == set()
