"""The API in its own server processes, on a real PostgreSQL and a real Valkey that can hang."""

from __future__ import annotations

import http.client
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import psutil
import pytest
from prometheus_client.parser import text_string_to_metric_families as parse

from neuroplay.bootstrap import Container, build
from neuroplay.config import load_settings
from neuroplay.core.use_cases.cards import CreatedClass
from neuroplay.infra.db.engine import ANSWER_TIMEOUT_S
from neuroplay.infra.db.migrations import upgrade
from neuroplay.infra.embedded.postgres import EmbeddedPostgres
from neuroplay.infra.embedded.redis import EmbeddedValkey
from neuroplay.infra.redis.heartbeat import KEY, TTL_S, name_of
from tests.integration.servers import hung, postgres_pid
from tests.unit.api.systems import batch, session

START_PATIENCE_S = 30
AT_ONCE_S = 0.9 * ANSWER_TIMEOUT_S
"""What waits for no hung database takes less than the time it is given."""

WORKERS = 2


@dataclass
class Answer:
    status: int
    headers: http.client.HTTPMessage
    text: str
    seconds: float

    @property
    def json(self) -> Any:
        return json.loads(self.text)


@dataclass
class Server:
    """A running API, the system below it, and a child who is signed in."""

    port: int
    process: subprocess.Popen[bytes]
    container: Container
    data: Path
    log: Path
    school_class: CreatedClass
    device_id: Any = field(default_factory=uuid4)
    token: str = ""

    @property
    def redis_pid(self) -> int:
        return int(self.container.redis.info("server")["process_id"])

    def ask(
        self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None
    ) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        sent = {"Authorization": f"Bearer {self.token}"} | (headers or {})
        if body is not None and not isinstance(body, bytes) and not callable(body):
            body = json.dumps(body).encode()
        if body is not None:
            sent.setdefault("Content-Type", "application/json")
        started = time.monotonic()
        try:
            connection.request(
                method,
                path,
                body() if callable(body) else body,
                sent,
                encode_chunked=callable(body),
            )
            response = connection.getresponse()
            text = response.read().decode()
        finally:
            connection.close()
        return Answer(response.status, response.headers, text, time.monotonic() - started)

    def sync(self, *sessions: Any) -> Answer:
        return self.ask("POST", "/api/v1/gameplay/sync", batch(self.device_id, *sessions))

    def sign_in(self) -> Answer:
        return self.ask(
            "POST",
            "/api/v1/sign-in",
            {
                "class_code": self.school_class.school_class.code,
                "card_code": self.school_class.students[0].card_code,
                "device_id": str(self.device_id),
            },
        )

    def metric(self, name: str, **labels: str) -> float:
        for family in parse(self.ask("GET", "/metrics").text):
            for sample in family.samples:
                if sample.name == name and labels.items() <= sample.labels.items():
                    return sample.value
        return -1.0


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with tempfile.TemporaryDirectory(prefix="npapi", dir="/tmp") as folder:
        place = Path(folder)
        place.chmod(0o755)
        (place / "metrics").mkdir()
        postgres = EmbeddedPostgres(home=place / "home", runtime_dir=place / "run")
        valkey = EmbeddedValkey(home=place / "home", runtime_dir=place / "run")
        with postgres.running() as database_url, valkey.running() as redis_url:
            environment = {
                "NEUROPLAY_HOME": str(place / "home"),
                "NEUROPLAY_PORT": str(free_port()),
                "NEUROPLAY_SECRET": "s" * 40,
                "NEUROPLAY_API_WORKERS": str(WORKERS),
                "DATABASE_URL": database_url.replace("+psycopg2", ""),
                "REDIS_URL": redis_url,
                "PROMETHEUS_MULTIPROC_DIR": str(place / "metrics"),
                "SENTRY_DSN": "",
            }
            with pytest.MonkeyPatch.context() as patch:
                for name, value in environment.items():
                    if name != "PROMETHEUS_MULTIPROC_DIR":
                        patch.setenv(name, value)
                container = build(load_settings())
            upgrade(container.engine)
            made = container.create_class.execute("3A", 3, language="en")
            log = place / "log"
            with running(environment, log) as process:
                one = Server(
                    int(environment["NEUROPLAY_PORT"]), process, container, postgres.data, log, made
                )
                until(lambda: answers(one), process)
                one.token = one.sign_in().json["token"]
                yield one
            container.close()


