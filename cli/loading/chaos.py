"""Faults that are caused during a run on this machine."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Mapping
from threading import Thread
from typing import TYPE_CHECKING, Any

from cli.output.errors import cannot
from cli.output.terminal import note

if TYPE_CHECKING:
    from neuroplay.operation.daemon import SupervisorClient

AFTER = 1 / 3
"""Share of the steady time after which the fault is caused."""

STOPPED_WITHIN_S = 60.0


class Chaos:
    """Causes one of FAULTS, once, in the steady time. `hear` must be called with each progress
    report of the run.

    Raises CommandError with exit code 3 if NeuroPlay does not run on this machine, or without the
    program to break.
    """

    def __init__(self, name: str, client: SupervisorClient | None = None) -> None:
        from neuroplay.operation.daemon import SupervisorAway, supervisor

        self._name = name
        self._program, self._act = FAULTS[name]
        self._client = client or supervisor()
        try:
            known = [process.name for process in self._client.processes()]
        except SupervisorAway:
            raise cannot(
                "--chaos needs NeuroPlay running on this machine", hint="Run: neuroplay serve"
            ) from None
        if self._program not in known:
            raise cannot(f"--chaos {name}: this NeuroPlay does not run its own {self._program}")
        self._ramp_s: float | None = None
        self._thread: Thread | None = None
        self._fault = ""

    def hear(self, row: Mapping[str, Any]) -> None:
        if row["phase"] != "steady" or self._thread is not None or not row.get("run_time_s"):
            return
        if self._ramp_s is None:
            self._ramp_s = row["t"]
        if row["t"] - self._ramp_s >= (row["run_time_s"] - self._ramp_s) * AFTER:
            note(f"{row['t']:6.0f} s  chaos: {self._name}")
            self._thread = Thread(target=self._break)
            self._thread.start()

    def finish(self) -> str:
        """Wait until the fault is done; returns why it did not happen, or an empty string."""
        if self._thread is None:
            return f"{self._name} did not happen: the run ended first"
        self._thread.join()
        return self._fault

    def _break(self) -> None:
        try:
            self._act(self._client, self._program)
        except Exception as error:  # noqa: BLE001 - becomes a reason of the verdict
            self._fault = f"{self._name} did not happen: {error}"


def _kill(client: SupervisorClient, program: str) -> None:
    """Kill a program with all its processes (SIGKILL)."""
    import psutil

    pid = next(process.pid for process in client.processes() if process.name == program)
    if not pid:
        raise RuntimeError(f"{program} is not running")
    parent = psutil.Process(pid)
    for process in (parent, *parent.children(recursive=True)):
        try:
            os.kill(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            continue


def _restart(client: SupervisorClient, program: str) -> None:
    client.stop(program)
    client.wait_for([program], ("STOPPED",), STOPPED_WITHIN_S)
    client.start(program)


FAULTS: dict[str, tuple[str, Callable[[SupervisorClient, str], None]]] = {
    "kill-worker": ("worker", _kill),
    "kill-redis": ("redis", _kill),
    "restart-api": ("api", _restart),
}
