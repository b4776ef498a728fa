"""The chart's autoscaling under load: pods come and go, and no game is lost or counted twice.

Real processes, a real Prometheus, and the decisions of Kubernetes and KEDA as `autoscaler` computes
them. docs/scaling.md has a longer run, and says what is smaller and shorter here.
"""

from __future__ import annotations

import pytest

from tests.deploy.chart import render, the
from tests.deploy.scaling import group
from tests.deploy.scaling.cluster import SCALED
from tests.deploy.scaling.load import failures
from tests.deploy.scaling.rules import DEFAULT_DOWN, DEFAULT_UP, Cpu, Query, rule_of
from tests.deploy.scaling.scenario import Outcome, played
from tests.deploy.scaling.school import SHORT, SHORT_LOADS

pytestmark = [pytest.mark.deploy, pytest.mark.timeout(600)]


def test_the_rules_are_read_as_the_chart_states_them() -> None:
    manifests = render({"worker": {"autoscaling": {"mode": "keda"}}})
    api = rule_of(the(manifests, "HorizontalPodAutoscaler", "api"))
    assert (api.least, api.most, api.metrics) == (2, 10, [Cpu(utilization=70)])
    assert (api.up, api.down) == (DEFAULT_UP, DEFAULT_DOWN)
    worker = rule_of(the(manifests, "ScaledObject", "worker"))
    assert (worker.least, worker.most, worker.down.window_s) == (1, 8, 600)
    assert worker.metrics == [
        Query(text='max(neuroplay_inbox_oldest_seconds{namespace="games"})', per_pod=30),
        Cpu(utilization=70),
    ]


@pytest.fixture(scope="module")
def outcome(tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    if reason := group.why_not():
        pytest.skip(f"the CPU of a pod cannot be measured: {reason}")
    folder = tmp_path_factory.mktemp("scaling")
    for parent in (folder, *folder.parents[:2]):
        parent.chmod(0o755)  # for the user of the bundled servers
    return played(SHORT, SHORT_LOADS, folder)


def test_every_acknowledged_game_counts_once_and_no_request_fails(outcome: Outcome) -> None:
    for result in outcome.results:
        assert result["verdict"] == "pass", result["reasons"]
        assert failures(result) == {}
        figures = result["figures"]
        assert (figures["lost"], figures["counted_twice"]) == (0, 0)
        assert result["sessions"]["acknowledged"] == result["sessions"]["stored"] > 0


@pytest.mark.parametrize("component", SCALED)
def test_pods_come_with_the_load_and_go_after_it(outcome: Outcome, component: str) -> None:
    rule = outcome.rules[component]
    numbers = [number for _, number in outcome.replicas(component)]
    assert numbers[0] == numbers[-1] == rule.least
    assert rule.least < max(numbers) <= rule.most
    assert min(numbers) >= rule.least


def test_no_change_is_taken_back_while_the_load_is_the_same(outcome: Outcome) -> None:
    assert outcome.flaps == 0, {one: outcome.replicas(one) for one in SCALED}


def test_every_pod_that_went_ended_by_itself_within_its_grace_period(outcome: Outcome) -> None:
    assert len(outcome.ended) == outcome.went > 0
    assert {one.code for one in outcome.ended} == {0}, outcome.ended


def test_workers_came_by_what_prometheus_said_about_waiting_games(outcome: Outcome) -> None:
    (query,) = [one for one in outcome.rules["worker"].metrics if isinstance(one, Query)]
    answers = [one.answer for one in outcome.moments["worker"]]
    known = [one for one in answers if one is not None]
    first = answers.index(known[0])
    assert answers[first:] == known, "Prometheus lost the series"
    assert max(known) > query.per_pod
