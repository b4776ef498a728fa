"""Machines that only run workers or beat serve metrics on their own ports."""

from __future__ import annotations

import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from neuroplay.infra.monitoring.metrics_port import serve_metrics
from tests.acceptance.installation import free_port
from tests.integration.servers import wait_until


def scrape(port: int, token: str = "", path: str = "/metrics") -> tuple[int, str]:
    """(status, text), or (0, "") where nothing answers."""
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}")
    if token:
        request.add_header("Authorization", f"Bearer {token}")
    try:
        with urllib.request.urlopen(request, timeout=5) as answer:  # noqa: S310 - our own
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, ""
    except OSError:
        return 0, ""


@contextmanager
def running(environment: dict[str, str], program: str) -> Iterator[Any]:
    command = [sys.executable, "-m", "neuroplay.worker.run", program]
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        try:
            yield process
        finally:
            process.terminate()


@pytest.fixture
def environment(monkeypatch, database_url, redis_url, tmp_path) -> dict[str, str]:
    import os

    shared = tmp_path / "shared"
    shared.mkdir()
    return {
        **os.environ,
        "DATABASE_URL": database_url,
        "REDIS_URL": redis_url,
        "NEUROPLAY_SECRET": "x" * 40,
        "NEUROPLAY_HOME": str(tmp_path),
        "NEUROPLAY_OPS_TOKEN": "s3cret",
        "PROMETHEUS_MULTIPROC_DIR": str(shared),
    }


@pytest.mark.parametrize(
    ("setting", "program"),
    [("NEUROPLAY_WORKER_METRICS_PORT", "worker"), ("NEUROPLAY_BEAT_METRICS_PORT", "beat")],
)
def test_a_worker_and_beat_answer_on_ports_of_their_own(environment, setting, program):
    port = free_port()
    with running({**environment, setting: str(port)}, program):
        wait_until(lambda: scrape(port)[0], f"{program} answers")
        assert scrape(port)[0] == 401
        # A source that is late on a busy machine is left out of a scrape.
        for series in ('neuroplay_inbox_items{state="pending"} 0.0', "neuroplay_host_cpu_ratio"):
            wait_until(lambda series=series: series in scrape(port, "s3cret")[1], series)
        assert scrape(port, "s3cret", "/")[0] == 404


def test_a_port_that_is_taken_is_no_reason_to_end():
    port = free_port()
    first = serve_metrics("127.0.0.1", port)
    assert first is not None
    assert serve_metrics("127.0.0.1", port) is None
    assert scrape(port)[0] == 200
    first.shutdown()
    first.server_close()
