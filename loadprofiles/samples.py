"""What the server says of itself during the run, from its /metrics."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from prometheus_client.parser import text_string_to_metric_families

CPU, MEMORY = "neuroplay_host_cpu_ratio", "neuroplay_host_memory_ratio"
QUEUE, INBOX = "neuroplay_queue_size", "sync_inbox"
WANTED = (CPU, MEMORY, QUEUE)


@dataclass(frozen=True, kw_only=True, slots=True)
class Sample:
    """One look: the machine's CPU and memory in use (0 to 1), pending sessions; None where
    /metrics did not say. `at` in seconds since the run began."""

    at: float
    cpu: float | None
    memory: float | None
    queue: float | None


def read_sample(at: float, text: str) -> Sample:
    """A sample of the text of /metrics. Raises ValueError where it is no such text."""
    # The other thousand lines would take the generator's time.
    lines = "\n".join(line for line in text.splitlines() if line.startswith(WANTED)) + "\n"
    found: dict[str, float] = {}
    for family in text_string_to_metric_families(lines):
        for one in family.samples:
            if one.name != QUEUE or one.labels.get("queue_name") == INBOX:
                found[one.name] = one.value
    return Sample(at=at, cpu=found.get(CPU), memory=found.get(MEMORY), queue=found.get(QUEUE))


def mean(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else None


def highest(values: Iterable[float | None]) -> float | None:
    return max((value for value in values if value is not None), default=None)
