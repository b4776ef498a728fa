"""Find Prometheus and promtool for the tests, or fetch them.

Order: the machine's own, those that an earlier run unpacked, Debian's package (unpacked, not
installed: nothing is started, and root is needed only where apt knows no packages yet). Run as a
script it fetches what is missing; imported it only looks.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

UNPACKED = Path(__file__).parents[2] / ".venv" / "prometheus"
"""Goes when the environment goes."""

PROGRAMS = ("prometheus", "promtool")

INSTALLED = ("prometheus-alertmanager", "amtool")
"""Found where the package is installed, never fetched: Debian's Alertmanager reads its templates
from /usr/share, and does not run unpacked elsewhere."""


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


if __name__ == "__main__":
    if not all(find(name) for name in PROGRAMS):
        try:
            fetch()
        except (subprocess.CalledProcessError, FileNotFoundError) as error:
            print(
                f"No Prometheus could be found or fetched: {error}. Its tests are skipped; "
                "to run them: sudo apt-get install prometheus",
                file=sys.stderr,
            )
