"""Runs these benchmarks on the code of another commit.

The commit is checked out into a worktree in a temporary folder. A folder with links to its packages
is first in the PYTHONPATH of all processes of a measurement. If both commits have the same lock
file, the current environment is used, else a new one.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.harness.place import BUILT_PAGE, CODE, OWN_PYTHON, PACKAGES, ROOT

LOCK = "requirements.lock"
PAGE_SOURCES = ("pwa", "neuroplay/core/game_catalogue.json", "neuroplay/core/achievements.json")


class BaselineError(Exception):
    """The commit cannot be measured here."""


@dataclass(frozen=True, kw_only=True)
class Tree:
    """Code to measure: its folder, the Python that runs it, and its search path."""

    folder: Path
    python: str
    path: tuple[Path, ...]
    same_page: bool = True
    """Whether its PWA has the same sources as this tree's."""

    @property
    def environment(self) -> dict[str, str]:
        """The environment of a measurement's processes."""
        return {
            **os.environ,
            CODE: str(self.folder),
            OWN_PYTHON: sys.executable,
            "PYTHONPATH": os.pathsep.join(str(part) for part in self.path),
        }


def own() -> Tree:
    """This tree, with its uncommitted changes."""
    return Tree(folder=ROOT, python=sys.executable, path=(ROOT,))


@contextmanager
def checked_out(revision: str) -> Iterator[Tree]:
    """A worktree of a commit, removed afterwards. Raises BaselineError."""
    commit = _commit(revision)
    with tempfile.TemporaryDirectory(prefix="neuroplay-baseline-") as place:
        # The embedded PostgreSQL may run as another user, who needs access.
        os.chmod(place, 0o755)
        folder = Path(place, "code")
        _git("worktree", "add", "--quiet", "--detach", str(folder), commit)
        try:
            yield _made_ready(folder, Path(place))
        finally:
            _git("worktree", "remove", "--force", str(folder))


def measure(tree: Tree, group: str, words: Sequence[str]) -> dict[str, Any]:
    """One counted run of a group in a separate process; returns its JSON document. Raises
    BaselineError."""
    command = [tree.python, "-P", "-m", "benchmarks", group, "--runs", "1", "--json", *words]
    process = subprocess.Popen(command, cwd=ROOT, env=tree.environment, stdout=subprocess.PIPE)
    try:
        output, _ = process.communicate()
    except BaseException:
        # On TERM it stops what it has started.
        process.terminate()
        process.wait()
        raise
    if process.returncode:
        raise BaselineError(f"{group} could not be measured with the code in {tree.folder}")
    found: dict[str, Any] = json.loads(output)
    return found


def _commit(revision: str) -> str:
    try:
        return _git("rev-parse", "--verify", "--quiet", f"{revision}^{{commit}}")
    except BaselineError:
        raise BaselineError(f"git knows no commit {revision}") from None


def _made_ready(folder: Path, place: Path) -> Tree:
    packages = place / "packages"
    packages.mkdir()
    there = [name for name in PACKAGES if (folder / name).is_dir()]
    for name in there:
        (packages / name).symlink_to(folder / name)
    same_page = not _differs(folder, *PAGE_SOURCES)
    shutil.copytree(ROOT / BUILT_PAGE, folder / BUILT_PAGE)
    python = sys.executable
    if (folder / LOCK).read_bytes() != (ROOT / LOCK).read_bytes():
        python = _environment_of(folder, place / "venv")
    # As an installation does, so that the first start is not slower than later ones.
    subprocess.run([python, "-m", "compileall", "-q", *there], cwd=folder, check=True)
    return Tree(folder=folder, python=python, path=(packages, ROOT), same_page=same_page)


def _environment_of(folder: Path, venv: Path) -> str:
    """Create an environment from the commit's lock file; returns its Python."""
    print("The baseline has other packages: they are installed beside it.", file=sys.stderr)
    python = str(venv / "bin" / "python")
    install = [python, "-m", "pip", "install", "-qq", "--disable-pip-version-check"]
    try:
        for command in (
            [sys.executable, "-m", "venv", str(venv)],
            [*install, "--require-hashes", "-r", str(folder / LOCK)],
            [*install, "--no-deps", "--no-build-isolation", "-e", str(folder)],
        ):
            subprocess.run(command, check=True, stdout=sys.stderr)
    except subprocess.CalledProcessError as error:
        raise BaselineError(f"the baseline's packages could not be installed: {error}") from None
    return python


def _differs(folder: Path, *paths: str) -> bool:
    """Whether tracked files differ between a worktree's commit and this tree."""
    commit = _git("-C", str(folder), "rev-parse", "HEAD")
    return bool(_git("diff", "--name-only", commit, "--", *paths))


def _git(*words: str) -> str:
    done = subprocess.run(
        ["git", "-C", str(ROOT), *words], capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise BaselineError(f"git {words[0]}: {done.stderr.strip()}")
    return done.stdout.strip()
