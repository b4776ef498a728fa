"""The metrics of all processes in one exposition.

With PROMETHEUS_MULTIPROC_DIR, each process has a file per metric type. Files of processes that have
ended are merged into one (with pid `0`, which no process has). Restarts then neither lower counters
nor accumulate files.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from prometheus_client import CollectorRegistry, Metric
from prometheus_client.exposition import choose_encoder
from prometheus_client.mmap_dict import MmapedDict
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from neuroplay.infra.monitoring.metrics import REGISTRY

FOLDED = "0"
FOLD_EVERY_S = 60.0
SUMMED = ("counter", "histogram", "summary")

_COUNTS: Any = MmapedDict
_MERGED: Any = MultiProcessCollector


def multiprocess_dir() -> Path | None:
    """The folder in which the processes share metrics; None if this process has its own only."""
    name = os.environ.get("PROMETHEUS_MULTIPROC_DIR")
    return Path(name) if name else None


def exposition(accept: str, collectors: Iterable[Collector]) -> tuple[bytes, str]:
    """The exposition and its content type: OpenMetrics if `accept` requests it."""
    registry = CollectorRegistry()
    for collector in collectors:
        registry.register(collector)
    encode, content_type = choose_encoder(accept)
    return encode(registry), content_type


class Counted(Collector):
    """The metrics of this machine's processes."""

    def describe(self) -> Iterable[Metric]:
        return []

    def collect(self) -> Iterable[Metric]:
        directory = multiprocess_dir()
        if directory is None:
            return REGISTRY.collect()
        fold_ended(directory)
        with _locked(directory, fcntl.LOCK_SH):
            return list(_MERGED(CollectorRegistry(), path=str(directory)).collect())


def fold_ended(directory: Path, *, every_s: float = FOLD_EVERY_S) -> int:
    """Merge the files of ended processes; returns how many were merged.

    Does nothing if any process has done so within the last `every_s` seconds.
    """
    mark = directory / "folded"
    try:
        if 0 <= time.time() - mark.stat().st_mtime < every_s:
            return 0
    except FileNotFoundError:
        pass
    with _locked(directory, fcntl.LOCK_EX):
        mark.touch()
        return sum(_fold(file) for file in sorted(directory.glob("*.db")) if _ended(file))


def _fold(file: Path) -> int:
    kind, *_ = file.stem.split("_")
    if kind in SUMMED:
        folded = _COUNTS(str(file.with_name(f"{kind}_{FOLDED}.db")))
        try:
            for key, value, _, _ in _COUNTS.read_all_values_from_file(str(file)):
                folded.write_value(key, folded.read_value(key)[0] + value, 0.0)
        finally:
            folded.close()
    file.unlink(missing_ok=True)
    return 1


def _ended(file: Path) -> bool:
    pid = file.stem.rsplit("_", 1)[-1]
    if not pid.isdecimal() or pid == FOLDED:
        return False
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False  # alive, and belongs to another user
    return False


@contextmanager
def _locked(directory: Path, how: int) -> Iterator[None]:
    """Lock the folder, so that no scrape sees a count twice or not at all during a merge."""
    with (directory / "lock").open("a") as file:
        fcntl.flock(file, how)
        yield
