from __future__ import annotations

import math
import threading
from pathlib import Path

from prometheus_client import CollectorRegistry, Counter
from prometheus_client.registry import Collector

from neuroplay.infra.monitoring.backlog import CacheHitRate, Host
from neuroplay.infra.monitoring.measured import MeasuredCache
from tests.counts import counted
from tests.fakes.services import FakeCache


def test_the_host_is_told_in_shares_also_before_its_home_is_made(tmp_path: Path) -> None:
    host = Host(tmp_path / "not" / "made" / "yet")
    for _ in range(2):
        figures = host()
        assert 0 < figures.memory < 1
        assert 0 < figures.disk <= 1
        assert 0 <= figures.cpu <= 1
    samplers = [one for one in threading.enumerate() if one.name == "cpu sample"]
    assert samplers
    assert all(one.daemon for one in samplers)


def hit_rate(reads: Collector) -> float:
    [family] = [
        one for one in CacheHitRate(reads).collect() if one.name == "neuroplay_cache_hit_rate"
    ]
    return float(family.samples[0].value)


def test_there_is_no_hit_rate_before_the_first_read() -> None:
    registry = CollectorRegistry()
    reads = Counter("neuroplay_cache_reads", "", ["result"], registry=registry)
    assert math.isnan(hit_rate(registry))  # type: ignore[arg-type]
    reads.labels("hit").inc(3)
    reads.labels("miss").inc()
    assert hit_rate(registry) == 0.75  # type: ignore[arg-type]


def test_reads_of_the_cache_are_counted() -> None:
    def counts() -> tuple[float, float]:
        name = "neuroplay_cache_reads_total"
        return counted(name, result="hit"), counted(name, result="miss")

    cache = MeasuredCache(FakeCache[bytes]())
    hits, misses = counts()
    assert cache.get(b"a") is None
    cache.put(b"a", b"1", 60)
    assert cache.get(b"a") == b"1"
    assert cache.get(b"b") is None
    assert counts() == (hits + 1, misses + 2)
