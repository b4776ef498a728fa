"""One pod from its start to its end, each step as the kubelet takes it."""

from __future__ import annotations

import subprocess
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from tests.deploy.pod import Pod
from tests.deploy.scaling.group import Group, grouped

PROBE_S = 0.1


@dataclass(frozen=True, kw_only=True)
class Ended:
    name: str
    code: int
    took_s: float
    """From SIGTERM."""


class Replica(threading.Thread):
    """`make` makes the pod, whose commands are run by the words that it gets. `on_ready`,
    `on_ending` and `on_gone` tell the endpoints of its Service. With `cores` it may use no more
    of the CPU once it is ready."""

    def __init__(
        self,
        name: str,
        make: Callable[[list[str]], Pod],
        *,
        on_ready: Callable[[Pod], None],
        on_ending: Callable[[Pod], None],
        on_gone: Callable[[Pod], None],
        on_end: Callable[[Ended], None],
        cores: float | None,
    ) -> None:
        super().__init__(name=name, daemon=True)
        self._make, self._cores = make, cores
        self._on_ready, self._on_ending, self._on_gone = on_ready, on_ending, on_gone
        self._on_end = on_end
        self._told = threading.Event()
        self._group: Group | None = None
        self.began = time.monotonic()
        self.ready_at: float | None = None
        self.fault: Exception | None = None

    def tell_to_end(self) -> None:
        self._told.set()

    @property
    def is_ending(self) -> bool:
        return self._told.is_set()

    def used_s(self) -> float | None:
        """Processor time until now; None before its first process."""
        return None if self._group is None else self._group.used_s()

    def run(self) -> None:
        try:
            with grouped(self.name) as group:
                self._live(self._make(group.command), group)
        except Exception as error:  # noqa: BLE001 - told to whoever waits
            self.fault = error

    def _live(self, pod: Pod, group: Group) -> None:
        (waits,) = pod.spec["initContainers"]
        self._group = group
        try:
            with pod.running(waits) as waiting:
                assert waiting.wait() == 0, "the schema is not there"
            with pod.running(pod.main) as process:
                self._become_ready(pod, process, group)
                while not self._told.wait(PROBE_S):
                    assert process.poll() is None, f"it ended with {process.returncode}"
                self._end(pod, process)
        finally:
            self._group = None

    def _become_ready(self, pod: Pod, process: subprocess.Popen[str], group: Group) -> None:
        while not self._told.is_set() and not pod.is_well("readinessProbe"):
            assert process.poll() is None, f"it ended with {process.returncode}"
            self._told.wait(PROBE_S)
        if self._told.is_set():
            return
        pod.get(next(iter(pod.ports)), "/metrics")  # the first one loads modules
        if self._cores is not None:
            group.limit(self._cores)
        self._on_ready(pod)
        self.ready_at = time.monotonic()

    def _end(self, pod: Pod, process: subprocess.Popen[str]) -> None:
        was_ready = self.ready_at is not None
        if was_ready:
            self._on_ending(pod)
        time.sleep(pod.drain_s)  # the pod's own preStop
        began = time.monotonic()
        try:
            code = pod.end(process)
        except subprocess.TimeoutExpired:
            code = -9  # what the kubelet would do, and `running` does
        self._on_end(Ended(name=self.name, code=code, took_s=time.monotonic() - began))
        if was_ready:
            self._on_gone(pod)
