"""An autoscaling rule, as the rendered chart states it: of a HorizontalPodAutoscaler, or of the one
that KEDA makes from a ScaledObject.

Times are in seconds. `faster` shortens all of a rule, so that a test need not last for an hour.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

Manifest = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Cpu:
    """Percentage of the CPU request that the pods should use on average."""

    utilization: int


@dataclass(frozen=True, kw_only=True)
class Query:
    """What Prometheus answers should be at most `per_pod` for each pod. A number of seconds here,
    so it is shortened with the windows."""

    text: str
    per_pod: float


Metric = Cpu | Query


@dataclass(frozen=True, kw_only=True)
class Policy:
    """At most `value` pods (or per cent, if `percent`) more or fewer within `period_s`."""

    value: int
    period_s: float
    percent: bool = False


@dataclass(frozen=True, kw_only=True)
class Behaviour:
    window_s: float
    policies: Sequence[Policy]
    """The one that allows the largest change counts."""


@dataclass(frozen=True, kw_only=True)
class Rule:
    least: int
    most: int
    metrics: Sequence[Metric]
    up: Behaviour
    down: Behaviour
    sync_s: float = 15.0
    """--horizontal-pod-autoscaler-sync-period, and how often metrics-server looks."""

    def faster(self, factor: float) -> Rule:
        return replace(
            self,
            metrics=[_faster_metric(one, factor) for one in self.metrics],
            up=_faster_behaviour(self.up, factor),
            down=_faster_behaviour(self.down, factor),
            sync_s=self.sync_s / factor,
        )


DEFAULT_UP = Behaviour(
    window_s=0.0,
    policies=(Policy(value=100, period_s=15, percent=True), Policy(value=4, period_s=15)),
)
DEFAULT_DOWN = Behaviour(window_s=300.0, policies=(Policy(value=100, period_s=15, percent=True),))
"""Kubernetes' own, for an autoscaler that says nothing about its behaviour:
https://kubernetes.io/docs/concepts/workloads/autoscaling/horizontal-pod-autoscale/#default-behavior"""


def rule_of(manifest: Manifest) -> Rule:
    """The rule of a HorizontalPodAutoscaler or a ScaledObject."""
    spec = manifest["spec"]
    if manifest["kind"] == "ScaledObject":
        behaviour = spec["advanced"]["horizontalPodAutoscalerConfig"]["behavior"]
        return _rule(
            spec["minReplicaCount"],
            spec["maxReplicaCount"],
            [_trigger(one) for one in spec["triggers"]],
            behaviour,
        )
    metrics = [_resource(one) for one in spec["metrics"]]
    return _rule(spec["minReplicas"], spec["maxReplicas"], metrics, spec.get("behavior", {}))


def _rule(least: int, most: int, metrics: Sequence[Metric], behaviour: Manifest) -> Rule:
    return Rule(
        least=least,
        most=most,
        metrics=metrics,
        up=_behaviour(behaviour["scaleUp"]) if "scaleUp" in behaviour else DEFAULT_UP,
        down=_behaviour(behaviour["scaleDown"]) if "scaleDown" in behaviour else DEFAULT_DOWN,
    )


def _behaviour(stated: Manifest) -> Behaviour:
    assert stated.get("selectPolicy", "Max") == "Max", stated
    return Behaviour(
        window_s=stated["stabilizationWindowSeconds"],
        policies=[
            Policy(
                value=one["value"], period_s=one["periodSeconds"], percent=one["type"] == "Percent"
            )
            for one in stated["policies"]
        ],
    )


def _trigger(trigger: Manifest) -> Metric:
    metadata = trigger["metadata"]
    if trigger["type"] == "cpu":
        assert trigger["metricType"] == "Utilization", trigger
        return Cpu(utilization=int(metadata["value"]))
    assert (trigger["type"], trigger["metricType"]) == ("prometheus", "AverageValue"), trigger
    # Otherwise KEDA takes a series that is missing for a zero.
    assert metadata["ignoreNullValues"] == "false", trigger
    return Query(text=metadata["query"], per_pod=float(metadata["threshold"]))


def _resource(metric: Manifest) -> Cpu:
    assert (metric["type"], metric["resource"]["name"]) == ("Resource", "cpu"), metric
    return Cpu(utilization=metric["resource"]["target"]["averageUtilization"])


def _faster_behaviour(behaviour: Behaviour, factor: float) -> Behaviour:
    return Behaviour(
        window_s=behaviour.window_s / factor,
        policies=[replace(one, period_s=one.period_s / factor) for one in behaviour.policies],
    )


def _faster_metric(metric: Metric, factor: float) -> Metric:
    return metric if isinstance(metric, Cpu) else replace(metric, per_pod=metric.per_pod / factor)
