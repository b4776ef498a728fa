"""nginx, HAProxy and Caddy for the tests: the machine's own, or Debian's packages, unpacked and
never installed."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

import pytest

UNPACKED = Path(__file__).parents[2] / ".venv" / "proxies"
"""Goes when the environment goes."""

PACKAGES = {
    "caddy": ("caddy",),
    "nginx": ("nginx",),
    "haproxy": ("haproxy", "liblua5.3-0", "libopentracing-c-wrapper0", "libopentracing1"),
}


def have(name: str) -> tuple[str, Mapping[str, str]]:
    """Path of one of PACKAGES and the environment that it runs in; skips where it cannot be had."""
    own = UNPACKED / "usr" / ("bin" if name == "caddy" else "sbin") / name
    found = shutil.which(name)
    if found is None:
        UNPACKED.mkdir(parents=True, exist_ok=True)
        with (UNPACKED / "lock").open("w") as lock:  # two workers of pytest may want it at once
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not own.exists():
                try:
                    unpack(PACKAGES[name], UNPACKED)
                except (subprocess.SubprocessError, OSError) as error:
                    pytest.skip(f"{name} is not on this machine and cannot be fetched: {error}")
        found = str(own)
    libraries = ":".join(map(str, (UNPACKED / "usr" / "lib").glob("*-linux-gnu*")))
    return found, {**os.environ, **({"LD_LIBRARY_PATH": libraries} if libraries else {})}


def unpack(packages: tuple[str, ...], folder: Path) -> None:
    """Debian's packages. Raises SubprocessError or OSError."""
    apt, dpkg = shutil.which("apt-get"), shutil.which("dpkg-deb")
    if apt is None or dpkg is None:
        raise FileNotFoundError("this machine has no apt")
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as fetched:
        download = [apt, "download", "-qq", *packages]
        quietly = {"cwd": fetched, "stderr": subprocess.DEVNULL, "timeout": 120}
        if subprocess.run(download, check=False, **quietly).returncode:  # type: ignore[call-overload]
            if os.geteuid() == 0:
                subprocess.run([apt, "update", "-qq"], check=True, stdout=sys.stderr, timeout=120)
            subprocess.run(download, check=True, **quietly)  # type: ignore[call-overload]
        for package in Path(fetched).glob("*.deb"):
            subprocess.run([dpkg, "-x", str(package), str(folder)], check=True)
