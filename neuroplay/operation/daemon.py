"""The running processes of a home: their states, restart and stop."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Sequence

from neuroplay.infra import embedded
from neuroplay.infra.supervision import child
from neuroplay.infra.supervision.client import (
    ProcessState,
    SupervisorAway,
    SupervisorClient,
    SupervisorSilent,
)
from neuroplay.infra.supervision.errors import CannotStart
from neuroplay.operation.place import Place, find

__all__ = [
    "ProcessState",
    "SupervisorAway",
    "SupervisorClient",
    "SupervisorSilent",
    "child",
    "processes",
    "restart",
    "stop",
    "supervisor",
]

STOP_PATIENCE_S = 60.0
"""Longer than the `stop_patience_s` of all programs together."""

START_PATIENCE_S = 60.0
POLL_S = 0.05


def supervisor(place: Place | None = None) -> SupervisorClient:
    """A client of the supervisor of `place`, by default of the place that `find` returns."""
    return SupervisorClient((place or find()).runtime)


def processes(place: Place) -> list[ProcessState]:
    """All programs in start order; empty if no supervisor runs. Raises SupervisorSilent."""
    try:
        return supervisor(place).processes()
    except SupervisorSilent:
        raise
    except SupervisorAway:
        return []


def restart(place: Place, names: Sequence[str]) -> None:
    """Stop the programs `names` in reverse order, then start them in order. Raises CannotStart."""
    client = supervisor(place)
    for name in reversed(names):
        client.stop(name)
        if not client.wait_for([name], ("STOPPED",), STOP_PATIENCE_S):
            raise CannotStart(f"{name} did not stop", hint=f"See: neuroplay logs {name}")
    for name in names:
        _start(client, place, name)


def _start(client: SupervisorClient, place: Place, name: str) -> None:
    """Start a program and wait until it runs; a server must also accept requests."""
    client.start(name)
    up = client.wait_for([name], ("RUNNING", "BACKOFF"), START_PATIENCE_S)
    state = next(p for p in client.processes() if p.name == name)
    if not up or state.state != "RUNNING":
        raise CannotStart(
            f"{name} cannot start: {state.reason or state.state.lower()}",
            hint=f"See: neuroplay logs {name}",
        )
    if name in embedded.SERVERS:
        embedded.server_class(name)(place.home, place.runtime).wait_ready(START_PATIENCE_S)


def stop(place: Place, pid: int) -> bool:
    """Stop the process that holds the home's lock, and wait for its end. After STOP_PATIENCE_S, all
    processes of the home are killed; returns whether that was necessary. Raises CannotStart if it
    is another user's process."""
    deadline = time.monotonic() + STOP_PATIENCE_S
    asked = 0
    while (holder := place.holder()) is not None:
        if holder and holder != asked:  # 0: it has not written its pid yet
            _signal(place, holder, signal.SIGTERM)
            asked = holder
        if time.monotonic() > deadline:
            _end_by_force(place, holder or pid)
            return True
        time.sleep(POLL_S)
    while _is_alive(asked) and time.monotonic() < deadline:  # it releases the lock before it ends
        time.sleep(POLL_S)
    return False


def _is_alive(pid: int) -> bool:
    """Whether a process runs; a zombie does not."""
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
            return file.read().rpartition(")")[2].split()[0] not in ("Z", "X")
    except OSError:
        return False


def _signal(place: Place, pid: int, number: signal.Signals) -> None:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return
    except PermissionError:
        owner = place.owner() or "another user"
        raise CannotStart(
            f"NeuroPlay (pid {pid}) is running as {owner}", hint=f"Run this as {owner} or as root"
        ) from None


def _end_by_force(place: Place, pid: int) -> None:
    from neuroplay.operation.serving.launch import end_everything

    if pid:
        _signal(place, pid, signal.SIGKILL)
    end_everything(place.home, place.runtime)
