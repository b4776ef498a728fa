"""Find WebKitGTK for its tests, or install it.

Its driver is the machine's own, else Debian's from apt (as root). Run as a script it installs what
is missing; imported it only looks.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

PYTHON = "/usr/bin/python3"
"""The system's: Debian's bindings to GTK are for it."""

DRIVER, DISPLAY = "WebKitWebDriver", "Xvfb"

PACKAGES = ("webkit2gtk-driver", "gir1.2-webkit2-4.1", "python3-gi", "xvfb", "fonts-liberation")

TO_HAVE_IT = f"sudo apt-get install {' '.join(PACKAGES)}"

BINDINGS = "import gi; gi.require_version('Gtk', '3.0'); gi.require_version('WebKit2', '4.1')"


def missing() -> list[str]:
    """What this machine lacks to drive a WebKitGTK."""
    lacks = [name for name in (DRIVER, DISPLAY) if shutil.which(name) is None]
    if (
        not os.path.exists(PYTHON)
        or subprocess.run([PYTHON, "-c", BINDINGS], capture_output=True, check=False).returncode
    ):
        lacks.append("Python's bindings to WebKitGTK")
    return lacks


def install() -> None:
    """Debian's packages; CalledProcessError or FileNotFoundError where that failed."""
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        raise FileNotFoundError("only root can install them, with apt")
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (
        ["apt-get", "update", "-qq"],
        ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *PACKAGES],
    ):
        subprocess.run(command, env=quiet, stdout=sys.stderr, check=True)


if __name__ == "__main__":
    if lacks := missing():
        try:
            install()
        except (subprocess.CalledProcessError, FileNotFoundError) as error:
            print(
                f"No WebKitGTK: {', '.join(lacks)} missing; {error}. Its tests are skipped; "
                f"to run them: {TO_HAVE_IT}",
                file=sys.stderr,
            )
