"""A separate installation for a test: a home, a free port, real processes; removed afterwards."""

from __future__ import annotations

import http.client
import itertools
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self
from uuid import uuid4

import psutil

from neuroplay.home import runtime_dir
from neuroplay.infra.supervision import child

UNSET = (
    "DATABASE_URL",
    "REDIS_URL",
    "NEUROPLAY_SECRET",
    "NEUROPLAY_SECRET_FILE",
    "NEUROPLAY_PUBLIC_URL",
    "NEUROPLAY_HOST",
    "NEUROPLAY_TLS_CERT",
    "NEUROPLAY_TLS_KEY",
)

PATIENCE_S = 60.0

Session = dict[str, Any]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until(holds: Callable[[], object], what: str, patience_s: float = PATIENCE_S) -> None:
    """What takes long to ask, such as a command, is asked less often."""
    deadline = time.monotonic() + patience_s
    while True:
        asked = time.monotonic()
        if holds():
            return
        now = time.monotonic()
        assert now < deadline, f"waited in vain: {what}"
        time.sleep(min(max(0.05, 2 * (now - asked)), 1.0))


@dataclass(frozen=True, kw_only=True)
class Ended:
    code: int
    out: str
    err: str


@dataclass(kw_only=True)
class Installation:
    home: Path
    port: int = field(default_factory=free_port)
    settings: Mapping[str, str] = field(default_factory=dict)
    user: int | None = None
    within: Sequence[str] = ()
    """What its commands are given to, such as `nsenter` and its words."""

    @property
    def environment(self) -> dict[str, str]:
        return {
            **{name: value for name, value in os.environ.items() if name not in UNSET},
            "NEUROPLAY_HOME": str(self.home),
            "NEUROPLAY_PORT": str(self.port),
            **self.settings,
        }

    @property
    def runtime(self) -> Path:
        return runtime_dir(self.home)

    @property
    def _options(self) -> dict[str, Any]:
        return {
            "env": self.environment,
            "cwd": "/",
            "stdin": subprocess.DEVNULL,
            "text": True,
        }

    def _command(self, *arguments: str) -> list[str]:
        command = [*self.within, sys.executable, "-m", "cli", *arguments]
        if self.user is None:
            return command
        # This Python may lie in a folder that is closed to that user.
        step = [sys.executable, "-I", "-S", child.__file__, "--reach"]
        return [*step, f"--user={self.user}:{self.user}", "--", *command]

    def run(self, *arguments: str, timeout_s: float = 90) -> Ended:
        done = subprocess.run(
            self._command(*arguments),
            capture_output=True,
            timeout=timeout_s,
            check=False,
            **self._options,
        )
        return Ended(code=done.returncode, out=done.stdout, err=done.stderr)

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """A command that runs until it is asked to end."""
        return subprocess.Popen(
            self._command(*arguments), stdout=subprocess.DEVNULL, **self._options
        )

    def json(self, *arguments: str) -> Any:
        ended = self.run(*arguments, "--json")
        assert ended.code == 0, ended
        return json.loads(ended.out)

    def status(self) -> dict[str, dict[str, Any]]:
        """Its processes by name, whether or not all of them run."""
        found = json.loads(self.run("status", "--json").out)
        return {process["name"]: process for process in found["processes"]}

    @contextmanager
    def detached(self, *arguments: str) -> Iterator[Self]:
        """`serve` in the background; ended afterwards, whatever state it is in."""
        try:
            self.json("serve", "--detach", *arguments)
            yield self
        finally:
            self.end()

    @contextmanager
    def foreground(self, *arguments: str) -> Iterator[subprocess.Popen[str]]:
        """`serve` in the foreground, in a process group of its own, as in a terminal; what it
        says is in `said`."""
        with self._output.open("w") as output:
            process = subprocess.Popen(
                self._command("serve", *arguments),
                stdout=output,
                stderr=subprocess.PIPE,
                process_group=0,
                **self._options,
            )
        try:
            with process:
                try:
                    yield process
                finally:
                    if process.poll() is None:
                        process.send_signal(signal.SIGTERM)
                        process.communicate(timeout=PATIENCE_S)
        finally:
            self.end()

    @property
    def _output(self) -> Path:
        return self.home.with_name(f"{self.home.name}.out")

    @property
    def said(self) -> str:
        """What the last `foreground` has said until now."""
        return self._output.read_text()

    def end(self) -> None:
        """Stop it, whatever state it is in."""
        self.run("stop")
        self.kill()

    def kill(self) -> None:
        """End every process of it at once; returns when they are gone."""
        killed = self.processes()
        for process in killed:
            with suppress(psutil.NoSuchProcess):  # it ended with its parent
                process.kill()
        wait_until(lambda: not any(map(self._is_ours, killed)), "the killed processes end")

    def processes(self) -> list[psutil.Process]:
        """Every process of this installation that is alive, however it came to be."""
        return [process for process in psutil.process_iter() if self._is_ours(process)]

    def _is_ours(self, process: psutil.Process) -> bool:
        if process.pid in {os.getpid(), *(parent.pid for parent in psutil.Process().parents())}:
            return False
        home = str(self.home)
        try:
            return process.status() != psutil.STATUS_ZOMBIE and (
                process.environ().get("NEUROPLAY_HOME") == home
                or process.cwd().startswith(home)
                or any(home in word for word in process.cmdline())
            )
        except psutil.Error:
            return False

    def connect(self, timeout_s: float) -> http.client.HTTPConnection:
        """To where its tablets connect."""
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout_s)

    def get(self, path: str, token: str = "") -> tuple[int, Any]:
        return self._request("GET", path, None, token)

    def post(self, path: str, body: object, token: str = "") -> tuple[int, Any]:
        return self._request("POST", path, json.dumps(body), token)

    def _request(self, method: str, path: str, body: str | None, token: str) -> tuple[int, Any]:
        """(status, document), or (0, None) where nothing answers but a proxy with a page."""
        headers = {"Content-Type": "application/json"} if body else {}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        connection = self.connect(10)
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read() or b"null")
        except (OSError, http.client.HTTPException, json.JSONDecodeError):
            return 0, None
        finally:
            connection.close()

    def sign_in(self, class_code: str, card_code: str) -> Player:
        device_id = str(uuid4())
        card = {"class_code": class_code, "card_code": card_code, "device_id": device_id}
        status, answer = self.post("/api/v1/sign-in", card)
        assert status == 200, answer
        return Player(system=self, token=answer["token"], device_id=device_id)


