"""How many pods there should be: the computation of Kubernetes' HorizontalPodAutoscaler.

Written from its documentation, which names every step below:
https://kubernetes.io/docs/concepts/workloads/autoscaling/horizontal-pod-autoscale/#algorithm-details
KEDA only gives such an autoscaler its metrics, as long as there is at least one pod; its
`cooldownPeriod` is about the step to none, which the chart does not take:
https://keda.sh/docs/latest/reference/scaledobject-spec/#cooldownperiod
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from tests.deploy.scaling.rules import Behaviour, Cpu, Metric, Policy, Query, Rule

TOLERANCE = 0.1
"""--horizontal-pod-autoscaler-tolerance"""


@dataclass(frozen=True, kw_only=True)
class PodCpu:
    """What metrics-server knows about a pod that was not told to end."""

    used: float | None
    """As a part of its request; None: nothing yet."""

    ready: bool
    """Whether it was ready during all of the time that `used` is about. What a pod needs for its
    start says nothing about the load."""


@dataclass(frozen=True, kw_only=True)
class Readings:
    pods: Sequence[PodCpu]
    answers: Mapping[str, float | None] = field(default_factory=dict)
    """What Prometheus answered to each query; None for nothing."""


@dataclass
class Autoscaler:
    """One rule over time. Moments are seconds of any clock that never goes back."""

    rule: Rule
    _wishes: list[tuple[float, int]] = field(default_factory=list)
    _changes: list[tuple[float, int]] = field(default_factory=list)

    def decide(self, now: float, current: int, readings: Readings) -> int:
        """The number of pods from now on, where there are `current`."""
        rule = self.rule
        if current > rule.most:
            return rule.most
        if current < rule.least:
            return rule.least
        wished = wish(rule.metrics, current, readings)
        if wished is None:
            return current
        steady = self._stabilised(now, current, wished)
        decided = min(max(self._limited(now, current, steady), rule.least), rule.most)
        if decided != current:
            self._changes.append((now, decided - current))
        return decided

    def _stabilised(self, now: float, current: int, wished: int) -> int:
        """Fewer pods only if fewer were enough during the whole window; more likewise."""
        rule = self.rule
        longest = max(rule.up.window_s, rule.down.window_s)
        self._wishes = [one for one in self._wishes if one[0] > now - longest]
        self._wishes.append((now, wished))

        def within(window_s: float) -> list[int]:
            return [one for when, one in self._wishes if when > now - window_s] or [wished]

        return min(max(current, min(within(rule.up.window_s))), max(within(rule.down.window_s)))

    def _limited(self, now: float, current: int, wished: int) -> int:
        if wished > current:
            allowed = self._bounds(now, current, self.rule.up, _grown)
            return min(wished, max(current, *allowed))
        if wished < current:
            allowed = self._bounds(now, current, self.rule.down, _shrunk)
            return max(wished, min(current, *allowed))
        return wished

    def _bounds(
        self, now: float, current: int, behaviour: Behaviour, bound: Callable[[int, Policy], int]
    ) -> list[int]:
        """What each policy allows, counted from the number at the beginning of its period."""
        return [
            bound(
                current - sum(by for when, by in self._changes if when > now - policy.period_s),
                policy,
            )
            for policy in behaviour.policies
        ]


def _grown(start: int, policy: Policy) -> int:
    return math.ceil(start * (1 + policy.value / 100)) if policy.percent else start + policy.value


def _shrunk(start: int, policy: Policy) -> int:
    return int(start * (1 - policy.value / 100)) if policy.percent else start - policy.value


def wish(metrics: Sequence[Metric], current: int, readings: Readings) -> int | None:
    """The largest number that a metric asks for. None, which changes nothing, if no metric can be
    read, or one cannot and the others ask for fewer pods."""
    wishes = [_wish(metric, current, readings) for metric in metrics]
    known = [one for one in wishes if one is not None]
    if not known or (len(known) < len(wishes) and max(known) < current):
        return None
    return max(known)


def _wish(metric: Metric, current: int, readings: Readings) -> int | None:
    if isinstance(metric, Cpu):
        return wish_for_cpu(metric, current, readings.pods)
    answer = readings.answers.get(metric.text)
    return None if answer is None else wish_for_answer(metric, current, answer)


def wish_for_answer(metric: Query, current: int, answer: float) -> int:
    if _is_near(answer / (metric.per_pod * current)):
        return current
    return math.ceil(answer / metric.per_pod)


def wish_for_cpu(metric: Cpu, current: int, pods: Sequence[PodCpu]) -> int | None:
    """Pods that are not ready or not known yet may make a change smaller, and never turn it
    round: they count as idle where more pods are asked for, as busy where fewer are."""
    target = metric.utilization / 100
    used = [pod.used for pod in pods if pod.ready and pod.used is not None]
    unready = sum(1 for pod in pods if not pod.ready and pod.used is not None)
    unknown = sum(1 for pod in pods if pod.used is None)
    if not used:
        return None
    ratio = _mean(used) / target
    counts_unready = unready > 0 and ratio > 1
    if not counts_unready and not unknown:
        return current if _is_near(ratio) else math.ceil(ratio * len(used))
    assumed = [0.0 if ratio > 1 else max(1.0, target)] * unknown
    everyone = [*used, *assumed, *([0.0] * unready if counts_unready else [])]
    careful = _mean(everyone) / target
    asked = math.ceil(careful * len(everyone))
    if _is_near(careful) or (careful > 1) != (ratio > 1) or (asked > current) != (careful > 1):
        return current
    return asked


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)


def _is_near(ratio: float) -> bool:
    return abs(ratio - 1) <= TOLERANCE + 1e-9


Timeline = Sequence[tuple[float, int]]
"""Moments and the number of pods from then on."""


@dataclass(frozen=True, kw_only=True)
class Turn:
    """A change that was taken back: pods that came went, or pods that went came (`to_more`)."""

    at: float
    back_at: float
    to_more: bool


def turns(timeline: Timeline, within_s: float) -> list[Turn]:
    """The changes that were taken back within so many seconds."""
    changes = [
        (when, after - before)
        for (_, before), (when, after) in itertools.pairwise(timeline)
        if after != before
    ]
    return [
        Turn(at=first, back_at=second, to_more=other > 0)
        for (first, one), (second, other) in itertools.pairwise(changes)
        if one * other < 0 and second - first < within_s
    ]
