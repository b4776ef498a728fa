"""The wheels of NeuroPlay's dependencies for the base's Python, as requirements.lock pins them."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from deploy.image.steps import step

ROOT = Path(__file__).parents[2]
LOCK = ROOT / "requirements.lock"

OLDEST_GLIBC = 5
"""Of 2.5, the first one for which there are wheels."""

OLD_NAMES = {17: "manylinux2014", 12: "manylinux2010", 5: "manylinux1"}

ENTRY = re.compile(
    r"^(?P<requirement>\S[^\\\n]*?) *(?P<hashes>(?:\\\n +--hash=\S+ *)+)", re.MULTILINE
)


def pinned(lock: str, names: Iterable[str], python: Mapping[str, Any]) -> Iterator[str]:
    """The entries of the lock for the packages `names` that apply to `python`, without markers:
    pip would compare them with the Python that it runs on."""
    for found in ENTRY.finditer(lock):
        requirement = Requirement(found["requirement"])
        marker = requirement.marker
        if canonicalize_name(requirement.name) not in names:
            continue
        if marker is None or marker.evaluate({**python, "extra": ""}):
            yield f"{requirement.name}{requirement.specifier} {found['hashes'].rstrip()}\n"


def needed(python: Mapping[str, Any]) -> set[str]:
    """The packages that NeuroPlay needs with `python`, which may be others than on this machine.
    Raises CalledProcessError."""
    command = [
        *(Path(sys.executable).with_name("uv"), "pip", "compile", ROOT / "setup.cfg", "--quiet"),
        *("--constraints", LOCK, "--no-annotate", "--no-header", "--no-emit-index-url"),
        *("--python-version", python["python_full_version"]),
        *("--python-platform", f"{python['platform_machine']}-unknown-linux-gnu"),
    ]
    resolved = subprocess.run([*map(str, command)], stdout=subprocess.PIPE, text=True, check=True)
    return {canonicalize_name(line.partition("==")[0]) for line in resolved.stdout.splitlines()}


def platforms(machine: str, glibc: str) -> list[str]:
    """The platform tags of wheels that run with this glibc, such as 2.41."""
    names = []
    for minor in range(int(glibc.split(".")[1]), OLDEST_GLIBC - 1, -1):
        names += [f"manylinux_2_{minor}_{machine}"]
        names += [f"{OLD_NAMES[minor]}_{machine}"] if minor in OLD_NAMES else []
    return [*names, f"linux_{machine}"]


def fill(folder: Path, python: Mapping[str, Any]) -> None:
    """Write requirements.txt and download its wheels, each checked against its hash. Raises
    CalledProcessError."""
    entries = list(pinned(LOCK.read_text(), needed(python), python))
    folder.mkdir(parents=True)
    requirements = folder / "requirements.txt"
    requirements.write_text("".join(entries))
    tags = platforms(python["platform_machine"], python["libc"])
    step(
        f"Fetching {len(entries)} wheels",
        [
            *(sys.executable, "-m", "pip", "download", "--quiet", "--progress-bar", "off"),
            *("--require-hashes", "--no-deps", "--only-binary", ":all:", "--implementation", "cp"),
            *("--python-version", python["python_version"], "--dest", str(folder)),
            *(f"--platform={tag}" for tag in tags),
            *("--requirement", str(requirements)),
        ],
    )
