"""`neuroplay loadtest` against the cluster's proxy."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

COMMAND = (sys.executable, "-m", "cli", "loadtest")
VERDICTS = (0, 1, 3)


@dataclass(frozen=True, kw_only=True)
class Load:
    """A profile, from `begins_s` on."""

    profile: str
    users: int
    spawn_rate: int
    run_time_s: int
    begins_s: float = 0.0

    @property
    def ends_s(self) -> float:
        return self.begins_s + self.run_time_s


def failures(result: Mapping[str, Any]) -> dict[str, int]:
    """How many requests were not answered as they should be, by what was wrong. Those that the
    generator itself broke off do not count: where it stops a student who waits for the next turn,
    the turn may have begun in the same moment."""
    broken_off = "no answer until the end of the run"
    return {what: n for what, n in result["errors"].items() if not what.endswith(broken_off)}


class Running:
    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def result(self) -> dict[str, Any]:
        """Waits for the verdict; the result as docs/load.md describes it."""
        out, err = self._process.communicate()
        assert self._process.returncode in VERDICTS, err
        found: dict[str, Any] = json.loads(out)
        return found


def enrolled(students: int, secret: Mapping[str, str], folder: Path) -> Path:
    """The roster of new load classes, made with the servers of `secret`, in a new folder."""
    folder.mkdir()
    roster = folder / "roster.json"
    subprocess.run(
        [*COMMAND, "roster", str(roster), "--students", str(students)],
        env=_environment(secret, folder),
        check=True,
        capture_output=True,
    )
    return roster


@contextmanager
def begun(load: Load, port: int, secret: Mapping[str, str], roster: Path) -> Iterator[Running]:
    """The load on `port` of this machine."""
    words = {
        "--host": f"http://127.0.0.1:{port}",
        "--roster": str(roster),
        "--out": str(roster.parent / "out"),
        "--users": str(load.users),
        "--spawn-rate": str(load.spawn_rate),
        "--run-time": f"{load.run_time_s}s",
        "--judge": "failures",
    }
    with subprocess.Popen(
        [*COMMAND, load.profile, "--json", *(word for pair in words.items() for word in pair)],
        env=_environment(secret, roster.parent),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield Running(process)
        finally:
            if process.poll() is None:
                process.terminate()


def _environment(secret: Mapping[str, str], folder: Path) -> dict[str, str]:
    return {**os.environ, **secret, "NEUROPLAY_HOME": str(folder / "home")}
