"""NeuroPlay as the chart runs it in a cluster, on this machine: pods as processes, PostgreSQL and
Valkey outside, HAProxy for the Ingress, a Prometheus that scrapes all pods, and the autoscalers."""

from __future__ import annotations

import json
import math
import os
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

from tests.acceptance.installation import wait_until
from tests.deploy.chart import render, the
from tests.deploy.pod import TOKEN, Pod, secret_of_servers
from tests.deploy.scaling import proxy as proxies
from tests.deploy.scaling.autoscaler import Autoscaler, Readings
from tests.deploy.scaling.deployment import Deployment
from tests.deploy.scaling.proxy import Proxy
from tests.deploy.scaling.replica import Ended, Replica
from tests.deploy.scaling.rules import Manifest, Query, Rule, rule_of
from tests.prometheus.server import Prometheus, running

SCALED = ("api", "worker")
CONNECTIONS = 300
SCRAPE = "2s"
START_S = 90.0


@dataclass(frozen=True, kw_only=True)
class Setting:
    """`values` are the chart's; all times of the rules are divided by `factor`; a worker uses at
    most `worker_cores` of the CPU, so that the load of a school is enough for several."""

    values: Mapping[str, Any]
    factor: float
    worker_cores: float


@dataclass(frozen=True, kw_only=True)
class Moment:
    """What an autoscaler saw and decided. `cpu` are the parts of the request that each ready pod
    used; `answer` is what Prometheus said, if it was asked."""

    t: float
    current: int
    ready: int
    decided: int
    cpu: list[float]
    answer: float | None


@dataclass
class Cluster:
    rules: Mapping[str, Rule]
    deployments: Mapping[str, Deployment]
    prometheus: Prometheus
    proxy: Proxy
    secret: Mapping[str, str]
    ended: list[Ended]
    began: float = field(default_factory=time.time)
    moments: dict[str, list[Moment]] = field(default_factory=lambda: {one: [] for one in SCALED})
    faults: list[str] = field(default_factory=list)
    _stops: threading.Event = field(default_factory=threading.Event)

    @contextmanager
    def scaling(self) -> Iterator[None]:
        """The autoscalers look and act meanwhile."""
        threads = [threading.Thread(target=self._scale, args=(one,), daemon=True) for one in SCALED]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self._stops.set()
            for thread in threads:
                thread.join()

    def _scale(self, component: str) -> None:
        scaler, deployment = Autoscaler(self.rules[component]), self.deployments[component]
        due = time.monotonic()
        try:
            while not self._stops.wait(max(0.0, due - time.monotonic())):
                due += scaler.rule.sync_s
                self._decide(scaler, component, deployment)
        except Exception as error:  # noqa: BLE001 - told to whoever waits
            self.faults.append(f"the autoscaler of {component}: {error!r}")

    def _decide(self, scaler: Autoscaler, component: str, deployment: Deployment) -> None:
        current, pods = deployment.current, deployment.look()
        queries = [one.text for one in scaler.rule.metrics if isinstance(one, Query)]
        answers = {one: self.ask(one) for one in queries}
        decided = scaler.decide(time.monotonic(), current, Readings(pods=pods, answers=answers))
        deployment.scale_to(decided)
        self.moments[component].append(
            Moment(
                t=time.time() - self.began,
                current=current,
                ready=deployment.ready,
                decided=decided,
                cpu=[one.used for one in pods if one.ready and one.used is not None],
                answer=answers[queries[0]] if queries else None,
            )
        )

    def ask(self, query: str) -> float | None:
        """The value of a query with one result; None without."""
        found = self.prometheus.query(query)
        return float(found[0]["value"][1]) if found else None

    def asked_over_time(self, query: str) -> list[tuple[float, float]]:
        """The values of a query from the beginning until now, one a second."""
        found = self.prometheus.ask(
            "query_range", query=query, start=str(self.began), end=str(time.time()), step="1"
        )
        if not found["result"]:
            return []
        values = ((when - self.began, float(text)) for when, text in found["result"][0]["values"])
        return [(when, value) for when, value in values if math.isfinite(value)]

    def all_faults(self) -> list[str]:
        return [*self.faults, *(text for one in self.deployments.values() for text in one.faults)]

    def wait_at_least(self, what: str, patience_s: float = START_S) -> None:
        """Until there are as few pods as may be, all of them ready, and no others."""

        def holds() -> bool:
            assert not self.all_faults(), self.all_faults()
            return all(
                one.is_settled and one.current == self.rules[name].least
                for name, one in self.deployments.items()
            )

        wait_until(holds, what, patience_s)


