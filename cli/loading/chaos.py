"""What is broken on purpose during a run on this machine."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Mapping
from threading import Thread
from typing import TYPE_CHECKING, Any

from cli.errors import cannot, usage_error
from cli.terminal import note

if TYPE_CHECKING:
    from neuroplay.infra.supervision.client import SupervisorClient

AFTER = 1 / 3
"""Share of the time between ramp and stop after which it happens."""


class Chaos:
    """One fault, once, in the steady time. Listens to the looks at the run."""

    def __init__(self, name: str) -> None:
        if name not in FAULTS:
            raise usage_error(
                f"--chaos: there is no {name!r}", hint=f"It is one of: {', '.join(FAULTS)}"
            )
        from cli.serving.place import find
        from neuroplay.infra.supervision.client import SupervisorAway, SupervisorClient

        self.name = name
        self.happened = False
        program, self._act = FAULTS[name]
        self._program = program
        self._client = SupervisorClient(find().runtime)
        try:
            known = [process.name for process in self._client.processes()]
        except SupervisorAway:
            raise cannot(
                "--chaos needs NeuroPlay to run on this machine", hint="Run: neuroplay serve"
            ) from None
        if program not in known:
            raise cannot(f"--chaos {name}: this NeuroPlay does not run {program} itself")
        self._ramp_s: float | None = None
        self._thread: Thread | None = None

    def hear(self, row: Mapping[str, Any]) -> None:
        if row["phase"] != "steady" or self.happened or not row.get("run_time_s"):
            return
        if self._ramp_s is None:
            self._ramp_s = row["t"]
        if row["t"] - self._ramp_s >= (row["run_time_s"] - self._ramp_s) * AFTER:
            self.happened = True
            note(f"{row['t']:6.0f} s  chaos: {self.name}")
            self._thread = Thread(target=self._act, args=(self._client, self._program))
            self._thread.start()

    def finish(self) -> None:
        """Wait until it is done."""
        if self._thread is not None:
            self._thread.join()


def _kill(client: SupervisorClient, program: str) -> None:
    """End a program with all its processes, without a word."""
    import psutil

    pid = next(process.pid for process in client.processes() if process.name == program)
    if not pid:
        return
    try:
        parent = psutil.Process(pid)
        family = [parent, *parent.children(recursive=True)]
    except psutil.NoSuchProcess:
        return
    for process in family:
        try:
            os.kill(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            continue


def _restart(client: SupervisorClient, program: str) -> None:
    client.stop(program)
    client.wait_for([program], ("STOPPED", "EXITED", "FATAL"), 60.0)
    client.start(program)


FAULTS: dict[str, tuple[str, Callable[[SupervisorClient, str], None]]] = {
    "kill-worker": ("worker", _kill),
    "kill-redis": ("redis", _kill),
    "restart-api": ("api", _restart),
}
