"""Machines for tests of failures: each a host of `namespaces` with programs that start when it
boots and end without notice when it loses power. Its files survive."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from tests.deploy.namespaces import Host

ACCOUNT = "nobody"
"""PostgreSQL refuses to run as root."""


@dataclass(frozen=True, kw_only=True)
class Program:
    words: Sequence[str]
    environment: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class Machine:
    """`folder` has its files and the logs of its `programs`."""

    host: Host
    folder: Path
    programs: dict[str, Program] = field(default_factory=dict)
    _running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    @property
    def address(self) -> str:
        return self.host.address

    def boot(self) -> None:
        for name in self.programs:
            self.start(name)

    def start(self, name: str) -> None:
        program = self.programs[name]
        step = ["setpriv", "--reuid", ACCOUNT, "--regid", "nogroup", "--clear-groups"]
        with (self.folder / f"{name}.log").open("ab") as log:
            self._running[name] = subprocess.Popen(
                self.host.command(*step, *program.words),
                env=dict(program.environment),
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    def lose_power(self) -> None:
        """SIGKILL everything there; returns when it is gone."""
        self.kill(self.host.processes())

    def kill(self, processes: Sequence[psutil.Process]) -> None:
        for process in processes:
            with suppress(psutil.NoSuchProcess):
                process.kill()
        psutil.wait_procs(processes, 10)
        self._reap()

    def kill_program(self, name: str) -> None:
        """SIGKILL one program and what it started."""
        process = psutil.Process(self._running[name].pid)
        self.kill([process, *process.children(recursive=True)])

    def _reap(self) -> None:
        for name, process in list(self._running.items()):
            if process.poll() is not None:
                del self._running[name]

    def said(self, name: str) -> str:
        return (self.folder / f"{name}.log").read_text()