class Targets:
    """What Prometheus scrapes: each pod, with the labels that the Prometheus Operator adds."""

    def __init__(self, file: Path, namespace: str) -> None:
        self._file, self._namespace = file, namespace
        self._ports: dict[str, int] = {}
        self._lock = threading.Lock()
        self._write()

    def add(self, name: str, port: int) -> None:
        with self._lock:
            self._ports[name] = port
            self._write()

    def remove(self, name: str) -> None:
        with self._lock:
            self._ports.pop(name, None)
            self._write()

    def _write(self) -> None:
        labels = {"namespace": self._namespace}
        written = [
            {"targets": [f"127.0.0.1:{port}"], "labels": {**labels, "pod": name}}
            for name, port in self._ports.items()
        ]
        new = self._file.with_suffix(".new")
        new.write_text(json.dumps(written))
        os.replace(new, self._file)

    def configuration(self, folder: Path) -> str:
        token = folder / "token"
        token.write_text(TOKEN)
        return (
            f"global: {{scrape_interval: {SCRAPE}, scrape_timeout: {SCRAPE}}}\n"
            "scrape_configs:\n"
            f"  - job_name: neuroplay\n    authorization: {{credentials_file: '{token}'}}\n"
            f"    file_sd_configs: [{{files: ['{self._file}']}}]\n"
        )


@contextmanager
def cluster(setting: Setting, folder: Path) -> Iterator[Cluster]:
    """With as few pods as the rules allow, all of them ready; the autoscalers do not act yet."""
    manifests = render(setting.values)
    stated = {
        "api": the(manifests, "HorizontalPodAutoscaler", "api"),
        "worker": the(manifests, "ScaledObject", "worker"),
    }
    rules = {name: rule_of(one).faster(setting.factor) for name, one in stated.items()}
    ended: list[Ended] = []
    targets = Targets(folder / "targets.json", manifests_namespace(stated["worker"]))
    with ExitStack() as stack:
        secret = stack.enter_context(secret_of_servers(max_connections=CONNECTIONS))
        proxy = stack.enter_context(proxies.before(2 * rules["api"].most, folder))
        prometheus = stack.enter_context(
            running(targets.configuration(folder), folder / "prometheus")
        )
        migrate(the(manifests, "Job"), secret, folder)
        maker = Maker(secret, folder, targets, proxy, ended, setting.worker_cores)
        deployments = {
            name: maker.deployment(name, the(manifests, "Deployment", name)) for name in SCALED
        }
        beat = maker.deployment("beat", the(manifests, "Deployment", "beat"))
        for one in (*deployments.values(), beat):
            stack.callback(one.end)
        beat.scale_to(1)
        for name, one in deployments.items():
            one.scale_to(rules[name].least)
        found = Cluster(rules, deployments, prometheus, proxy, secret, ended)
        found.wait_at_least("the pods are ready")
        found.began = time.time()
        yield found


def manifests_namespace(scaled: Manifest) -> str:
    """That of the query, which the chart writes into it."""
    (query,) = [one for one in rule_of(scaled).metrics if isinstance(one, Query)]
    return query.text.partition('namespace="')[2].partition('"')[0]


def migrate(job: Manifest, secret: dict[str, str], folder: Path) -> None:
    pod = Pod(dict(job), secret, folder)
    with pod.running(pod.main) as migrating:
        assert migrating.wait(START_S) == 0


@dataclass(frozen=True)
class Maker:
    """Makes the pods of all deployments."""

    secret: dict[str, str]
    folder: Path
    targets: Targets
    proxy: Proxy
    ended: list[Ended]
    worker_cores: float
    run: str = field(default_factory=lambda: uuid4().hex[:8])

    def deployment(self, component: str, manifest: Manifest) -> Deployment:
        (container,) = manifest["spec"]["template"]["spec"]["containers"]
        name = f"{component}-{self.run}"

        def start(replica: str) -> Replica:
            home = self.folder / replica
            home.mkdir(mode=0o755)
            return Replica(
                replica,
                lambda under: Pod(dict(manifest), self.secret, home, under=under),
                on_ready=lambda pod: self._on_ready(component, replica, pod),
                on_ending=lambda pod: self._on_ending(component, pod),
                on_gone=lambda pod: self._on_gone(component, replica, pod),
                on_end=self.ended.append,
                cores=self.worker_cores if component == "worker" else None,
            )

        return Deployment(name, cores_of(container["resources"]["requests"]["cpu"]), start)

    def _on_ready(self, component: str, name: str, pod: Pod) -> None:
        self.targets.add(name, next(iter(pod.ports.values())))
        if component == "api":
            self.proxy.add(pod.ports["http"])

    def _on_ending(self, component: str, pod: Pod) -> None:
        if component == "api":
            self.proxy.remove(pod.ports["http"])

    def _on_gone(self, component: str, name: str, pod: Pod) -> None:
        self.targets.remove(name)
        if component == "api":
            self.proxy.forget(pod.ports["http"])


def cores_of(quantity: str) -> float:
    """Of `500m` or `2`."""
    return float(quantity[:-1]) / 1000 if quantity.endswith("m") else float(quantity)
