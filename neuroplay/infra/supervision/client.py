"""Speaking to the running supervisor: XML-RPC over its unix socket."""

from __future__ import annotations

import socket
import time
from collections.abc import Sequence
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any
from xmlrpc import client as xmlrpc

from neuroplay.home import control_socket
from neuroplay.infra.supervision import NO_ANSWER
from neuroplay.infra.supervision.errors import CannotStart

ANSWER_TIMEOUT_S = 5.0
POLL_S = 0.02

RUNNING, DEAF, DOWN = "RUNNING", "DEAF", ("STOPPED", "EXITED", "FATAL")


class SupervisorAway(CannotStart):
    """The supervisor does not answer."""

    code = "supervisor_away"


@dataclass(frozen=True, kw_only=True, slots=True)
class ProcessState:
    """A supervised program; `pid` and `uptime_s` are None where it does not run. `reason` is what
    supervisor knows of a failure, or of the last one; `state` is DEAF where it runs and does not
    answer."""

    name: str
    state: str
    pid: int | None
    uptime_s: int | None
    reason: str


class _Connection(HTTPConnection):
    def __init__(self, path: Path) -> None:
        super().__init__("localhost", timeout=ANSWER_TIMEOUT_S)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(str(self._path))


class SupervisorClient:
    """The supervisor of one runtime folder. Every call raises SupervisorAway where it is gone."""

    def __init__(self, runtime_dir: Path) -> None:
        self._socket = control_socket(runtime_dir)

    def call(self, method: str, *arguments: Any) -> Any:
        """One method of supervisor's XML-RPC interface; raises xmlrpc.client.Fault."""
        connection = _Connection(self._socket)
        try:
            body = xmlrpc.dumps(arguments, f"supervisor.{method}").encode()
            connection.request("POST", "/RPC2", body, {"Content-Type": "text/xml"})
            answer = connection.getresponse()
            text = answer.read()
        except (OSError, HTTPException) as error:
            raise SupervisorAway(
                f"the supervisor does not answer: {error}", hint="Run: neuroplay serve"
            ) from None
        finally:
            connection.close()
        if answer.status != 200:
            raise SupervisorAway(
                f"the supervisor answered HTTP {answer.status}",
                hint="See: neuroplay logs supervisor",
            )
        (result,), _ = xmlrpc.loads(text)
        return result

    def wait_up(self, timeout_s: float) -> None:
        """Return when it answers; raises SupervisorAway after `timeout_s`."""
        deadline = time.monotonic() + timeout_s
        while True:
            try:
                self.call("getState")
            except SupervisorAway:
                if time.monotonic() > deadline:
                    raise
                time.sleep(POLL_S)
            else:
                return

    def processes(self) -> list[ProcessState]:
        """All programs, in no order."""
        return [_state(info) for info in self.call("getAllProcessInfo")]

    def start(self, name: str) -> None:
        """Ask for a start; nothing happens where it runs."""
        self._ask("startProcess", name, "ALREADY_STARTED")

    def stop(self, name: str) -> None:
        """Ask for a stop; nothing happens where it is stopped."""
        self._ask("stopProcess", name, "NOT_RUNNING")

    def _ask(self, method: str, name: str, fine: str) -> None:
        try:
            self.call(method, name, False)
        except xmlrpc.Fault as fault:
            if not fault.faultString.startswith(fine):
                raise CannotStart(
                    f"{name}: {fault.faultString}", hint=f"See: neuroplay logs {name}"
                ) from None

    def wait_for(self, names: Sequence[str], states: Sequence[str], timeout_s: float) -> bool:
        """Whether all of `names` were in one of `states` within `timeout_s`."""
        deadline = time.monotonic() + timeout_s
        while True:
            if all(p.state in states for p in self.processes() if p.name in names):
                return True
            if time.monotonic() > deadline:
                return False
            time.sleep(POLL_S)


def _state(info: dict[str, Any]) -> ProcessState:
    alive = bool(info["pid"])
    return ProcessState(
        name=info["name"],
        state=DEAF if info["spawnerr"].startswith(NO_ANSWER) else info["statename"],
        pid=info["pid"] if alive else None,
        uptime_s=max(0, info["now"] - info["start"]) if alive else None,
        reason=info["spawnerr"],
    )
