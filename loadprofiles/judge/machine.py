"""Measures how fast the machine is, before a run."""

from __future__ import annotations

import os
import statistics
import tempfile
import time
from pathlib import Path

import gevent

from loadprofiles.judge.speed import UNKNOWN, Speed
from loadprofiles.reach.server import Server
from loadprofiles.record.samples import Sample, read_sample

BARE = "/health/live"
"""An endpoint that asks no store: it costs what every request does."""

CONNECTIONS = 8
ONE_BY_ONE = 20

BLOCK = bytes(8192)
"""As PostgreSQL writes its log."""

STEPS = 1000
TOKEN = "NEUROPLAY_OPS_TOKEN"  # noqa: S105 - the name of a variable


def calibrated(server: Server, seconds: float, *, is_local: bool, data: Path | None) -> Speed:
    """Measure for `seconds` in all; 0 is not at all. A server on another machine, which may be at
    work, is only asked some requests one after another. `data` is a folder on the database's disk,
    if that is on this machine. What cannot be measured is None."""
    if seconds <= 0:
        return UNKNOWN
    bare_ms = _one_by_one(server)
    sample = _sample(server)
    return Speed(
        calibrated_s=seconds,
        bare_ms=bare_ms,
        bare_rps=_bare(server, seconds * 0.6) if is_local and bare_ms is not None else None,
        fsyncs_per_s=None if data is None else _fsyncs(data, seconds * 0.2),
        python_steps_per_s=_steps(seconds * 0.2),
        processors=None if sample is None else sample.processors,
    )


def sample_of(server: Server, at: float) -> Sample:
    """Read the server's /metrics. Raises OSError or ValueError if that is not possible."""
    status, text = server.ask("GET", "/metrics", token=os.environ.get(TOKEN, ""))
    if status != 200:
        raise OSError(f"/metrics answered HTTP {status}")
    return read_sample(at, text.decode())


def _sample(server: Server) -> Sample | None:
    try:
        return sample_of(server, at=0.0)
    except (OSError, ValueError):
        return None


def _one_by_one(server: Server) -> float | None:
    times = []
    for _ in range(ONE_BY_ONE):
        begun = time.perf_counter()
        if not _asked(server):
            return None
        times.append((time.perf_counter() - begun) * 1000)
    return statistics.median(times)


def _bare(server: Server, seconds: float) -> float:
    ends = time.perf_counter() + seconds
    begun = time.perf_counter()

    def ask_on() -> int:
        count = 0
        while time.perf_counter() < ends and _asked(server):
            count += 1
        return count

    asking = [gevent.spawn(ask_on) for _ in range(CONNECTIONS)]
    gevent.joinall(asking)
    return float(sum(one.value or 0 for one in asking) / (time.perf_counter() - begun))


def _asked(server: Server) -> bool:
    try:
        return server.ask("GET", BARE)[0] == 200
    except OSError:
        return False


def _fsyncs(folder: Path, seconds: float) -> float | None:
    try:
        with tempfile.TemporaryFile(dir=folder) as file:
            begun = time.perf_counter()
            count = 0
            while (took := time.perf_counter() - begun) < seconds:
                os.pwrite(file.fileno(), BLOCK, 0)
                os.fdatasync(file.fileno())
                count += 1
            return count / took
    except OSError:
        return None


def _steps(seconds: float) -> float:
    begun, ends = time.process_time(), time.perf_counter() + seconds
    count, value = 0, 1
    while time.perf_counter() < ends:
        for _ in range(STEPS):
            value = (value * 3 + 1) & 0xFFFF
        count += STEPS
    return count / (time.process_time() - begun)
