"""Speaking to the running supervisor: one message of JSON each way over its unix socket."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from neuroplay.home import control_socket
from neuroplay.infra.supervision.errors import CannotStart

ANSWER_TIMEOUT_S = 5.0
POLL_S = 0.02
MESSAGE_BYTES = 1 << 16


class SupervisorAway(CannotStart):
    """The supervisor does not answer."""

    code = "supervisor_away"


@dataclass(frozen=True, kw_only=True, slots=True)
class ProcessState:
    """A supervised program; `pid` and `uptime_s` are None where it does not run. `reason` says
    what went wrong, or did the last time; `failures` is how often in a row it died soon after its
    start."""

    name: str
    state: str
    pid: int | None
    uptime_s: int | None
    reason: str
    failures: int = 0


class SupervisorClient:
    """The supervisor of one runtime folder. Every call raises SupervisorAway where it is gone."""

    def __init__(self, runtime_dir: Path) -> None:
        self._socket = control_socket(runtime_dir)

    def _ask(self, do: str, **words: object) -> dict[str, Any]:
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as asking:
                asking.settimeout(ANSWER_TIMEOUT_S)
                asking.connect(str(self._socket))
                asking.send(json.dumps({"do": do, **words}).encode())
                answer: dict[str, Any] = json.loads(asking.recv(MESSAGE_BYTES))
        except (OSError, ValueError) as error:
            raise SupervisorAway(
                f"the supervisor does not answer: {error}", hint="Run: neuroplay serve"
            ) from None
        if said := answer.get("error"):
            raise CannotStart(f"the supervisor refuses: {said}", hint="See: neuroplay status")
        return answer

    def wait_up(self, timeout_s: float) -> None:
        """Return when it answers; raises SupervisorAway after `timeout_s`."""
        deadline = time.monotonic() + timeout_s
        while True:
            try:
                self._ask("look")
                return
            except SupervisorAway:
                if time.monotonic() > deadline:
                    raise
            time.sleep(POLL_S)

    def processes(self) -> list[ProcessState]:
        """All programs, in the order of their starts."""
        return [ProcessState(**found) for found in self._ask("look")["processes"]]

    def is_stopping(self) -> bool:
        """Whether it was told to stop everything."""
        return bool(self._ask("look")["stopping"])

    def told(self) -> dict[str, Any]:
        """What `ready` was called with; empty before."""
        return dict(self._ask("look")["told"])

    def ready(self, told: Mapping[str, object]) -> None:
        """Say that all is ready, and what other commands should know."""
        self._ask("ready", told=told)

    def start(self, name: str) -> None:
        """Ask for a start; nothing happens where it runs."""
        self._ask("start", name=name)

    def stop(self, name: str) -> None:
        """Ask for a stop; nothing happens where it is stopped."""
        self._ask("stop", name=name)

    def wait_for(self, names: Sequence[str], states: Sequence[str], timeout_s: float) -> bool:
        """Whether all of `names` were in one of `states` within `timeout_s`."""
        deadline = time.monotonic() + timeout_s
        while not all(p.state in states for p in self.processes() if p.name in names):
            if time.monotonic() > deadline:
                return False
            time.sleep(POLL_S)
        return True
