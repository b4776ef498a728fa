"""A NeuroPlay installation for a measurement, with a temporary home and a free port."""

from __future__ import annotations

import http.client
import json
import os
import socket
import ssl
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Self
from uuid import uuid4

import psutil

from benchmarks.harness.servers import folder

NEUROPLAY = str(Path(sys.executable).with_name("neuroplay"))


OPS_TOKEN = "benchmarks"  # noqa: S105 - of a system on loopback, for a minute

PROGRAMS = {
    "bin/postgres": "postgres",
    "valkey-server": "redis",
    "neuroplay.api.server": "api",
    "neuroplay.worker.run beat": "beat",
    "neuroplay.worker.run": "worker",
    "neuroplay.worker.app beat": "beat",  # in commits before the fork server
    "neuroplay.worker.app": "worker",
}
"""The name of each program by a part of its command line; the first match counts."""

UNSET = ("DATABASE_URL", "REDIS_URL", "NEUROPLAY_SECRET", "NEUROPLAY_PUBLIC_URL")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def program_name(command: Sequence[str]) -> str:
    """The supervisor's name for the program with this command line; `other` if it has none."""
    words = " ".join(command)
    return next((name for part, name in PROGRAMS.items() if part in words), "other")


def cards_of(roster: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Class code and card code of each student in a roster of load classes."""
    return [
        (one["class"]["code"], student["card_code"])
        for one in roster["classes"]
        for student in one["students"]
    ]


class System:
    """Starts, measures and stops an installation. `home` remains after `stop`."""

    address = "127.0.0.1"

    def __init__(self, home: Path) -> None:
        self.port = free_port()
        self.home = home
        self.secure = False
        """Whether it serves HTTPS."""

        self.environment = {
            **{k: v for k, v in os.environ.items() if k not in UNSET},
            "NEUROPLAY_HOME": str(home),
            "NEUROPLAY_PORT": str(self.port),
            "NEUROPLAY_OPS_TOKEN": OPS_TOKEN,
        }
        self.under: Sequence[str] = ()
        """A command that it runs under, such as `taskset -c 0`."""

        self.process: subprocess.Popen[bytes] | None = None

    @classmethod
    @contextmanager
    def temporary(cls) -> Iterator[Self]:
        with tempfile.TemporaryDirectory(prefix="neuroplay-bench-") as folder:
            # The embedded PostgreSQL may run as another user, who needs access.
            os.chmod(folder, 0o755)
            system = cls(Path(folder) / "home")
            try:
                yield system
            finally:
                system.stop()

    def start(self) -> float:
        """Run `serve` in the foreground; seconds until /health/ready answers 200."""
        begun = time.perf_counter()
        self.process = subprocess.Popen(
            [*self.under, NEUROPLAY, "serve"],
            env=self.environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        while True:
            if self.process.poll() is not None:
                assert self.process.stderr is not None
                raise RuntimeError(self.process.stderr.read().decode())
            if self.get("/health/ready")[0] == 200:
                return time.perf_counter() - begun
            time.sleep(0.01)  # the resolution of the figure

    @property
    def database(self) -> str:
        """The embedded PostgreSQL, for psycopg2."""
        from neuroplay.home import runtime_dir

        return f"host={runtime_dir(self.home) / 'pg'} user=neuroplay dbname=neuroplay"

    def migrate(self) -> None:
        """Upgrade the schema of DATABASE_URL."""
        subprocess.run(
            [NEUROPLAY, "db", "migrate"],
            env=self.environment,
            check=True,
            stdout=subprocess.DEVNULL,
        )

    @contextmanager
    def running(self, module: str) -> Iterator[None]:
        """Run only an API, `python -m module`, within the block. Servers and schema must exist."""
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", module],  # by PYTHONPATH, whatever this folder has
            env=self.environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            while self.get("/health/live")[0] != 200:
                if process.poll() is not None:
                    raise RuntimeError(f"{module} ended with {process.returncode}")
                time.sleep(0.05)
            yield
        finally:
            process.terminate()
            process.wait(30)

    def wait_until_complete(self) -> None:
        """Wait for the workers, which start a second or two after the API."""
        while subprocess.run(
            [NEUROPLAY, "status"], env=self.environment, capture_output=True, check=False
        ).returncode:
            time.sleep(0.1)

    def stop(self) -> float:
        """Send TERM; returns the seconds until the process has ended, 0.0 if none runs."""
        if self.process is None:
            return 0.0
        begun = time.perf_counter()
        self.process.terminate()
        self.process.wait(60)
        taken = time.perf_counter() - begun
        if self.process.stderr is not None:
            self.process.stderr.close()
        self.process = None
        return taken

    def processes(self) -> list[psutil.Process]:
        """All processes of the running system, including the embedded servers."""
        assert self.process is not None
        top = psutil.Process(self.process.pid)
        return [top, *top.children(recursive=True)]

    def cpu_s(self) -> float:
        """Processor time of all processes so far, including children that have ended."""
        total = 0.0
        for one in self.processes():
            with suppress(psutil.NoSuchProcess):
                total += sum(one.cpu_times()[:4])
        return total

    def cpu_s_by_program(self) -> dict[str, float]:
        """As `cpu_s`, by program with its children, and of the supervisor."""
        assert self.process is not None
        supervisor = psutil.Process(self.process.pid)
        found = {"supervisor": sum(supervisor.cpu_times()[:2])}
        for program in supervisor.children():
            name = program_name(program.cmdline())
            for one in [program, *program.children(recursive=True)]:
                with suppress(psutil.NoSuchProcess):
                    found[name] = found.get(name, 0.0) + sum(one.cpu_times()[:4])
        return found

    def memory_mb(self) -> dict[str, float]:
        """Proportional set size by program, with its children, and of the supervisor, in MB
        (1,000,000 bytes)."""
        assert self.process is not None
        supervisor = psutil.Process(self.process.pid)
        found = {"supervisor": supervisor.memory_full_info().pss / 1e6}
        for program in supervisor.children():
            with suppress(psutil.NoSuchProcess):
                name = program_name(program.cmdline())
                for one in [program, *program.children(recursive=True)]:
                    with suppress(psutil.NoSuchProcess):
                        found[name] = found.get(name, 0.0) + one.memory_full_info().pss / 1e6
        return found

    def roster(self, students: int) -> dict[str, Any]:
        """New load classes, in the format of `neuroplay loadtest --roster`. Their students may send
        sessions of any age."""
        with folder() as place:
            file = place / "roster.json"
            self.command("loadtest", "roster", str(file), "--students", str(students))
            made: dict[str, Any] = json.loads(file.read_text())
            return made

    def cards(self, students: int) -> list[tuple[str, str]]:
        """Class codes and card codes of students of load classes."""
        return cards_of(self.roster(students))

    def _connection(self, timeout_s: float) -> http.client.HTTPConnection:
        if not self.secure:
            return http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout_s)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        return http.client.HTTPSConnection(
            "127.0.0.1", self.port, timeout=timeout_s, context=context
        )

    def get(self, path: str) -> tuple[int, bytes]:
        """(status, body), or (0, b"") without a response."""
        connection = self._connection(timeout_s=5)
        try:
            connection.request("GET", path, headers={"Authorization": f"Bearer {OPS_TOKEN}"})
            answer = connection.getresponse()
            return answer.status, answer.read()
        except OSError:
            return 0, b""
        finally:
            connection.close()

    def post(self, path: str, body: Any, token: str = "") -> tuple[int, Any]:
        connection = self._connection(timeout_s=10)
        headers = {"Content-Type": "application/json"}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        try:
            connection.request("POST", path, json.dumps(body), headers)
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read() or b"null")
        finally:
            connection.close()

    def command(self, *arguments: str) -> Any:
        """Run a neuroplay command; returns its --json output."""
        done = subprocess.run(
            [NEUROPLAY, *arguments, "--json"], env=self.environment, capture_output=True, check=True
        )
        return json.loads(done.stdout)

    def students(self, count: int) -> list[dict[str, str]]:
        """Sign in students of load classes; returns device_id and token of each."""
        signed_in = []
        for class_code, card_code in self.cards(count):
            device_id = str(uuid4())
            card = {"class_code": class_code, "card_code": card_code, "device_id": device_id}
            status, answer = self.post("/api/v1/sign-in", card)
            if status != 200:
                raise RuntimeError(f"sign-in answered {status}: {answer}")
            signed_in.append({"device_id": device_id, "token": answer["token"]})
        return signed_in
