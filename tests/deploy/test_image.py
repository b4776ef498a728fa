"""The container image: what is in it, and that it loses nothing under all restrictions."""

from __future__ import annotations

import json
import os
import re
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import pytest

from deploy.image import base
from deploy.image.engine import Engine
from neuroplay import __version__
from tests.acceptance.chaos.books import Auditor, differences, waiting
from tests.acceptance.chaos.tablets import Fleet
from tests.acceptance.installation import Installation, Player, free_port, wait_until
from tests.deploy.containers import (
    ORPHAN,
    RESTRICTED,
    UID,
    ZOMBIES,
    Container,
    Image,
    check_restrictions,
    outside_servers,
    settings,
    started,
)
from tests.deploy.play import check_a_game_is_verified

pytestmark = [pytest.mark.deploy, pytest.mark.timeout(600)]

ROOT = Path(__file__).parents[2]
HADOLINT = ROOT / ".venv" / "deploy" / "bin" / "hadolint"

LARGEST_BYTES = 300_000_000
"""Over the base."""

CANNOT = 3

SEED = 20_261_128
GAMES = 300
"""Acknowledged before the container is told to end."""

GRACE_S = 60.0
"""As --stop-timeout in the printed command."""


@pytest.fixture
def volume(engine: Engine) -> Iterator[str]:
    name = f"neuroplay-test-{uuid4().hex[:12]}"
    engine.run("volume", "create", name)
    yield name
    engine.run("volume", "rm", "--force", name)


def home_in(engine: Engine, volume: str) -> Path:
    """The folder of a volume on this machine."""
    return Path(json.loads(engine.run("volume", "inspect", volume))[0]["Mountpoint"])


def test_the_containerfile_has_no_fault_that_hadolint_knows() -> None:
    if not HADOLINT.exists():
        pytest.skip("hadolint is not installed: run make test-deploy")
    linted = subprocess.run(
        [HADOLINT, base.CONTAINERFILE], capture_output=True, text=True, check=False
    )
    assert linted.returncode == 0, linted.stdout


def test_the_image_is_small_and_says_what_it_is(image: Image) -> None:
    size, more = map(int, re.findall(r"(\d+) MB", image.said))
    assert size * 1_000_000 == pytest.approx(image.engine.size(image.name), rel=0.01)
    assert more * 1_000_000 <= LARGEST_BYTES
    about = image.engine.inspect(image.name)["Config"]
    labels = {name.rpartition(".")[2]: value for name, value in about["Labels"].items()}
    assert labels["title"] == "NeuroPlay"
    assert labels["version"] == __version__
    assert labels["licenses"] == "MIT"
    assert re.fullmatch(r"[0-9a-f]{40}(-dirty)?", labels["revision"])
    assert about["User"] == f"{UID}:{UID}"
    assert about["StopSignal"] in ("SIGTERM", "15")


def test_what_runs_needs_no_shell(image: Image) -> None:
    about = image.engine.inspect(image.name)
    check = about.get("Healthcheck") or about["Config"]["Healthcheck"]
    assert check["Test"] == ["CMD", "neuroplay", "status"]
    assert about["Config"]["Entrypoint"] == ["python", "-P", "-m", "cli.container"]
    assert not about["Config"].get("Cmd")


CONTENT = """
import importlib.metadata, json, pathlib, shutil, sysconfig
packages = pathlib.Path(sysconfig.get_path("purelib"))
code = pathlib.Path("/opt/neuroplay/code")
print(json.dumps({
    "packages": sorted(one.name.lower() for one in importlib.metadata.distributions()),
    "tests": [str(p) for p in packages.rglob("*") if p.is_dir() and p.name in ("tests", "test")],
    "tools": [name for name in ("uv", "gcc", "make", "git", "node") if shutil.which(name)],
    "left": [name for name in ("/wheels", "/prepare.py", "/code", "/root/.cache")
             if pathlib.Path(name).exists()],
    "licences": [p.name for p in code.glob("neuroplay-*/licenses/*")],
    "page": (code / "neuroplay/api/pwa_dist/index.html").is_file(),
}))
"""


def test_it_holds_the_app_and_its_licence_but_no_tool_test_or_cache(image: Image) -> None:
    run = ("run", "--rm", "--network", "none", "--user", "0", "--entrypoint", "python")
    found = json.loads(image.engine.run(*run, image.name, "-c", CONTENT, stderr=subprocess.DEVNULL))
    assert {"neuroplay", "flask", "celery"} <= set(found["packages"])
    assert not {"mypy", "ruff", "hypothesis", "uv", "build"} & set(found["packages"])
    assert found["tests"] == found["tools"] == found["left"] == []
    assert "LICENSE" in found["licences"]
    assert found["page"]


