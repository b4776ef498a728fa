"""A day in two minutes: a class that plays all the time, a spike, and a Monday morning."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.deploy.scaling.autoscaler import turns
from tests.deploy.scaling.cluster import Cluster, Moment, Setting, cluster
from tests.deploy.scaling.load import Load, begun, enrolled
from tests.deploy.scaling.replica import Ended
from tests.deploy.scaling.rules import Query, Rule

REQUESTS = 'sum(rate(neuroplay_api_requests_total{endpoint=~"/api/.*"}[6s]))'
PENDING = 'max(neuroplay_inbox_items{state="pending"})'
QUIET_S = 300.0
"""After the last load: the windows, and one pod after the other."""

Series = list[tuple[float, float]]


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """Times are seconds since the first load began. `results` are in the order of the loads, and
    `waves` the time of each but the first, until its games were counted."""

    rules: dict[str, Rule]
    moments: dict[str, list[Moment]]
    results: list[dict[str, Any]]
    requests: Series
    pending: Series
    oldest: Series
    ended: list[Ended]
    waves: list[tuple[float, float]]

    def replicas(self, component: str) -> list[tuple[float, int]]:
        return [(one.t, one.decided) for one in self.moments[component]]

    def most(self, component: str) -> int:
        return max(number for _, number in self.replicas(component))

    @property
    def flaps(self) -> int:
        """How often a change was taken back within the window of the rule; pods that went may come
        back for a wave."""
        found = [
            turn
            for component, rule in self.rules.items()
            for turn in turns(self.replicas(component), rule.down.window_s)
        ]
        return sum(1 for one in found if not (one.to_more and self._in_a_wave(one.back_at)))

    def _in_a_wave(self, when: float) -> bool:
        return any(begins <= when <= ends for begins, ends in self.waves)

    @property
    def went(self) -> int:
        """How many pods the autoscalers ended."""
        return sum(
            max(0, before - after)
            for component in self.rules
            for (_, before), (_, after) in itertools.pairwise(self.replicas(component))
        )


def played(setting: Setting, loads: Sequence[Load], folder: Path) -> Outcome:
    """Start the cluster, play the loads, and wait until there are as few pods as before."""
    with cluster(setting, folder) as found:
        with found.scaling():
            results, over = _all_results(found, loads, folder)
            found.wait_at_least("the pods that are too many end", QUIET_S)
        (query,) = [one for one in found.rules["worker"].metrics if isinstance(one, Query)]
        series = [found.asked_over_time(one) for one in (REQUESTS, PENDING, query.text)]
        ended = list(found.ended)
    requests, pending, oldest = series
    return Outcome(
        rules=dict(found.rules),
        moments=found.moments,
        results=results,
        requests=requests,
        pending=pending,
        oldest=oldest,
        ended=ended,
        waves=[(one.begins_s, end) for one, end in zip(loads, over, strict=True)][1:],
    )


def _all_results(
    found: Cluster, loads: Sequence[Load], folder: Path
) -> tuple[list[dict[str, Any]], list[float]]:
    """The results, and when they were there."""
    fails = threading.Event()
    rosters = [
        enrolled(load.users, found.secret, folder / f"load-{number}")
        for number, load in enumerate(loads)
    ]
    found.began = time.time()

    def result(load: Load, roster: Path) -> tuple[dict[str, Any], float]:
        if fails.wait(max(0.0, found.began + load.begins_s - time.time())):
            raise RuntimeError("another load failed")
        with begun(load, found.proxy.port, found.secret, roster) as running:
            return running.result(), time.time() - found.began

    with ExitStack() as stack:
        pool = stack.enter_context(ThreadPoolExecutor(len(loads)))
        stack.callback(fails.set)
        pairs = list(pool.map(result, loads, rosters))
    return [one for one, _ in pairs], [when for _, when in pairs]