@contextmanager
def running(environment: dict[str, str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "neuroplay.api.server"],
            env={**os.environ, **environment},
            stdout=output,
            stderr=output,
            cwd=log.parent,
        )
    try:
        yield process
    finally:
        process.terminate()
        process.wait(timeout=20)


def answers(server: Server) -> bool:
    try:
        return server.ask("GET", "/health/ready").status == 200
    except OSError:
        return False


def until(condition: Callable[[], bool], process: subprocess.Popen[bytes] | None = None) -> None:
    ends = time.monotonic() + START_PATIENCE_S
    while not condition():
        assert time.monotonic() < ends, "it did not come about"
        assert process is None or process.poll() is None, "the server ended"
        time.sleep(0.05)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def test_the_whole_way_of_a_session(server: Server) -> None:
    played = session()
    answer = server.ask(
        "POST",
        "/api/v1/gameplay/sync",
        batch(server.device_id, played, session(score=-1)),
        {"X-Request-ID": "whole-way-1"},
    )
    assert answer.status == 202
    assert [receipt["status"] for receipt in answer.json["receipts"]] == ["accepted", "invalid"]
    with server.container.uow() as uow:
        [item] = uow.inbox.by_session(played["session_id"])
    assert (item.request_id, item.payload) == ("whole-way-1", played)
    server.container.drain_inbox.execute(500)
    me = server.ask("GET", "/api/v1/me").json
    assert (me["xp"], me["level"]) == (850, 5)
    assert server.ask("GET", "/api/v1/me/sessions").json["sessions"][-1]["xp_gained"] == 650
    board = server.ask("GET", "/api/v1/leaderboards/cyber_runner").json
    assert (board["me"], board["top"]) == (None, []), "no trace, no place"
    assert server.sync(played).json["receipts"][0]["status"] == "duplicate"


def test_one_session_sent_by_many_at_once_is_stored_once(server: Server) -> None:
    played = session()
    with ThreadPoolExecutor(16) as pool:
        sent = list(pool.map(lambda _: server.sync(played, session()), range(16)))
    assert {answer.status for answer in sent} == {202}
    first = sorted(answer.json["receipts"][0]["status"] for answer in sent)
    assert first == ["accepted"] + ["duplicate"] * 15


def test_a_body_in_chunks_is_taken_up_to_a_mebibyte(server: Server) -> None:
    body = json.dumps(batch(server.device_id, session())).encode()
    path = "/api/v1/gameplay/sync"
    assert server.ask("POST", path, lambda: iter([body[:50], body[50:]])).status == 202
    try:
        answer = server.ask("POST", path, lambda: iter([b'{"x":"' + b"x" * 65536] * 40))
    except (BrokenPipeError, ConnectionResetError):
        pytest.fail("the answer was lost: the connection ended before it")
    assert (answer.status, answer.json["code"]) == (413, "body_too_large")


def test_numbers_that_are_none_are_kept_as_invalid(server: Server) -> None:
    text = json.dumps(batch(server.device_id, session(score="here"), session()))
    for number in ("NaN", "-Infinity", "1e999", "9" * 5000):
        body = text.replace('"here"', number).replace(
            json.loads(text)["sessions"][1]["session_id"], str(uuid4())
        )
        answer = server.ask("POST", "/api/v1/gameplay/sync", body.encode())
        statuses = [receipt["status"] for receipt in answer.json["receipts"]]
        assert statuses == ["invalid", "accepted"], number


