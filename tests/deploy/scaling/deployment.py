"""As many pods of one kind as the autoscaler asks for."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from tests.deploy.scaling.autoscaler import PodCpu
from tests.deploy.scaling.replica import Replica


@dataclass
class Deployment:
    """`request` is the CPU request of a pod, in cores."""

    name: str
    request: float
    start: Callable[[str], Replica]
    _replicas: list[Replica] = field(default_factory=list)
    _looks: dict[str, tuple[float, float]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _number: int = 0

    @property
    def current(self) -> int:
        return len(self._current())

    @property
    def ready(self) -> int:
        return sum(1 for one in self._current() if one.ready_at is not None)

    @property
    def is_settled(self) -> bool:
        """Whether no pod is starting or ending."""
        ends = any(one.is_ending and one.is_alive() for one in self._replicas)
        return not ends and self.ready == self.current

    @property
    def faults(self) -> list[str]:
        return [f"{one.name}: {one.fault!r}" for one in self._replicas if one.fault is not None]

    def scale_to(self, wanted: int) -> None:
        """Pods that are not ready go first, then the youngest, as a ReplicaSet chooses."""
        with self._lock:
            current = self._current()
            for _ in range(wanted - len(current)):
                self._number += 1
                replica = self.start(f"{self.name}-{self._number}")
                self._replicas.append(replica)
                replica.start()
            current.sort(key=lambda one: (one.ready_at is not None, -one.began))
            for replica in current[: max(0, len(current) - wanted)]:
                replica.tell_to_end()

    def look(self) -> list[PodCpu]:
        """What the pods have used of their requests since the last look."""
        now, found = time.monotonic(), []
        for one in self._current():
            used, before = one.used_s(), self._looks.get(one.name)
            if used is None or before is None:
                found.append(PodCpu(used=None, ready=False))
            else:
                share = (used - before[1]) / (now - before[0]) / self.request
                ready = one.ready_at is not None and one.ready_at <= before[0]
                found.append(PodCpu(used=share, ready=ready))
            if used is not None:
                self._looks[one.name] = now, used
        return found

    def end(self) -> None:
        """All pods; returns when they have ended."""
        self.scale_to(0)
        for one in self._replicas:
            one.join()

    def _current(self) -> list[Replica]:
        return [one for one in self._replicas if not one.is_ending and one.fault is None]
