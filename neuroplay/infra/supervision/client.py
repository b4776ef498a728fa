"""The client of the supervisor's control socket: one JSON message per request and per response."""

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
    """The supervisor does not run, or does not answer in time."""

    code = "supervisor_away"


class SupervisorSilent(SupervisorAway):
    """The supervisor runs, but does not answer in time: it is suspended, say."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ProcessState:
    """A supervised program. `pid` and `uptime_s` are None if it does not run. `reason` is why it
    does not run or was last restarted; `failures` is how often in a row it ended soon after its
    start."""

    name: str
    state: str
    pid: int | None
    uptime_s: int | None
    reason: str
    failures: int = 0


class SupervisorClient:
    """For the supervisor of one runtime folder. All methods raise SupervisorAway if it does not
    answer, and CannotStart if it rejects the request."""

    def __init__(self, runtime_dir: Path) -> None:
        self._socket = control_socket(runtime_dir)

    def _request(self, do: str, **arguments: object) -> dict[str, Any]:
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as connection:
                connection.settimeout(ANSWER_TIMEOUT_S)
                connection.connect(str(self._socket))
                connection.send(json.dumps({"do": do, **arguments}).encode())
                response: dict[str, Any] = json.loads(connection.recv(MESSAGE_BYTES))
        except (TimeoutError, BlockingIOError):  # the latter: its queue of connections is full
            raise SupervisorSilent(
                "the supervisor does not respond",
                hint="Run: neuroplay stop, then neuroplay serve as before",
            ) from None
        except (OSError, ValueError) as error:
            raise SupervisorAway(
                f"the supervisor does not answer: {error}", hint="Run: neuroplay serve"
            ) from None
        if why := response.get("error"):
            raise CannotStart(
                f"the supervisor rejected the request: {why}", hint="See: neuroplay status"
            )
        return response

    def wait_up(self, timeout_s: float) -> None:
        """Wait until it answers; raises SupervisorAway after `timeout_s`."""
        deadline = time.monotonic() + timeout_s
        while True:
            try:
                self._request("look")
                return
            except SupervisorAway:
                if time.monotonic() > deadline:
                    raise
            time.sleep(POLL_S)

    def processes(self) -> list[ProcessState]:
        """All programs, in start order."""
        return [ProcessState(**found) for found in self._request("look")["processes"]]

    def is_stopping(self) -> bool:
        """Whether it is stopping all programs."""
        return bool(self._request("look")["stopping"])

    def published(self) -> dict[str, Any]:
        """The values that `ready` was called with; empty before."""
        return dict(self._request("look")["told"])

    def ready(self, published: Mapping[str, object]) -> None:
        """Report that NeuroPlay is ready, with values for other commands."""
        self._request("ready", told=published)

    def start(self, name: str) -> None:
        """Request a program's start; no effect if it runs."""
        self._request("start", name=name)

    def stop(self, name: str) -> None:
        """Request a program's stop; no effect if it is stopped."""
        self._request("stop", name=name)

    def wait_for(self, names: Sequence[str], states: Sequence[str], timeout_s: float) -> bool:
        """Wait until all of `names` are in one of `states`; returns False after `timeout_s`."""
        deadline = time.monotonic() + timeout_s
        while not all(p.state in states for p in self.processes() if p.name in names):
            if time.monotonic() > deadline:
                return False
            time.sleep(POLL_S)
        return True
