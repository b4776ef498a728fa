"""What each side of a comparison can do, and a program of another project as one."""

from __future__ import annotations

import http.client
import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Protocol

import psutil

from benchmarks.harness.closed_loop import Make
from benchmarks.harness.place import ROOT

LEARNERS = 16
"""Each has a connection of its own."""

TOGETHER = 20
"""Finished activities in a request, where several are sent together."""

READY_S = 180.0
STOP_S = 60.0


class Kind(StrEnum):
    """What connections ask without pauses."""

    SIGN_IN = "sign-in"
    OPEN_SIGN_IN = "sign-in, nothing secret to check"
    ONE = "one finished activity a request"
    STARTED = "one finished activity, its start told before"
    TOGETHER = f"{TOGETHER} finished activities a request"
    PAGE = "a learner's page"


@dataclass(frozen=True, kw_only=True)
class Work:
    """The requests of all connections, as `closed_loop.run` takes them."""

    make: Make
    arguments: tuple[object, ...]
    status: int
    each: float = 1.0
    """What one answer counts: the activities in a request, or its share of one."""


class Side(Protocol):
    """A system with a home of its own. Everything but `start` needs it to run."""

    @property
    def name(self) -> str: ...

    @property
    def port(self) -> int: ...

    def start(self) -> float:
        """Seconds until it answers that it is ready."""

    def stop(self) -> float:
        """Ask it to end; seconds until it has."""

    def prepare(self) -> None:
        """Make its learners, once."""

    def pids(self) -> Sequence[int]:
        """All its processes."""

    def work(self, kind: Kind, seconds: float) -> Work:
        """Requests for so many seconds that were not sent before."""

    def stored(self) -> int:
        """The number of finished activities that it has counted so far, when nothing waits."""


Opened = AbstractContextManager[Side]
"""A side with a temporary home, which is stopped and removed afterwards."""


class Program:
    """A server that is ready once `path` answers 200."""

    def __init__(
        self,
        command: Sequence[str | Path],
        *,
        environment: Mapping[str, str],
        folder: Path,
        port: int,
        path: str,
    ) -> None:
        self.port = port
        self._command, self._environment, self._folder = command, environment, folder
        self._path = path
        self._log = folder / "server.log"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> float:
        """Seconds until it is ready. Raises RuntimeError if it ends before."""
        begun = time.perf_counter()
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                self._command,
                env={**os.environ, **self._environment},
                cwd=self._folder,
                stdout=log,
                stderr=log,
            )
        while time.perf_counter() - begun < READY_S:
            if self._process.poll() is not None:
                break
            if self._answers():
                return time.perf_counter() - begun
            time.sleep(0.01)  # the resolution of the figure
        said = self._log.read_text(errors="replace")[-2000:]
        self.stop()
        raise RuntimeError(f"{self._command[0]} did not get ready:\n{said}")

    def stop(self) -> float:
        """Send TERM; seconds until it has ended, 0.0 if it does not run. It is killed after STOP_S,
        with all that it started."""
        if self._process is None:
            return 0.0
        started = self.processes()
        begun = time.perf_counter()
        self._process.terminate()
        try:
            self._process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        taken = time.perf_counter() - begun
        for one in started:
            if one.is_running():
                one.kill()
        self._process = None
        return taken

    def processes(self) -> list[psutil.Process]:
        assert self._process is not None
        if self._process.poll() is not None:
            return []
        top = psutil.Process(self._process.pid)
        return [top, *top.children(recursive=True)]

    def _answers(self) -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request("GET", self._path)
            return connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()


def installed(name: str) -> Path:
    """The programs of the environment that `make/NAME.lock` describes. It is made on the first call
    and kept, as those of tests are."""
    subprocess.run(
        ["make", "-C", str(ROOT), f".venv/{name}/installed"], check=True, stdout=sys.stderr
    )
    return ROOT / ".venv" / name / "bin"
