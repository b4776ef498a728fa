"""Patroni, etcd and PostgreSQL for the tests: the machine's own, or Debian's packages, unpacked and
never installed, so that nothing is started."""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

UNPACKED = Path(__file__).parents[2] / ".venv" / "patroni"
"""Goes when the environment goes."""

PACKAGES = ("patroni", "etcd-server", "postgresql")
PROGRAMS = ("patroni", "patronictl", "etcd")
PATIENCE_S = 300.0


@dataclass(frozen=True, kw_only=True)
class Programs:
    """`environment` is what they run in; `postgres` is the folder of PostgreSQL's programs."""

    environment: Mapping[str, str]
    postgres: Path


def have() -> Programs:
    """The programs; skips where they cannot be had."""
    UNPACKED.mkdir(parents=True, exist_ok=True)
    with (UNPACKED / "lock").open("w") as lock:  # two workers of pytest may want them at once
        fcntl.flock(lock, fcntl.LOCK_EX)
        if _missing():
            try:
                _fetch()
            except (subprocess.SubprocessError, OSError) as error:
                pytest.skip(f"Patroni is not on this machine and cannot be fetched: {error}")
    if missing := _missing():
        pytest.skip(f"Debian's packages have no {', '.join(missing)}")
    return Programs(environment=_environment(), postgres=_postgres()[-1])


def _missing() -> list[str]:
    path = _environment()["PATH"]
    missing = [name for name in PROGRAMS if shutil.which(name, path=path) is None]
    return missing if _postgres() else [*missing, "PostgreSQL"]


def _environment() -> dict[str, str]:
    libraries = ":".join(map(str, (UNPACKED / "usr" / "lib").glob("*-linux-gnu*")))
    return {
        "PATH": f"{UNPACKED}/usr/bin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        "PYTHONPATH": f"{UNPACKED}/usr/lib/python3/dist-packages",
        **({"LD_LIBRARY_PATH": libraries} if libraries else {}),
        "LC_ALL": "C.UTF-8",
    }


def _postgres() -> list[Path]:
    """Folders of PostgreSQL's programs, the newest last."""
    place = "usr/lib/postgresql/*/bin/postgres"
    found = [program.parent for root in (Path("/"), UNPACKED) for program in root.glob(place)]
    return sorted(found, key=lambda folder: int(folder.parent.name))


def _fetch() -> None:
    """Unpack Debian's packages, with what they need and this machine lacks."""
    apt, dpkg = shutil.which("apt-get"), shutil.which("dpkg-deb")
    if apt is None or dpkg is None:
        raise FileNotFoundError("this machine has no apt")
    if os.geteuid() == 0:
        _run(apt, "update", "-qq")
    plan = _run(apt, "install", "--simulate", "--no-install-recommends", *PACKAGES)
    wanted = re.findall(r"^Inst (\S+) \(", plan, re.MULTILINE)  # an installed one has [version]
    with tempfile.TemporaryDirectory() as folder:
        _run(apt, "download", "-qq", *wanted, cwd=folder)
        for package in Path(folder).glob("*.deb"):
            _run(dpkg, "-x", str(package), str(UNPACKED))


def _run(*command: str, cwd: str | None = None) -> str:
    done = subprocess.run(
        command,
        cwd=cwd,
        stdout=subprocess.PIPE,
        stderr=sys.stderr,
        text=True,
        check=True,
        timeout=PATIENCE_S,
    )
    return done.stdout
