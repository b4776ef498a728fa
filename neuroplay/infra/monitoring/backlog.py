"""Figures of the whole system, collected at each scrape: inbox, queue, workers, users, host.

The sources are queried in parallel, with a timeout. A source that does not respond is left out of
the exposition, since a false zero would hide the problem, and has `neuroplay_source_up` 0.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from prometheus_client import Metric
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from neuroplay.core.entities.sync_item import InboxCounts, InboxState
from neuroplay.infra.monitoring.probes import TIMEOUT_S, Probe, ask_all

if TYPE_CHECKING:
    from redis import Redis

    from neuroplay.infra.db.upkeep import Ages
    from neuroplay.infra.monitoring.processors import ProcessorUse

ACTIVE_S = 300
"""A student is active if a device made contact within this time."""

CPU_EVERY_S = 5.0
FIRST_SAMPLE_S = 0.1


@dataclass(frozen=True, kw_only=True, slots=True)
class UnsentFigures:
    """Unsent sessions, as reported by devices: the number of these devices and of their sessions,
    and the age of the oldest in seconds."""

    devices: int = 0
    sessions: int = 0
    oldest_s: float = 0.0


@dataclass(frozen=True, kw_only=True, slots=True)
class RetentionFigures:
    """Seconds since the last whole pass of the retention began, and the age of the oldest item that
    waits for a decision; 0 if there is none."""

    lag_s: float = 0.0
    undecided_s: float = 0.0


@dataclass(frozen=True, kw_only=True, slots=True)
class DatabaseFigures:
    """PostgreSQL's statistics: connections of the whole server and their limit; size of this
    database and its transactions since the statistics were reset."""

    connections: int
    most_connections: int
    size_bytes: int
    commits: int
    rollbacks: int


@dataclass(frozen=True, kw_only=True, slots=True)
class StandbyFigures:
    """The standby: whether accepted games wait for it, what it lacks, and the age of its newest
    base backup, infinite without one."""

    answers: bool
    behind_bytes: float
    base_age_s: float


@dataclass(frozen=True, kw_only=True, slots=True)
class StoreFigures:
    """Figures from the database. `active_users` counts students, see ACTIVE_S; `clock_ahead_s` is
    how far this machine's clock is ahead of the database's; `standby` is None if there is none."""

    counts: InboxCounts
    active_users: int
    unsent: UnsentFigures
    database: DatabaseFigures
    clock_ahead_s: float
    upkeep: Ages
    retention: RetentionFigures
    standby: StandbyFigures | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class QueueFigures:
    """Figures from Redis: tasks in Celery's queue, worker processes with a heartbeat, and Redis's
    memory and clients."""

    queue_name: str
    queued: int
    workers: int
    memory_bytes: int
    clients: int


@dataclass(frozen=True, kw_only=True, slots=True)
class HostFigures:
    """Usage of this machine, 0 to 1; `disk` is the one that holds NEUROPLAY_HOME. `processors` is
    how many of them NeuroPlay may use."""

    cpu: float
    memory: float
    disk: float
    processors: float


class SystemCollector(Collector):
    """Collects the figures of the whole system. Each source may raise."""

    def __init__(
        self,
        *,
        database: Callable[[], StoreFigures],
        redis: Callable[[], QueueFigures],
        host: Callable[[], HostFigures],
        timeout_s: float = TIMEOUT_S,
    ) -> None:
        self._probes = {
            "database": Probe("inbox figures", database),
            "redis": Probe("queue figures", redis),
            "host": Probe("host figures", host),
        }
        self._timeout_s = timeout_s

    def describe(self) -> Iterable[Metric]:
        return []

    def collect(self) -> Iterable[Metric]:
        answers = ask_all(self._probes, timeout_s=self._timeout_s)
        up = GaugeMetricFamily("neuroplay_source_up", "1 if the source answered", labels=["source"])
        for name, answer in answers.items():
            up.add_metric([name], 1.0 if answer.error is None else 0.0)
        found = {name: answer.value for name, answer in answers.items() if answer.error is None}
        return [up, *_queue_sizes(found), *_of_store(found), *_of_redis(found), *_of_host(found)]


class CacheHitRate(Collector):
    """Passes on `counted`, and adds the share of cache hits; NaN before the first read."""

    def __init__(self, counted: Collector) -> None:
        self._counted = counted

    def describe(self) -> Iterable[Metric]:
        return []

    def collect(self) -> Iterable[Metric]:
        families = list(self._counted.collect())
        reads = {"hit": 0.0, "miss": 0.0}
        for family in families:
            if family.name == "neuroplay_cache_reads":
                for sample in family.samples:
                    if sample.name.endswith("_total"):
                        reads[sample.labels["result"]] = sample.value
        total = sum(reads.values())
        rate = reads["hit"] / total if total else math.nan
        return [
            *families,
            GaugeMetricFamily(
                "neuroplay_cache_hit_rate",
                "Share of cache reads that were hits, 0 to 1",
                value=rate,
            ),
        ]


def _queue_sizes(found: Mapping[str, Any]) -> list[Metric]:
    sizes = GaugeMetricFamily(
        "neuroplay_queue_size",
        "Waiting items: sync_inbox counts pending sessions, neuroplay is Celery's queue",
        labels=["queue_name"],
    )
    if store := found.get("database"):
        sizes.add_metric(["sync_inbox"], store.counts.pending)
    if queue := found.get("redis"):
        sizes.add_metric([queue.queue_name], queue.queued)
    return [sizes] if sizes.samples else []


def _of_store(found: Mapping[str, Any]) -> list[Metric]:
    store: StoreFigures | None = found.get("database")
    if store is None:
        return []
    items = GaugeMetricFamily(
        "neuroplay_inbox_items", "Sessions in the inbox by state", labels=["state"]
    )
    for state in InboxState:
        items.add_metric([state.value], getattr(store.counts, state.value))
    return [
        items,
        _gauge(
            "neuroplay_inbox_oldest_seconds",
            "Age of the oldest pending session; 0 if there is none",
            store.counts.oldest_pending_s or 0.0,
        ),
        _gauge(
            "neuroplay_active_users",
            "Students whose devices made contact in the last five minutes",
            store.active_users,
        ),
        _gauge(
            "neuroplay_devices_holding",
            "Devices that reported unsent sessions at their last contact",
            store.unsent.devices,
        ),
        _gauge(
            "neuroplay_device_sessions", "Unsent sessions on these devices", store.unsent.sessions
        ),
        _gauge(
            "neuroplay_device_oldest_seconds",
            "Age of the oldest unsent session; 0 if there is none",
            store.unsent.oldest_s,
        ),
        _gauge(
            "neuroplay_database_connections",
            "Connections to the PostgreSQL server",
            store.database.connections,
        ),
        _gauge(
            "neuroplay_database_connections_limit",
            "Maximum connections to the PostgreSQL server",
            store.database.most_connections,
        ),
        _gauge("neuroplay_database_bytes", "Size of the database", store.database.size_bytes),
        _transactions(store.database),
        _gauge(
            "neuroplay_clock_ahead_seconds",
            "Seconds by which this machine's clock is ahead of PostgreSQL's; below 0: behind",
            store.clock_ahead_s,
        ),
        _gauge(
            "neuroplay_retention_lag_seconds",
            "Time since the last whole pass of the retention began",
            store.retention.lag_s,
        ),
        _gauge(
            "neuroplay_inbox_undecided_seconds",
            "Age of the oldest session that waits for a decision; 0 if there is none",
            store.retention.undecided_s,
        ),
        _gauge(
            "neuroplay_backup_age_seconds",
            "Time since the last good backup; until the first one, the age of the installation",
            store.upkeep.alarming_s("backup"),
        ),
        _gauge(
            "neuroplay_drill_age_seconds",
            "Time since a drill last restored a backup; until then the age of the installation",
            store.upkeep.alarming_s("drill"),
        ),
        *_of_standby(store.standby),
    ]


def _of_standby(standby: StandbyFigures | None) -> list[Metric]:
    if standby is None:
        return []
    return [
        _gauge(
            "neuroplay_standby_up",
            "1 if accepted games are copied to the standby before they are acknowledged",
            1.0 if standby.answers else 0.0,
        ),
        _gauge(
            "neuroplay_standby_behind_bytes", "WAL that the standby lacks", standby.behind_bytes
        ),
        _gauge(
            "neuroplay_standby_base_age_seconds",
            "Age of the standby's newest base backup; infinite without one",
            standby.base_age_s,
        ),
    ]


def _transactions(database: DatabaseFigures) -> Metric:
    counted = CounterMetricFamily(
        "neuroplay_database_transactions",
        "Database transactions by how they ended",
        labels=["end"],
    )
    counted.add_metric(["commit"], database.commits)
    counted.add_metric(["rollback"], database.rollbacks)
    return counted


def _gauge(name: str, what: str, value: float) -> Metric:
    return GaugeMetricFamily(name, what, value=value)


def _of_redis(found: Mapping[str, Any]) -> list[Metric]:
    queue: QueueFigures | None = found.get("redis")
    if queue is None:
        return []
    return [
        _gauge("neuroplay_workers", "Worker processes with a recent heartbeat", queue.workers),
        _gauge("neuroplay_redis_memory_bytes", "Memory used by Redis", queue.memory_bytes),
        _gauge("neuroplay_redis_clients", "Connections to Redis", queue.clients),
    ]


def _of_host(found: Mapping[str, Any]) -> list[Metric]:
    host: HostFigures | None = found.get("host")
    if host is None:
        return []
    return [
        _gauge("neuroplay_host_cpu_ratio", "CPU usage of these processors, 0 to 1", host.cpu),
        _gauge("neuroplay_host_memory_ratio", "Memory usage, 0 to 1", host.memory),
        _gauge(
            "neuroplay_host_disk_ratio",
            "Usage of the disk that holds NEUROPLAY_HOME, 0 to 1",
            host.disk,
        ),
        _gauge("neuroplay_host_processors", "Processors that NeuroPlay may use", host.processors),
    ]


class Host:
    """This machine's figures. A background thread samples the CPU over CPU_EVERY_S, so that a
    scrape neither waits for a sample nor measures itself."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._cpu: float | None = None
        self._pid = 0

    def __call__(self) -> HostFigures:
        import psutil

        from neuroplay.infra.monitoring.processors import usable_processors

        return HostFigures(
            cpu=self._cpu_ratio(),
            memory=psutil.virtual_memory().percent / 100,
            disk=psutil.disk_usage(str(self._existing())).percent / 100,
            processors=usable_processors(),
        )

    def _existing(self) -> Path:
        folder = self._folder
        while not folder.exists() and folder != folder.parent:
            folder = folder.parent
        return folder

    def _cpu_ratio(self) -> float:
        import os

        from neuroplay.infra.monitoring.processors import ProcessorUse

        with self._lock:
            if self._pid != os.getpid():  # the first call, or after a fork, which ends the thread
                self._pid = os.getpid()
                use = ProcessorUse()
                time.sleep(FIRST_SAMPLE_S)
                self._cpu = use.ratio()
                threading.Thread(
                    target=self._sample, args=(use,), daemon=True, name="cpu sample"
                ).start()
            return self._cpu or 0.0

    def _sample(self, use: ProcessorUse) -> None:
        while True:
            time.sleep(CPU_EVERY_S)
            self._cpu = use.ratio()


def queue_figures(redis: Redis, queue_name: str) -> QueueFigures:
    """The figures of Redis; Celery's queue is a list of that name. Raises redis.RedisError."""
    from neuroplay.infra.redis.heartbeat import count_workers

    with redis.pipeline(transaction=False) as pipe:
        pipe.llen(queue_name)
        pipe.info("memory")
        pipe.info("clients")
        queued, memory, clients = pipe.execute()
    return QueueFigures(
        queue_name=queue_name,
        queued=int(queued),
        workers=count_workers(redis),
        memory_bytes=memory["used_memory"],
        clients=clients["connected_clients"],
    )
