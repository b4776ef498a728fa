"""CPU, memory and queue of the server during the run, read from its /metrics."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

from prometheus_client.parser import text_string_to_metric_families

CPU, MEMORY = "neuroplay_host_cpu_ratio", "neuroplay_host_memory_ratio"
PROCESSORS = "neuroplay_host_processors"
QUEUE, INBOX = "neuroplay_queue_size", "sync_inbox"
WANTED = (CPU, MEMORY, QUEUE, PROCESSORS)


@dataclass(frozen=True, kw_only=True, slots=True)
class Sample:
    """CPU and memory usage of the server's machine (0 to 1) and pending sessions, None if not in
    /metrics. `at`: seconds since the run began."""

    at: float
    cpu: float | None
    memory: float | None
    queue: float | None
    processors: float | None = None
    """That the server may use."""


def read_sample(at: float, text: str) -> Sample:
    """Parse the text of /metrics. Raises ValueError if it is not in that format.

    Impossible values (NaN, infinite, negative) are ignored; of several values the highest counts.
    """
    # Parsing the other thousand lines would cost CPU time that the students need.
    lines = "\n".join(line for line in text.splitlines() if line.startswith(WANTED)) + "\n"
    found: dict[str, float] = {}
    for family in text_string_to_metric_families(lines):
        for one in family.samples:
            wanted = one.name in (CPU, MEMORY, PROCESSORS) or one.labels.get("queue_name") == INBOX
            if wanted and math.isfinite(one.value) and one.value >= 0:
                found[one.name] = max(one.value, found.get(one.name, 0.0))
    return Sample(
        at=at,
        cpu=found.get(CPU),
        memory=found.get(MEMORY),
        queue=found.get(QUEUE),
        processors=found.get(PROCESSORS),
    )


def mean(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else None


def highest(values: Iterable[float | None]) -> float | None:
    return max((value for value in values if value is not None), default=None)


def longest_unseen(samples: Iterable[Sample], begin: float, end: float) -> float:
    """The longest time between `begin` and `end` without a sample, in seconds. A server may fail to
    report its figures just when it is overloaded."""
    looks = sorted(one.at for one in samples if begin <= one.at <= end)
    return max(after - before for before, after in pairwise([begin, *looks, end]))