def test_a_hung_redis_costs_a_request_little_and_loses_nothing(server: Server) -> None:
    with hung(server.redis_pid):
        played = session()
        answer = server.sync(played)
        assert (answer.status, answer.json["receipts"][0]["status"]) == (202, "accepted")
        assert answer.seconds < AT_ONCE_S
        health = server.ask("GET", "/health")
        assert (health.status, health.json["checks"]["database"]) == (503, "ok")
        assert health.json["checks"]["redis"] != "ok"
        assert health.seconds < AT_ONCE_S
        ready = server.ask("GET", "/health/ready")
        assert (ready.status, ready.json["status"]) == (200, "degraded")
        scrape = server.ask("GET", "/metrics")
        assert scrape.seconds < AT_ONCE_S
        assert 'neuroplay_source_up{source="redis"} 0.0' in scrape.text
        assert 'neuroplay_queue_size{queue_name="sync_inbox"}' in scrape.text
    until(lambda: server.ask("GET", "/health").json["checks"]["redis"] == "ok")


def test_a_hung_database_is_said_in_time(server: Server) -> None:
    server.sync(session())
    with hung(postgres_pid(server.data)):
        answer = server.sync(session())
        assert (answer.status, answer.json["code"]) == (503, "store_unavailable")
        assert answer.seconds < 1.9 * ANSWER_TIMEOUT_S
        assert int(answer.headers["Retry-After"]) > 0
        assert server.ask("GET", "/health/live").seconds < AT_ONCE_S
        health = server.ask("GET", "/health")
        assert (health.status, health.json["checks"]["redis"]) == (503, "ok")
        assert health.seconds < AT_ONCE_S
        assert server.ask("GET", "/health/ready").status == 503
        assert server.ask("GET", "/metrics").seconds < AT_ONCE_S
    until(lambda: server.sync(session()).status == 202)


def test_workers_are_counted_by_their_heartbeats(server: Server) -> None:
    assert server.ask("GET", "/health").json["checks"]["celery"] == "no workers"
    server.container.heartbeat.beat(1, 2)
    server.container.heartbeat.beat(7, 1)
    well = {
        "status": "healthy",
        "checks": {
            "database": "ok",
            "redis": "ok",
            "celery": "ok (3 workers)",
            "backups": "ok (backed up never, restored in a drill never)",
            "requests": "ok",
        },
    }
    assert server.ask("GET", "/health").json == well
    assert server.metric("neuroplay_workers") == 3
    server.container.heartbeat.beat(1, 0)
    assert server.ask("GET", "/health").json["checks"]["celery"] == "ok (1 worker)"
    assert 0 < server.container.redis.ttl(KEY + name_of(7)) <= TTL_S


def test_one_scrape_tells_of_all_processes_and_outlives_them(server: Server) -> None:
    def accepted() -> float:
        return server.metric(
            "neuroplay_game_syncs_total", game_type="cyber_runner", status="accepted"
        )

    before = accepted()
    with ThreadPoolExecutor(16) as pool:
        list(pool.map(lambda _: server.sync(session()), range(48)))
    assert accepted() == before + 48
    assert server.metric("neuroplay_active_users") == 1
    assert server.metric("neuroplay_queue_size", queue_name="sync_inbox") >= 48
    workers = psutil.Process(server.process.pid).children()
    assert len(workers) >= WORKERS
    workers[0].kill()
    # A connection that still reaches the dying one is reset.
    psutil.wait_procs(workers[:1], timeout=10)
    until(lambda: answers(server))
    assert accepted() >= before + 48


def test_no_child_and_no_secret_is_in_the_log(server: Server) -> None:
    card = server.school_class.students[0].card_code
    server.ask("GET", f"/x?card={card}")
    server.ask("POST", "/api/v1/sign-in", {"class_code": "x", "card_code": card, "device_id": "x"})
    log = server.log.read_text()
    planted = [server.token, card, server.school_class.school_class.code, "s" * 40]
    planted += [one.student.nickname for one in server.school_class.students]
    assert not [secret for secret in planted if secret in log]
    lines = [json.loads(line) for line in log.splitlines() if line.startswith("{")]
    assert "request" in {line["event"] for line in lines}
    assert "Traceback" not in log
