"""`--baseline REV`: every process runs the other tree's code, and it is removed afterwards."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from benchmarks.groups import observe
from benchmarks.harness import baseline
from benchmarks.harness.baseline import BaselineError, Tree
from benchmarks.harness.place import ROOT
from benchmarks.harness.system import System
from tests.integration.servers import wait_until

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not (ROOT / ".git").exists(), reason="this is no git checkout"),
]

SIGN = """
import os as _os

def _sign():
    with open(_os.environ["NEUROPLAY_TEST_SIGNATURES"], "a") as file:
        file.write(f"{_os.getpid()} {__name__}\\n")

_sign()
_os.register_at_fork(after_in_child=_sign)
"""
"""Makes each process that imports a package, and each that it forks, leave its name."""


@pytest.fixture
def signatures() -> Iterator[Path]:
    """A file that every process may write: as root those of a system are another user's, and
    pytest's own folder is closed to that."""
    with tempfile.TemporaryDirectory(prefix="neuroplay-signatures-") as folder:
        Path(folder).chmod(0o755)
        file = Path(folder, "signatures")
        file.touch()
        file.chmod(0o666)
        yield file


def worktrees() -> str:
    return subprocess.run(
        ["git", "-C", str(ROOT), "worktree", "list"], capture_output=True, text=True, check=True
    ).stdout


def signed(file: Path) -> dict[str, set[int]]:
    """Processes by package."""
    found: dict[str, set[int]] = {}
    for line in file.read_text().splitlines():
        pid, _, name = line.partition(" ")
        found.setdefault(name, set()).add(int(pid))
    return found


def sign(tree: Tree) -> None:
    for package in ("neuroplay", "cli"):
        with (tree.folder / package / "__init__.py").open("a") as module:
            module.write(SIGN)


def of_python(processes: list[psutil.Process]) -> set[int]:
    """Those that run our code; the engine of a verifier imports none of it."""
    found = set()
    for one in processes:
        with suppress(psutil.NoSuchProcess):
            if Path(one.exe()).name.startswith("python") and "-I" not in one.cmdline():
                found.add(one.pid)
    return found


def words_of(process: psutil.Process) -> set[str]:
    with suppress(psutil.NoSuchProcess):
        return set(process.cmdline())
    return set()


def wait_until_all_signed(processes: Callable[[], list[psutil.Process]], file: Path) -> None:
    """A child that was forked a moment ago has signed nothing yet, and one that will be the engine
    of a verifier still has its parent's command line."""
    wait_until(
        lambda: of_python(processes()) <= signed(file)["neuroplay"],
        "every process of ours imports the other tree's neuroplay",
    )


def test_every_process_of_a_baseline_runs_the_other_trees_code(
    signatures: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with baseline.checked_out("HEAD") as tree:
        sign(tree)
        for name, value in tree.environment.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setenv("NEUROPLAY_TEST_SIGNATURES", str(signatures))
        with System.temporary() as system:
            system.start()
            system.wait_until_complete()
            assert system.process is not None
            programs = {p["name"]: p["pid"] for p in system.command("status")["processes"]}
            expected = {system.process.pid, *(programs[n] for n in ("api", "worker"))}
            assert expected <= of_python(system.processes())
            wait_until_all_signed(system.processes, signatures)
            assert system.process.pid in signed(signatures)["cli"]
        assert str(tree.folder) in worktrees()
    assert str(tree.folder) not in worktrees()
    assert not tree.folder.exists()


def test_an_api_that_is_started_alone_runs_the_other_trees_code_too(
    signatures: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with baseline.checked_out("HEAD") as tree:
        sign(tree)
        for name, value in tree.environment.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setenv("NEUROPLAY_TEST_SIGNATURES", str(signatures))
        monkeypatch.chdir(ROOT)
        with observe.servers():
            programs = {module for _, module, _ in observe.ARMS}

            def alone() -> list[psutil.Process]:
                return [
                    one
                    for one in psutil.Process().children(recursive=True)
                    if programs & words_of(one)
                ]

            assert len(alone()) >= len(observe.ARMS)
            wait_until_all_signed(alone, signatures)


def test_this_trees_own_side_runs_none_of_it(
    signatures: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with baseline.checked_out("HEAD") as tree:
        sign(tree)
        ask = "import benchmarks, cli, neuroplay; print(benchmarks.__file__, neuroplay.__file__)"
        said = [
            subprocess.run(
                [side.python, "-P", "-c", ask],
                env={**side.environment, "NEUROPLAY_TEST_SIGNATURES": str(signatures)},
                capture_output=True,
                text=True,
                check=True,
            ).stdout.split()
            for side in (tree, baseline.own())
        ]
    assert [Path(one).parent.parent for one, _ in said] == [ROOT, ROOT]
    assert Path(said[0][1]).parents[1] == tree.path[0]
    assert Path(said[1][1]).parents[1] == ROOT
    assert set(signed(signatures)) == {"neuroplay", "cli"}
    assert len(signed(signatures)["neuroplay"]) == 1


def test_a_comparison_prints_both_sides_and_their_ratios() -> None:
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "benchmarks",
            "verify",
            "--runs",
            "1",
            "--baseline",
            "HEAD",
            "--json",
        ],
        cwd=ROOT,
        env=os.environ,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["baseline"]["commit"] == found["machine"]["commit"]
    assert found["baseline"]["dirty"] is False
    for figure in found["figures"]:
        assert len(figure["ratios"]) == 1
        assert figure["ratio"] > 0
    turns = [line for line in done.stderr.splitlines() if line.startswith("verify, run")]
    assert turns == ["verify, run 1 of 1: now", "verify, run 1 of 1: baseline"]


def test_a_commit_that_does_not_exist_is_refused() -> None:
    with (
        pytest.raises(BaselineError, match="git knows no commit nowhere"),
        baseline.checked_out("nowhere"),
    ):
        pass
