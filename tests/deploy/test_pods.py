"""The chart's pods in podman: they wait for the migration, deliver a game, and end when told to."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from tests.acceptance.installation import Installation, wait_until
from tests.deploy.chart import Manifest, render, the
from tests.deploy.containers import Image, check_restrictions, on_port, outside_servers
from tests.deploy.play import check_a_game_is_verified
from tests.deploy.played_pods import Pods, as_pod, podman_for_pods

pytestmark = [pytest.mark.deploy, pytest.mark.timeout(600)]

SERVING = ("api", "worker", "beat")


@pytest.fixture
def pods(image: Image, tmp_path: Path) -> Iterator[Pods]:
    with podman_for_pods(image.engine, tmp_path) as found:
        yield found


@pytest.fixture
def manifests(
    image: Image, empty_database_url: str, redis_url: str
) -> Iterator[dict[str, Manifest]]:
    """By component."""
    repository, _, tag = image.name.rpartition(":")
    rendered = render({"image": {"repository": repository, "tag": tag, "pullPolicy": "Never"}})
    with outside_servers(
        empty_database_url,
        redis_url,
        listen="0.0.0.0",  # noqa: S104 - the pods have a network of their own
        reached_as="host.containers.internal",
    ) as values:
        secret = {**values, "NEUROPLAY_OPS_TOKEN": "t" * 32}
        prefix = f"npk{uuid4().hex[:8]}"
        found = [the(rendered, "Deployment", one) for one in SERVING]
        yield {
            one["metadata"]["labels"]["app.kubernetes.io/component"]: as_pod(one, secret, prefix)
            for one in (the(rendered, "Job"), *found)
        }


def ended_well(playing: subprocess.Popen[str]) -> None:
    _, errors = playing.communicate(timeout=120)
    assert playing.returncode == 0, errors


def test_the_pods_deliver_a_game(manifests: dict[str, Manifest], pods: Pods) -> None:
    waiting = pods.play(manifests["api"])
    with pytest.raises(subprocess.TimeoutExpired):
        waiting.wait(3)  # for the schema
    ended_well(pods.play(manifests["migrate"]))
    job = pods.container(manifests["migrate"])
    wait_until(lambda: not job.runs(), "the migration ends")
    assert job.state()["ExitCode"] == 0, job.logs()
    ended_well(waiting)
    for component in ("worker", "beat"):
        ended_well(pods.play(manifests[component]))

    serving = {one: pods.container(manifests[one]) for one in SERVING}
    for container in serving.values():
        container.wait_until_ready()
        check_restrictions(container)
        assert container.is_well()
    create = ("neuroplay", "class", "create", "3A", "--students", "1", "--json")
    made = json.loads(serving["api"].command(*create))
    with on_port((pods.address(manifests["api"]), 5000)) as port:
        system = Installation(home=Path("/nowhere"), port=port)
        card = made["students"][0]["card_code"]
        check_a_game_is_verified(system.sign_in(made["class"]["code"], card))

    assert [one.end() for one in serving.values()] == [0, 0, 0]