@pytest.mark.parametrize(
    "options", [(), ("--tmpfs", "/data")], ids=["without a volume", "in memory"]
)
def test_a_database_that_would_end_with_the_container_is_refused(
    image: Image, options: tuple[str, ...]
) -> None:
    run = [image.engine.program, "run", "--rm", "--network", "none", *RESTRICTED, *options]
    refused = subprocess.run(
        [*run, image.name],
        env={**os.environ, **image.engine.environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert refused.returncode == CANNOT
    assert "neither a volume at /data nor DATABASE_URL" in refused.stderr
    assert "--volume neuroplay:/data" in refused.stderr


def printed_run(image: Image, container: Container, *, volume: str, port: int) -> list[str]:
    """The command that `make image` printed, with a name, a volume and a port of this test's."""
    command = image.said.partition("Run it:\n\n")[2].partition("\n\n")[0]
    for ours, printed in {
        f"--name {container.name}": "--name neuroplay",
        f"--volume {volume}:/data": "--volume neuroplay:/data",
        f"127.0.0.1:{port}:5000": "127.0.0.1:5000:5000",
        f"localhost:{port}": "localhost:5000",
    }.items():
        assert command.count(printed) == 1, (printed, command)
        command = command.replace(printed, ours)
    return ["sh", "-euc", command]


def demo_child(container: Container, system: Installation) -> Player:
    """The first child of the demo class, signed in with the card that the container printed."""
    class_code, card = re.findall(r"#card=(\w+)-(\w+)", container.logs())[0]
    return system.sign_in(class_code, card)


def test_a_school_in_one_container_loses_nothing_when_it_is_told_to_end_under_load(
    image: Image, volume: str, capsys: pytest.CaptureFixture[str]
) -> None:
    port = free_port()
    system = Installation(home=home_in(image.engine, volume), port=port)
    first, second = Container(engine=image.engine), Container(engine=image.engine)
    try:
        subprocess.run(printed_run(image, first, volume=volume, port=port), check=True)
        first.wait_until_ready()
        assert first.is_well()
        check_restrictions(first)
        check_no_zombie_stays(first)
        fleet = Fleet(system, SEED, tablets=20)
        auditor = Auditor(fleet.history)
        fleet.start()
        try:
            wait_until(lambda: len(fleet.history.acknowledged) >= GAMES, "games arrive")
            check_logs(first)
            began = time.monotonic()
            code = first.end()
            took = time.monotonic() - began
            before = len(fleet.history.acknowledged)
            assert code == 0, first.logs()
            assert took < GRACE_S
            first.remove()
            subprocess.run(printed_run(image, second, volume=volume, port=port), check=True)
            second.wait_until_ready()
            found = auditor.audit(system)
            assert found.holds, found
            fleet.hand_in()
        finally:
            fleet.end()
        wait_until(lambda: not waiting(system), "all is processed")
        found = auditor.audit(system)
        assert found.holds, found
        assert found.is_complete, found
        assert found.stored > before
        assert differences(system) is None
        check_a_game_is_verified(demo_child(second, system))
        with capsys.disabled():
            print(f"\nSIGTERM after {before} games: exit code 0 after {took:.1f} s; {found}")
    finally:
        first.remove()
        second.remove()


def check_logs(container: Container) -> None:
    """The engine has the lines of all programs."""
    logs = container.logs()
    for line in ("database system is ready", '"event": "request"', '"event": "inbox drained"'):
        assert line in logs, line


def check_no_zombie_stays(container: Container) -> None:
    assert container.python(ORPHAN).isdigit()
    wait_until(lambda: container.python(ZOMBIES) == "", "process 1 reaps its orphans")


def test_a_killed_container_starts_again_and_a_second_one_on_its_volume_is_refused(
    image: Image, volume: str
) -> None:
    system = Installation(home=home_in(image.engine, volume))
    values = {"NEUROPLAY_HOST": "127.0.0.1", "NEUROPLAY_PORT": str(system.port)}
    options = (f"--volume={volume}:/data", *settings(values))
    with started(image.engine, image.name, options=options) as container:
        container.wait_until_ready()
        child = demo_child(container, system)
        child.play()
        code, said = ended(image, options=options)
        assert (code, "already runs on the home /data" in said) == (CANNOT, True), said
        image.engine.run("kill", "--signal", "KILL", container.name)
        wait_until(lambda: not container.runs(), "the container is dead")
        image.engine.run("start", container.name, stderr=subprocess.DEVNULL)
        wait_until(lambda: system.get("/health/ready")[0] == 200, "it is back")
        child.play()
        child.wait_processed(2)
        assert container.is_well()


@dataclass(frozen=True, kw_only=True)
class Outside:
    """A PostgreSQL and a Valkey that no container started, and what each role is told of them."""

    settings: tuple[str, ...]
    port: int


@pytest.fixture
def outside(empty_database_url: str, redis_url: str) -> Iterator[Outside]:
    port = free_port()
    with outside_servers(empty_database_url, redis_url) as values:
        here = {
            "NEUROPLAY_HOME": "/tmp/neuroplay",
            "NEUROPLAY_HOST": "127.0.0.1",
            "NEUROPLAY_PORT": str(port),
        }
        yield Outside(settings=settings({**values, **here}), port=port)


def ended(image: Image, *arguments: str, options: tuple[str, ...]) -> tuple[int, str]:
    """Exit code and output of a container that ends by itself."""
    with started(image.engine, image.name, *arguments, options=options) as container:
        wait_until(lambda: not container.runs(), "it ends")
        return int(container.state()["ExitCode"]), container.logs()


def test_each_role_is_a_container_of_its_own(image: Image, outside: Outside) -> None:
    """They know the servers outside and nothing of each other; `migrate` comes first."""
    code, said = ended(image, "api", options=outside.settings)
    assert (code, "Run: neuroplay db migrate" in said) == (CANNOT, True), said
    code, said = ended(image, "migrate", options=outside.settings)
    assert (code, "The schema is now at" in said) == (0, True), said
    with ExitStack() as stack:
        roles = [
            stack.enter_context(started(image.engine, image.name, role, options=outside.settings))
            for role in ("api", "worker", "beat")
        ]
        for container in roles:
            container.wait_until_ready()
            assert container.is_well()
        api = roles[0]
        made = json.loads(
            api.command("neuroplay", "class", "create", "3A", "--students", "1", "--json")
        )
        system = Installation(home=Path("/nowhere"), port=outside.port)
        check_a_game_is_verified(
            system.sign_in(made["class"]["code"], made["students"][0]["card_code"])
        )
        status, health = system.get("/health")
        assert (status, health["checks"]["celery"]) == (200, "ok (1 worker)")
        assert [container.end() for container in reversed(roles)] == [0, 0, 0]
