"""Describes the machine, the versions and the commit of a measurement."""

from __future__ import annotations

import os
import platform
import subprocess
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from benchmarks.harness.place import code

PACKAGES = ("granian", "flask", "sqlalchemy", "psycopg2-binary", "locust", "celery")


def described() -> dict[str, Any]:
    """The header of a document."""
    from neuroplay.infra.embedded import binaries
    from neuroplay.infra.embedded.postgres import SETTINGS

    return {
        "processors": os.cpu_count(),
        "processor": processor(Path("/proc/cpuinfo").read_text(errors="replace")),
        "memory_gib": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1),
        "kernel": f"{platform.system()} {platform.release()}",
        "load_before": round(os.getloadavg()[0], 2),
        "python": platform.python_version(),
        "postgresql": _said(binaries.postgres_bin() / "postgres").rpartition(" ")[2],
        "valkey": valkey_version(_said(binaries.valkey_server())),
        "packages": {name: _version(name) for name in PACKAGES},
        "commit": _git("rev-parse", "--short", "HEAD") or "unknown",
        "dirty": bool(_git("status", "--porcelain", "--untracked-files=no")),
        "synchronous_commit": SETTINGS["synchronous_commit"],
    }


def processor(cpuinfo: str) -> str:
    """The processor's model, from the text of /proc/cpuinfo."""
    for line in cpuinfo.splitlines():
        name, _, value = line.partition(":")
        if name.strip() in ("model name", "Model"):
            return " ".join(value.split())
    return platform.machine()


def valkey_version(said: str) -> str:
    """`9.1.2` of `Valkey server v=9.1.2 sha=...`."""
    return next((word[2:] for word in said.split() if word.startswith("v=")), said)


def lines(machine: Mapping[str, Any]) -> str:
    """The header as text."""
    packages = ", ".join(f"{name} {one or 'missing'}" for name, one in machine["packages"].items())
    return "\n".join(
        (
            f"commit {machine['commit']}{', tree dirty' if machine['dirty'] else ''}; "
            f"synchronous_commit {machine['synchronous_commit']}",
            f"{machine['processors']} x {machine['processor']}, {machine['memory_gib']:g} GiB, "
            f"{machine['kernel']}, load {machine['load_before']:g} before",
            f"Python {machine['python']}, PostgreSQL {machine['postgresql']}, "
            f"Valkey {machine['valkey']}, {packages}",
        )
    )


def differences(now: Mapping[str, Any], then: Mapping[str, Any]) -> str:
    """Versions of `then` that differ from `now`, as `name theirs (ours now)`."""
    pairs = [(name, then[name], now[name]) for name in ("python", "postgresql", "valkey")]
    pairs += [(name, then["packages"].get(name), one) for name, one in now["packages"].items()]
    return ", ".join(
        f"{name} {theirs or 'missing'} ({ours or 'missing'} now)"
        for name, theirs, ours in pairs
        if theirs != ours
    )


def _said(program: Path) -> str:
    done = subprocess.run([program, "--version"], capture_output=True, text=True, check=False)
    return done.stdout.strip() or "unknown"


def _git(*words: str) -> str:
    done = subprocess.run(
        ["git", "-C", str(code()), *words], capture_output=True, text=True, check=False
    )
    return done.stdout.strip()


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None
