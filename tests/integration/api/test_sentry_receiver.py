"""Errors arrive at a receiver once each, without data of a child."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.integration.api.envelopes import Receiver, receiving
from tests.integration.servers import wait_until

SECRETS = ["Capivara Valente", "tok_9f8e7d6c5b4a", "K7QMX2ZPWA"]


@pytest.fixture
def environment(database_url, redis_url, tmp_path) -> dict[str, str]:
    return {
        **os.environ,
        "DATABASE_URL": database_url,
        "REDIS_URL": redis_url,
        "NEUROPLAY_SECRET": "s3rver-secret-" * 3,
        "NEUROPLAY_HOME": str(tmp_path),
        "ENVIRONMENT": "testing",
        "APP_VERSION": "9.8.7",
        "NEUROPLAY_SENTRY_TRACES": "1",
        "PLANTED": json.dumps(SECRETS),
    }


def crashing(mode: str, environment: dict[str, str], dsn: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "tests.integration.api.crashing", mode],
        env={**environment, "SENTRY_DSN": dsn},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )


def holds_no_secret(receiver: Receiver) -> bool:
    planted = [*SECRETS, "s3rver-secret", "nickname\\"]
    return not [secret for secret in planted if secret in "".join(receiver.raw)]


@pytest.mark.parametrize("mode", ["view", "thread", "cli"])
def test_a_crash_arrives_once_without_a_secret(environment, mode):
    with receiving() as receiver:
        with crashing(mode, environment, receiver.dsn) as process:
            process.communicate(timeout=60)
        (event,) = [e for e in receiver.items("event") if "exception" in e]
    assert holds_no_secret(receiver)
    assert event["exception"]["values"][-1]["type"] == "ValueError"
    assert event["exception"]["values"][-1]["stacktrace"]["frames"]
    assert (event["release"], event["environment"]) == ("neuroplay@9.8.7", "testing")
    if mode == "view":
        assert event["tags"]["request_id"] == "request-of-the-test"
        assert event["transaction"] == "/api/v1/fails"
        assert {crumb["category"] for crumb in event["breadcrumbs"]["values"]} >= {"query", "redis"}
        (trace,) = receiver.items("transaction")
        assert trace["transaction"] == "/api/v1/fails"
        assert {span["op"] for span in trace["spans"]} >= {"db", "db.redis"}
    if mode == "cli":
        assert event["tags"]["component"] == "cli"
        assert process.returncode == 3


@contextmanager
def worker(environment: dict[str, str], dsn: str) -> Iterator[None]:
    command = [sys.executable, "-m", "celery", "-A", "tests.integration.api.crashing", "worker"]
    with subprocess.Popen(
        [*command, "--concurrency", "1", "-Q", "neuroplay"],
        env={**environment, "SENTRY_DSN": dsn},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        try:
            yield
        finally:
            process.terminate()


def test_a_task_that_fails_arrives_once_without_its_arguments(environment, redis_url):
    from celery import Celery

    broker = redis_url.replace("unix://", "redis+socket://")
    with (
        receiving() as receiver,
        worker(environment, receiver.dsn),
        Celery(broker=broker) as sender,
    ):
        sender.send_task("fails", SECRETS[:2], queue="neuroplay", headers={"note": SECRETS[2]})
        wait_until(lambda: receiver.items("event"), "the error arrived", 60)
    (event,) = receiver.items("event")
    assert event["exception"]["values"][-1]["type"] == "ValueError"
    assert event["tags"]["component"] == "worker"
    assert holds_no_secret(receiver)


def test_a_receiver_that_hangs_keeps_nobody_waiting(environment):
    with (
        receiving(hangs=True) as receiver,
        crashing("view", environment, receiver.dsn) as process,
    ):
        assert process.stdout is not None
        # The request is answered, and the program ends, while the receiver still hangs.
        assert process.stdout.readline() == "answered\n"
        process.communicate(timeout=60)
        assert not receiver.go_on.is_set()


def test_a_receiver_that_refuses_is_left_alone(environment):
    with (
        receiving(status=429) as receiver,
        crashing("view", environment, receiver.dsn) as process,
    ):
        assert process.communicate(timeout=60)[0] == "answered\n"
    # Told to wait, it sends nothing more.
    assert len(receiver.raw) <= 2
    assert process.returncode == 0


LOADED = """
import sys
{program}
assert not [name for name in sys.modules if name.startswith("sentry_sdk")]
"""


@pytest.mark.parametrize(
    "program",
    [
        "from neuroplay.api.app import create_app; create_app()",
        "from neuroplay.worker.default import app; app.finalize(); "
        "from celery.signals import beat_init, worker_init; "
        "worker_init.send(sender=None); beat_init.send(sender=None)",
        "import cli.main; from cli.output.errors import report; report(ValueError('x'))",
        "from neuroplay.infra.monitoring.monitoring import track_errors\n"
        "try: track_errors('a')(int)('x')\n"
        "except ValueError: pass",
    ],
    ids=["api", "worker and beat", "cli", "track_errors"],
)
def test_without_a_dsn_nothing_of_sentry_is_loaded(environment, program):
    done = subprocess.run(
        [sys.executable, "-c", LOADED.format(program=program)],
        env={name: value for name, value in environment.items() if name != "SENTRY_DSN"},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
