"""The chart's commands, settings and probes, as real processes with real servers.

What a cluster would do is done here: the containers' commands run with their environment, the
Secret's values, and a folder and ports of this machine in place of the pod's.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest

from neuroplay.infra.embedded.postgres import EmbeddedPostgres
from neuroplay.infra.embedded.redis import EmbeddedValkey
from tests.acceptance.installation import free_port
from tests.deploy.chart import render, the
from tests.integration.servers import wait_until

pytestmark = pytest.mark.deploy

TOKEN = "t" * 32


class Pod:
    """One container of a rendered pod, on this machine. A pod that is to be ended must end within
    its grace period."""

    def __init__(self, manifest: dict[str, Any], secret: dict[str, str], folder: Path) -> None:
        self.spec = manifest["spec"]["template"]["spec"]
        self._secret, self._home = secret, folder / manifest["metadata"]["name"]
        (self.main,) = self.spec["containers"]
        self.ports = {port["name"]: free_port() for port in self.main.get("ports", ())}
        self._numbers = {
            str(port["containerPort"]): str(self.ports[port["name"]])
            for port in self.main.get("ports", ())
        }

    @contextmanager
    def running(self, container: dict[str, Any]) -> Iterator[subprocess.Popen[str]]:
        with tempfile.TemporaryFile("w+") as logs:
            process = subprocess.Popen(
                [sys.executable, "-m", "cli", *self._here(container["args"])],
                env={
                    **{name: os.environ[name] for name in ("PATH", "HOME")},
                    **dict(self._environment(container)),
                },
                cwd="/",
                stdout=subprocess.PIPE,
                stderr=logs,
                text=True,
            )
            try:
                with process:
                    yield process
            finally:
                if process.poll() is None:
                    process.kill()
            logs.seek(0)
            self.logs = logs.read()

    def _here(self, arguments: list[str]) -> list[str]:
        return [self._numbers.get(one, one) for one in arguments]

    def _environment(self, container: dict[str, Any]) -> Iterator[tuple[str, str]]:
        for one in container["env"]:
            if "valueFrom" in one:
                yield one["name"], self._secret[one["valueFrom"]["secretKeyRef"]["key"]]
            elif one["value"] == "/data":
                yield one["name"], str(self._home)
            else:
                yield one["name"], self._numbers.get(one["value"], one["value"])

    def is_well(self, probe: str) -> bool:
        asked = self.main[probe]
        if "tcpSocket" in asked:
            try:
                port = self.ports[asked["tcpSocket"]["port"]]
                socket.create_connection(("127.0.0.1", port), asked["timeoutSeconds"]).close()
            except OSError:
                return False
            return True
        path = asked["httpGet"]["path"]
        return self.get(asked["httpGet"]["port"], path)[0] == 200

    def get(self, port: str, path: str) -> tuple[int, str]:
        """(0, '') if nobody answers."""
        connection = HTTPConnection("127.0.0.1", self.ports[port], timeout=5)
        try:
            connection.request("GET", path, headers={"Authorization": f"Bearer {TOKEN}"})
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        except OSError:
            return 0, ""
        finally:
            connection.close()

    def end(self, process: subprocess.Popen[str]) -> int:
        process.send_signal(signal.SIGTERM)
        sleeps = self.main.get("lifecycle", {}).get("preStop", {}).get("sleep", {})
        process.communicate(
            timeout=self.spec["terminationGracePeriodSeconds"] - sleeps.get("seconds", 0)
        )
        return process.returncode


@pytest.fixture
def secret() -> Iterator[dict[str, str]]:
    """What an operator puts into the Secret; the servers run meanwhile."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="npk", dir="/tmp")))
        folder.chmod(0o755)
        postgres = EmbeddedPostgres(home=folder / "home", runtime_dir=folder / "run")
        valkey = EmbeddedValkey(home=folder / "home", runtime_dir=folder / "run")
        url = stack.enter_context(postgres.running())
        yield {
            "DATABASE_URL": url.replace("postgresql+psycopg2:", "postgresql:"),
            "REDIS_URL": stack.enter_context(valkey.running()),
            "NEUROPLAY_SECRET": "s" * 32,
            "NEUROPLAY_OPS_TOKEN": TOKEN,
        }


def test_pods_wait_for_the_migration_start_are_well_and_end_in_time(
    secret: dict[str, str], tmp_path: Path
) -> None:
    tmp_path.chmod(0o755)
    manifests = render({"listen": "127.0.0.1"})
    api, worker, beat = (
        Pod(the(manifests, "Deployment", name), secret, tmp_path)
        for name in ("api", "worker", "beat")
    )
    job = Pod(the(manifests, "Job"), secret, tmp_path)
    (waits,) = api.spec["initContainers"]
    with api.running(waits) as waiting:
        with pytest.raises(subprocess.TimeoutExpired):
            waiting.wait(3)
        with job.running(job.main) as migrating:
            assert migrating.wait(60) == 0
        assert waiting.wait(60) == 0

    with ExitStack() as stack:
        running = [(pod, stack.enter_context(pod.running(pod.main))) for pod in (api, worker, beat)]
        for pod, _ in running:
            for probe in ("startupProbe", "readinessProbe", "livenessProbe"):
                wait_until(lambda pod=pod, probe=probe: pod.is_well(probe), probe, 60)
        for pod, port in ((api, "http"), (worker, "metrics"), (beat, "metrics")):
            status, metrics = pod.get(port, "/metrics")
            assert status == 200
            assert "\nneuroplay_inbox_oldest_seconds 0.0\n" in metrics
        wait_until(lambda: "\nneuroplay_workers 1.0\n" in api.get("http", "/metrics")[1], "beats")
        assert api.get("http", "/openapi.json")[0] == 200
        for pod, process in reversed(running):
            assert pod.end(process) == 0
            assert not pod.is_well("livenessProbe")
    (request,) = [line for line in api.logs.splitlines() if '"route": "/openapi.json"' in line]
    assert json.loads(request)["status"] == 200
