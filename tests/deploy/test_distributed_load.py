"""A load test whose judge and two generators are hosts of their own: what it says when all is well,
when one generator has a slow link, and when one is lost in the middle."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.installation import wait_until
from tests.deploy.namespaces import Host, network, why_not
from tests.deploy.several_hosts import Site, site

pytestmark = [
    pytest.mark.deploy,
    pytest.mark.timeout(600),
    pytest.mark.skipif(bool(why_not()), reason=f"hosts cannot be made here: {why_not()}"),
]

USERS, SECONDS = 20, 20
PATIENCE_S = 200.0
"""Longer than the judge waits for a generator that is gone, and for the queue."""

SLOW_KBIT_S = 64


@dataclass(frozen=True, kw_only=True)
class Field:
    """Where load tests are run: a system, a judge and two generators."""

    system: Site
    judge: Host
    generators: list[Host]
    roster: Path

    @contextmanager
    def run(self, folder: Path, seconds: int = SECONDS) -> Iterator[Run]:
        """A load test that has begun; it must have ended on its own when this returns."""
        api = self.system.of("api")[0]
        url = f"http://{api.address}:{api.port}"
        master = (
            *("normal", "--master", "--expect-workers", "2", "--host", url),
            *("--roster", str(self.roster), "--judge", "failures", "--out", str(folder / "out")),
            *("--users", str(USERS), "--spawn-rate", str(USERS), "--run-time", f"{seconds}s"),
        )
        worker = ("normal", "--worker", "--master-host", self.judge.address)
        with ExitStack() as stack:

            def start(host: Host, words: tuple[str, ...]) -> subprocess.Popen[str]:
                folder.joinpath(host.name).mkdir()
                output = stack.enter_context((folder / host.name / "said").open("w"))
                command = (sys.executable, "-m", "cli", "loadtest", *words)
                environment = {**api.environment, "NEUROPLAY_HOME": str(folder / host.name)}
                return stack.enter_context(host.start(*command, env=environment, output=output))

            judge = start(self.judge, master)
            for host in self.generators:
                start(host, worker)
            yield Run(judge=judge, folder=folder, said=folder / self.judge.name / "said")


@dataclass(frozen=True, kw_only=True)
class Run:
    judge: subprocess.Popen[str]
    folder: Path
    said: Path

    def wait_for(self, words: str) -> None:
        wait_until(lambda: words in self.said.read_text(), words, 150)

    def ended(self) -> tuple[int, dict[str, Any]]:
        """(exit code, result)"""
        code = self.judge.wait(PATIENCE_S)
        file = self.folder / "out" / "result.json"
        assert file.exists(), self.said.read_text()
        return code, json.loads(file.read_text())


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Field]:
    folder = tmp_path_factory.mktemp("load")
    with network() as net, site(net, folder) as system:
        api, worker = system.part("api1", "api"), system.part("worker1", "worker")
        assert api.run("db", "migrate").code == 0
        for part in (api, worker):
            part.serve()
        roster = folder / "roster.json"
        api.json("loadtest", "roster", str(roster), "--students", str(USERS))
        yield Field(
            system=system,
            judge=net.host("judge"),
            generators=[net.host("near"), net.host("far")],
            roster=roster,
        )


def test_two_hosts_make_one_load_and_it_passes(place: Field, tmp_path: Path) -> None:
    with place.run(tmp_path) as run:
        code, result = run.ended()
    assert (code, result["verdict"], result["reasons"]) == (0, "pass", [])
    assert result["figures"]["generator_processes"] == 2
    assert result["sessions"]["acknowledged"] == result["sessions"]["stored"] > 0


def test_a_generator_with_a_slow_link_makes_the_run_void(place: Field, tmp_path: Path) -> None:
    far = place.generators[1]
    with place.run(tmp_path) as run:
        run.wait_for("steady")
        far.slow(SLOW_KBIT_S)
        try:
            code, result = run.ended()
        finally:
            far.restore()
    print(f"\n{result['reasons']}")
    assert (code, result["verdict"]) == (3, "void")
    assert any(
        one.startswith("the load generator on far has a slow link") for one in result["reasons"]
    )
    assert not any("on near" in one for one in result["reasons"])
    assert result["sessions"]["lost"] == result["sessions"]["counted_twice"] == 0


@pytest.mark.parametrize("how", ["killed", "cut off"])
def test_a_generator_that_is_lost_makes_the_run_void(
    place: Field, tmp_path: Path, how: str
) -> None:
    far = place.generators[1]
    with place.run(tmp_path, seconds=300) as run:
        run.wait_for("steady")
        if how == "killed":
            for process in far.processes():
                process.kill()
        else:
            far.cut()
        try:
            code, result = run.ended()
        finally:
            far.restore()
    print(f"\n{how}: {result['reasons']}")
    assert (code, result["verdict"]) == (3, "void")
    assert "1 of the load generator's workers went away" in result["reasons"]
    assert result["sessions"]["lost"] == result["sessions"]["counted_twice"] == 0
