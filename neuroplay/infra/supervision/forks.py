"""The supervisor's end of the fork server (`fork_server`).

Programs are started by it to save time and memory, never because they must be: one that it cannot
start, because it is still importing, has ended or stands still, is started by itself. It ends when
it has started each program once: what a program does not share any more would be its alone.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from neuroplay.infra.supervision import child, fork_server
from neuroplay.infra.supervision.watch import DESCRIPTOR

NAME = "fork-server"
"""In its mark. Longer than the names of the programs that it starts, which take its place."""

PATIENCE_S = 5.0
"""How long it may take to start a program; usually some milliseconds."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Forked:
    """What a fork server starts: `stages` has names of programs and the modules that they need,
    `launcher` is the beginning of the server's own command line."""

    launcher: Sequence[str]
    stages: Sequence[tuple[Sequence[str], Sequence[str]]]


class ForkServer:
    """The fork server of a runtime folder. It has the supervisor's environment, and so have the
    programs that it starts."""

    def __init__(self, runtime: Path, forked: Forked) -> None:
        self._mark = child.mark(runtime, NAME)
        self._launcher, self._stages = forked.launcher, forked.stages
        self._ours: socket.socket
        self._loaded: set[str] = set()
        self._importing = True
        self.pid = 0
        """0 if it does not run."""

    @property
    def names(self) -> set[str]:
        """The programs that it starts."""
        return {name for names, _ in self._stages for name in names}

    def start(self) -> socket.socket:
        """Start it; returns the socket on which `loaded` has something to read. Raises OSError."""
        child.adopt_orphans()  # what it forks is ours
        self._ours, its = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._ours.settimeout(PATIENCE_S)
        self._ours.send(json.dumps(self._stages).encode())
        module = ["-P", "-m", fork_server.__name__]
        argv = [*self._launcher, sys.executable, *module]
        with its:
            self.pid = os.posix_spawn(
                argv[0],
                argv,
                {**os.environ, child.MARK: self._mark, child.PARENT: str(os.getpid())},
                file_actions=[
                    *((os.POSIX_SPAWN_OPEN, place, os.devnull, os.O_RDWR, 0) for place in range(3)),
                    (os.POSIX_SPAWN_DUP2, its.fileno(), DESCRIPTOR),
                ],
                setpgroup=0,
                setsigmask=(),
                setsigdef=(signal.SIGPIPE, signal.SIGXFSZ, *child.END_SIGNALS),
            )
        return self._ours

    def loaded(self) -> set[str]:
        """The programs whose modules it has imported since the last call; empty if it has ended.
        Blocks until it tells, and then until `go_on` it can start programs."""
        try:
            names = json.loads(self._ours.recv(fork_server.MESSAGE_BYTES))["loaded"]
        except (OSError, ValueError):
            return set()
        self._importing = False
        self._loaded.update(names)
        return set(names)

    def go_on(self) -> bool:
        """Let it import the modules of the next stage; returns whether there is one."""
        self._importing = self._loaded != self.names
        with suppress(OSError):
            self._ours.send(b"{}")
        return self._importing

    def can_start(self, name: str) -> bool:
        """Whether it has the program's modules and waits for requests."""
        return name in self._loaded and not self._importing and self.pid != 0

    def fork(
        self, argv: Sequence[str], environment: Mapping[str, str], files: Sequence[int]
    ) -> int:
        """Start a program behind its launcher (`child`), with its output and heartbeat pipes and
        what its environment has in addition; returns its pid. Raises OSError if the server does
        not do it, and ends a server that does not answer."""
        launched = argv[argv.index(child.__file__) + 1 :]
        order = json.dumps({"argv": launched, "environment": environment}).encode()
        try:
            socket.send_fds(self._ours, [order], files)
            answer = json.loads(self._ours.recv(fork_server.MESSAGE_BYTES))
        except (OSError, ValueError):
            self.end()
            raise OSError("the fork server does not answer") from None
        if "pid" not in answer:
            raise OSError(f"the fork server cannot start a program: {answer['error']}")
        return int(answer["pid"])

    def close(self) -> None:
        """Let it end, which it does as soon as it has nothing more to do."""
        self._loaded.clear()
        self._ours.close()

    def end(self) -> None:
        """End it, and whatever it was about to start."""
        if self.pid:
            child.end_leftovers(self._mark, first=signal.SIGKILL)
        self.pid = 0
