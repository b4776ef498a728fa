"""Pods of the rendered chart as processes of this machine: with their commands and environment, the
Secret's values, and a folder and ports of this machine in place of the pod's."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

from neuroplay.infra.embedded.postgres import EmbeddedPostgres
from neuroplay.infra.embedded.redis import EmbeddedValkey
from tests.acceptance.installation import free_port

TOKEN = "t" * 32


@contextmanager
def secret_of_servers(*, max_connections: int = 100) -> Iterator[dict[str, str]]:
    """What an operator puts into the Secret; the servers run meanwhile."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="npk", dir="/tmp")))
        folder.chmod(0o755)
        home, run = folder / "home", folder / "run"
        postgres = EmbeddedPostgres(home=home, runtime_dir=run, max_connections=max_connections)
        valkey = EmbeddedValkey(home=home, runtime_dir=run)
        url = stack.enter_context(postgres.running())
        yield {
            "DATABASE_URL": url.replace("postgresql+psycopg2:", "postgresql:"),
            "REDIS_URL": stack.enter_context(valkey.running()),
            "NEUROPLAY_SECRET": "s" * 32,
            "NEUROPLAY_OPS_TOKEN": TOKEN,
        }


class Pod:
    """One container of a rendered pod, on this machine. A pod that is to be ended must end within
    its grace period. `under` is a command that runs the container's, if there is one."""

    def __init__(
        self,
        manifest: dict[str, Any],
        secret: dict[str, str],
        folder: Path,
        *,
        under: Sequence[str] = (),
    ) -> None:
        self.spec = manifest["spec"]["template"]["spec"]
        self._secret, self._home = secret, folder / manifest["metadata"]["name"]
        self._under = under
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
                [*self._under, sys.executable, "-m", "cli", *self._here(container["args"])],
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

    @property
    def drain_s(self) -> float:
        """How long it goes on after it was told to end."""
        sleeps = self.main.get("lifecycle", {}).get("preStop", {}).get("sleep", {})
        return float(sleeps.get("seconds", 0))

    def end(self, process: subprocess.Popen[str]) -> int:
        """Send SIGTERM; its exit code. Raises TimeoutExpired after the grace period."""
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=self.spec["terminationGracePeriodSeconds"] - self.drain_s)
        return process.returncode
