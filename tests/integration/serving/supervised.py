"""The supervisor as a process, and the end of the pipe that the boot process would hold."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path

import pytest

from neuroplay.infra.supervision import RUNNING, child
from neuroplay.infra.supervision.client import SupervisorClient
from neuroplay.infra.supervision.forks import Forked
from neuroplay.infra.supervision.supervisor import Program
from neuroplay.operation.supervise import write_orders

PATIENCE_S = 30.0

SLEEP = "import time; time.sleep(600)"


def wait_until(holds: Callable[[], object], what: str) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < deadline, f"waited in vain: {what}"
        time.sleep(0.02)


def program(name: str, script: str = SLEEP, rank: int = 0, **other) -> Program:
    return Program(
        name=name,
        argv=[sys.executable, "-I", "-S", "-c", script],
        rank=rank,
        **{"at_once": True, "stop_patience_s": 10.0, **other},
    )


class Supervised:
    """A supervisor, and the end of the pipe that the boot process would hold."""

    def __init__(
        self,
        folder: Path,
        programs: list[Program],
        *,
        forked: Forked | None = None,
        environment: Mapping[str, str] = {},
        copy_logs: bool = False,
    ) -> None:
        self.home, self.runtime = folder, folder / "run"
        self.runtime.mkdir(mode=0o700)
        (folder / "logs").mkdir(exist_ok=True)
        orders = write_orders(self.home, self.runtime, programs, forked=forked, copy_logs=copy_logs)
        boot, self.lifeline = os.pipe()
        module = ["-P", "-m", "neuroplay.operation.supervise"]
        self.process = subprocess.Popen(
            [sys.executable, *module, str(orders), str(boot)],
            pass_fds=[orders, boot],
            env={**os.environ, **environment},
            stderr=subprocess.PIPE,
            text=True,
        )
        os.close(orders)
        os.close(boot)
        self.client = SupervisorClient(self.runtime)

    def close(self) -> None:
        with suppress(OSError):  # it was
            os.close(self.lifeline)

    def state(self, name: str):
        return next(p for p in self.client.processes() if p.name == name)

    def wait_for(self, name: str, *states: str) -> int:
        assert self.client.wait_for([name], states or (RUNNING,), PATIENCE_S)
        return self.state(name).pid or 0

    def log(self, name: str) -> str:
        path = self.home / "logs" / f"{name}.log"
        return path.read_text() if path.exists() else ""

    def ended(self) -> int:
        """The exit code of the supervisor, which said nothing and left nothing."""
        _, complained = self.process.communicate(timeout=PATIENCE_S)
        assert complained == ""
        assert child.marked_processes(child.mark(self.runtime, ""), prefix=True) == []
        assert not self.runtime.exists()
        return self.process.returncode


@pytest.fixture
def home() -> Iterator[Path]:
    """Its path is short enough for sockets."""
    with tempfile.TemporaryDirectory(prefix="nps", dir="/tmp") as folder:
        yield Path(folder)


@pytest.fixture
def supervise(home: Path) -> Iterator[Callable[..., Supervised]]:
    made: list[Supervised] = []

    def start(*programs: Program, **other) -> Supervised:
        made.append(Supervised(home, list(programs), **other))
        made[-1].client.wait_up(PATIENCE_S)
        return made[-1]

    yield start
    for one in made:
        one.close()
        with one.process:
            one.process.terminate()