@dataclass(frozen=True, kw_only=True)
class Player:
    """A child, signed in on a device of its own."""

    system: Installation
    token: str
    device_id: str

    def progress(self) -> Any:
        status, answer = self.system.get("/api/v1/me", self.token)
        assert status == 200, answer
        return answer

    def processed(self) -> int:
        return int(self.progress()["sessions"]["processed"])

    def play(self) -> Session:
        """Send one finished game; it was accepted when this returns."""
        session = finished_game()
        assert self.send([session]) == ["accepted"]
        return session

    def send(self, sessions: Sequence[Session]) -> list[str]:
        """The receipts' statuses."""
        body = {
            "device_id": self.device_id,
            "sent_at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
            "sessions": list(sessions),
        }
        status, answer = self.system.post("/api/v1/gameplay/sync", body, self.token)
        assert status == 202, answer
        return [receipt["status"] for receipt in answer["receipts"]]

    def wait_processed(self, count: int) -> None:
        wait_until(lambda: self.processed() >= count, f"{count} games processed")


_games = itertools.count()


def finished_game() -> Session:
    """A plausible two minutes of yesterday; no two of them overlap."""
    begun = time.time() - 86_400 + 600 * next(_games)
    started, ended = (
        time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(moment)) for moment in (begun, begun + 125)
    )
    return {
        "session_id": str(uuid4()),
        "game_type": "cyber_runner",
        "game_version": "1",
        "started_at": started,
        "ended_at": ended,
        "utc_offset_minutes": -180,
        "score": 500,
        "duration": 120,
        "accuracy": 0.85,
        "completed": True,
        "metadata": {"difficulty": 2},
    }
