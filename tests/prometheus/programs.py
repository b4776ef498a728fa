"""Find Prometheus and Alertmanager for the tests, or fetch them.

Order: the machine's own, those that an earlier run unpacked, Debian's package (unpacked, not
installed: nothing is started, and root is needed only where apt knows no packages yet). Run as a
script it fetches what is missing of Prometheus, and with the word `alertmanager` it also installs
that; imported it only looks.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

UNPACKED = Path(__file__).parents[2] / ".venv" / "prometheus"
"""Goes when the environment goes."""

PROGRAMS = ("prometheus", "promtool")

INSTALLED = ("prometheus-alertmanager", "amtool")
"""Installed, not unpacked: Debian's Alertmanager reads its templates from /usr/share, and does not
run from elsewhere."""

BOOTED = Path("/run/systemd/system")
"""There where systemd runs, and would start an installed Alertmanager."""


def find(name: str) -> str | None:
    """Path of one of PROGRAMS or INSTALLED, or None."""
    own = UNPACKED / "usr" / "bin" / name
    return shutil.which(name) or (str(own) if own.exists() else None)


def fetch() -> None:
    """Unpack Debian's package. Raises CalledProcessError or FileNotFoundError."""
    apt, dpkg = shutil.which("apt-get"), shutil.which("dpkg-deb")
    if apt is None or dpkg is None:
        raise FileNotFoundError("this machine has no apt")
    with tempfile.TemporaryDirectory() as folder:
        download = [apt, "download", "-qq", "prometheus"]
        if subprocess.run(download, cwd=folder, stderr=subprocess.DEVNULL).returncode:
            if os.geteuid() == 0:
                subprocess.run([apt, "update", "-qq"], check=True, stdout=sys.stderr)
            subprocess.run(download, cwd=folder, check=True)
        (package,) = Path(folder).glob("prometheus_*.deb")
        UNPACKED.mkdir(parents=True, exist_ok=True)
        subprocess.run([dpkg, "-x", str(package), str(UNPACKED)], check=True)


def install() -> None:
    """Install Debian's Alertmanager. Raises CalledProcessError or OSError."""
    apt = shutil.which("apt-get")
    if apt is None:
        raise FileNotFoundError("this machine has no apt")
    if os.geteuid() != 0:
        raise PermissionError("only root can install it")
    if BOOTED.exists():
        raise PermissionError("as a package it would also be started on this machine")
    for words in (
        ["update", "-qq"],
        ["install", "-y", "-qq", "--no-install-recommends", "prometheus-alertmanager"],
    ):
        subprocess.run(
            [apt, *words],
            check=True,
            stdout=sys.stderr,
            env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
        )


def _have(names: tuple[str, ...], get: Callable[[], None], package: str) -> None:
    if all(find(name) for name in names):
        return
    try:
        get()
    except (subprocess.CalledProcessError, OSError) as error:
        print(
            f"No {package} could be found or fetched: {error}. Its tests are skipped; "
            f"to run them: sudo apt-get install {package}",
            file=sys.stderr,
        )


if __name__ == "__main__":
    _have(PROGRAMS, fetch, "prometheus")
    if "alertmanager" in sys.argv[1:]:
        _have(INSTALLED, install, "prometheus-alertmanager")
