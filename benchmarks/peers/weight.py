"""What must be downloaded to install a system: its wheel and those of all its dependencies."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from importlib.metadata import distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from benchmarks.harness.place import ROOT
from benchmarks.harness.servers import folder


def of_lock(name: str) -> float:
    """Megabytes of what `make/NAME.lock` names."""
    lock = ROOT / "make" / f"{name}.lock"
    return _downloaded(["download", "--no-deps", "--require-hashes", "-r", str(lock)])


def of_neuroplay() -> float:
    """Megabytes of this tree's wheel, with the built app, and of what it needs to run."""
    needed = [f"{name}=={distribution(name).version}" for name in needs("neuroplay")]
    return _downloaded(["download", "--no-deps", *needed]) + _downloaded(
        ["wheel", "--no-deps", "--no-build-isolation", str(ROOT)]
    )


def needs(name: str) -> list[str]:
    """The distributions that an installed one needs here, with theirs in turn, without itself."""
    found: dict[str, set[str]] = {canonicalize_name(name): set()}
    waiting = [Requirement(name)]
    while waiting:
        for one in _direct(waiting.pop()):
            extras = found.get(canonicalize_name(one.name))
            if extras is None or not one.extras <= extras:
                found[canonicalize_name(one.name)] = one.extras | (extras or set())
                waiting.append(one)
    return list(found)[1:]


def _direct(wanted: Requirement) -> Iterator[Requirement]:
    extras: Sequence[str] = ["", *wanted.extras]
    for line in distribution(wanted.name).requires or ():
        one = Requirement(line)
        if one.marker is None or any(one.marker.evaluate({"extra": extra}) for extra in extras):
            yield one


def _downloaded(words: Sequence[str]) -> float:
    """Megabytes of the files that `pip download` or `pip wheel` writes."""
    with folder() as place, folder() as build:
        # Else files of an earlier build, in the tree's own folder, would get into the wheel.
        settings = build / "build.cfg"
        settings.write_text(f"[build]\nbuild_base = {build}\n")
        subprocess.run(
            [
                *(sys.executable, "-m", "pip", *words, "-q", "--disable-pip-version-check"),
                *("-w" if words[0] == "wheel" else "-d", str(place)),
            ],
            env={**os.environ, "DIST_EXTRA_CONFIG": str(settings)},
            check=True,
            stdout=sys.stderr,
        )
        return megabytes(place)


def megabytes(place: Path) -> float:
    return sum(one.stat().st_size for one in place.iterdir()) / 1e6
