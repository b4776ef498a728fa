"""The Compose file, started by podman-compose: a game is delivered, and after a stop and a new
start another one."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import pytest
from dotenv import dotenv_values

from tests.acceptance.installation import Installation, free_port, wait_until
from tests.deploy.chart import ROOT
from tests.deploy.containers import Container, Image, check_restrictions, outside_servers
from tests.deploy.play import check_a_game_is_verified
from tests.deploy.programs import TOOLS

pytestmark = [pytest.mark.deploy, pytest.mark.timeout(600)]

COMPOSE = TOOLS / "bin" / "podman-compose"
SERVING = ("api", "worker", "beat")


@dataclass(frozen=True, kw_only=True)
class Project:
    image: Image
    folder: Path
    name: str
    port: int

    def compose(self, *words: str) -> str:
        """What podman-compose prints. Raises AssertionError with its errors."""
        done = subprocess.run(
            [COMPOSE, "-p", self.name, "-f", str(self.folder / "compose.yaml"), *words],
            env={
                **os.environ,
                **self.image.engine.environment,
                "NEUROPLAY_IMAGE": self.image.name,
                "NEUROPLAY_BIND": f"127.0.0.1:{self.port}",
            },
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def container(self, service: str) -> Container:
        return Container(engine=self.image.engine, name=f"{self.name}_{service}_1")

    @property
    def system(self) -> Installation:
        return Installation(home=Path("/nowhere"), port=self.port)

    def wait_until_ready(self) -> None:
        for service in SERVING:
            self.container(service).wait_until_ready()
        wait_until(lambda: self.system.get("/health/ready")[0] == 200, "the API is reached")


@pytest.fixture
def project(
    image: Image, empty_database_url: str, redis_url: str, tmp_path: Path
) -> Iterator[Project]:
    if image.engine.name != "podman":
        pytest.skip("podman-compose needs podman")
    if not COMPOSE.exists():
        pytest.fail("there is no podman-compose; to have it: make test-deploy")
    shutil.copy(ROOT / "deploy" / "compose.yaml", tmp_path)
    found = Project(image=image, folder=tmp_path, name=f"npk{uuid4().hex[:8]}", port=free_port())
    with outside_servers(
        empty_database_url,
        redis_url,
        listen="0.0.0.0",  # noqa: S104 - the containers have a network of their own
        reached_as="host.containers.internal",
    ) as values:
        filled_in = {
            **dotenv_values(ROOT / "deploy" / "neuroplay.env.example"),
            **values,
            "NEUROPLAY_OPS_TOKEN": "t" * 32,
        }
        lines = [f"{name}={value}\n" for name, value in filled_in.items()]
        (tmp_path / "neuroplay.env").write_text("".join(lines))
        try:
            yield found
        finally:
            found.compose("down")


def test_games_are_delivered_before_and_after_a_stop(project: Project) -> None:
    project.compose("up", "--detach")
    project.wait_until_ready()
    assert project.container("migrate").state()["ExitCode"] == 0
    for service in SERVING:
        check_restrictions(project.container(service))
        assert project.container(service).is_well()
    create = ("neuroplay", "class", "create", "3A", "--students", "1", "--json")
    made = json.loads(project.compose("exec", "-T", "api", *create))
    card = made["students"][0]["card_code"]
    child = project.system.sign_in(made["class"]["code"], card)
    check_a_game_is_verified(child)

    project.compose("stop")
    states = {service: project.container(service).state() for service in SERVING}
    assert {one["Running"] for one in states.values()} == {False}
    assert {one["ExitCode"] for one in states.values()} == {0}, states

    project.compose("start")
    project.wait_until_ready()
    child.play()
    child.wait_processed(2)
