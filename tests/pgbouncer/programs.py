"""Find PgBouncer for the tests, or fetch it: the machine's own, the one that an earlier run
unpacked, Debian's package with the two libraries it needs (unpacked, not installed)."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

UNPACKED = Path(__file__).parents[2] / ".venv" / "pgbouncer"
"""Goes when the environment goes."""

PACKAGES = ("pgbouncer", "libevent-2.1-7", "libc-ares2")


def find() -> str | None:
    """Path of pgbouncer, or None."""
    own = UNPACKED / "usr" / "sbin" / "pgbouncer"
    return shutil.which("pgbouncer", path=f"{os.environ.get('PATH', '')}:/usr/sbin") or (
        str(own) if own.exists() else None
    )


def libraries() -> str:
    """Where the unpacked one's libraries are."""
    return ":".join(str(folder) for folder in (UNPACKED / "usr" / "lib").glob("*-linux-gnu"))


def fetch() -> None:
    """Unpack Debian's packages. Raises CalledProcessError or FileNotFoundError."""
    apt, dpkg = shutil.which("apt-get"), shutil.which("dpkg-deb")
    if apt is None or dpkg is None:
        raise FileNotFoundError("this machine has no apt")
    with tempfile.TemporaryDirectory() as folder:
        download = [apt, "download", "-qq", *PACKAGES]
        if subprocess.run(download, cwd=folder, stderr=subprocess.DEVNULL).returncode:
            if os.geteuid() == 0:
                subprocess.run([apt, "update", "-qq"], check=True, stdout=sys.stderr)
            subprocess.run(download, cwd=folder, check=True)
        UNPACKED.mkdir(parents=True, exist_ok=True)
        for package in Path(folder).glob("*.deb"):
            subprocess.run([dpkg, "-x", str(package), str(UNPACKED)], check=True)


if __name__ == "__main__":
    if find() is None:
        try:
            fetch()
        except (subprocess.CalledProcessError, FileNotFoundError) as error:
            print(
                f"No PgBouncer could be found or fetched: {error}. Its tests are skipped; "
                "to run them: sudo apt-get install pgbouncer",
                file=sys.stderr,
            )
