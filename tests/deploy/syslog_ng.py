"""syslog-ng for the tests: this machine's own, or Debian's packages, unpacked and not installed.

Run as a script it fetches what is missing; imported it only looks.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tests.deploy.programs import TOOLS

UNPACKED = TOOLS / "syslog-ng"
PACKAGES = ("syslog-ng-core", "syslog-ng-mod-http")


def why_not() -> str:
    """Why there is no syslog-ng that can send; '' if there is one."""
    if _program() is None:
        return f"it needs {' and '.join(PACKAGES)}; to have them: make test-deploy on Debian"
    return "" if list(_modules().glob("libhttp.so")) else f"it has no module http: {_modules()}"


def _program() -> str | None:
    own = UNPACKED / "usr" / "sbin" / "syslog-ng"
    return shutil.which("syslog-ng") or (str(own) if own.exists() else None)


def _modules() -> Path:
    root = Path("/") if shutil.which("syslog-ng") else UNPACKED
    return next((root / "usr/lib/syslog-ng").glob("[0-9]*"), root)


def _environment() -> Mapping[str, str]:
    folders = [UNPACKED / "usr/lib/syslog-ng", *UNPACKED.glob("usr/lib/*-linux-gnu")]
    folders += UNPACKED.glob("lib/*-linux-gnu")
    return {**os.environ, "LD_LIBRARY_PATH": ":".join(map(str, folders))}


@contextmanager
def running(configuration: str, folder: Path) -> Iterator[None]:
    """syslog-ng with a configuration; its state and what it says are in `folder`."""
    program = _program()
    assert program is not None
    told = subprocess.run(
        [program, "--version"], env=_environment(), capture_output=True, text=True, check=True
    )
    (version,) = re.findall(r"^Config version: (\S+)", told.stdout, re.MULTILINE)
    file = folder / "syslog-ng.conf"
    file.write_text(f"@version: {version}\n{configuration}")
    with (folder / "syslog-ng.said").open("w") as said:
        process = subprocess.Popen(
            [
                *(program, "--foreground", "--stderr", "--no-caps"),
                *("--cfgfile", str(file), "--module-path", str(_modules())),
                *("--persist-file", str(folder / "persist")),
                *("--pidfile", str(folder / "pid"), "--control", str(folder / "control")),
            ],
            env=_environment(),
            stderr=said,
        )
    with process:
        try:
            yield
        finally:
            process.terminate()


def fetch() -> None:
    """Unpack Debian's packages and the libraries that this machine does not have. Raises
    CalledProcessError or FileNotFoundError."""
    apt = shutil.which("apt-get")
    if apt is None:
        raise FileNotFoundError("this machine has no apt")
    if os.geteuid() == 0:
        subprocess.run([apt, "update", "-qq"], check=True, stdout=sys.stderr)
    told = subprocess.run(
        ["apt-cache", "depends", *PACKAGES], capture_output=True, text=True, check=True
    ).stdout
    wanted = {*PACKAGES, *re.findall(r"^ +Depends: (lib[\w.+-]+)$", told, re.MULTILINE)}
    missing = sorted(name for name in wanted if not _is_installed(name))
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([apt, "download", "-qq", *missing], cwd=folder, check=True)
        UNPACKED.mkdir(parents=True, exist_ok=True)
        for package in Path(folder).glob("*.deb"):
            subprocess.run(["dpkg-deb", "-x", str(package), str(UNPACKED)], check=True)


def _is_installed(package: str) -> bool:
    asked = ["dpkg-query", "--show", "--showformat", "${db:Status-Status}", package]
    found = subprocess.run(asked, capture_output=True, text=True, check=False).stdout
    return found.startswith("installed")


if __name__ == "__main__":
    if why_not():
        try:
            fetch()
        except (subprocess.CalledProcessError, FileNotFoundError) as error:
            print(
                f"No syslog-ng could be fetched: {error}. Its tests are skipped; to run them: "
                f"sudo apt-get install {' '.join(PACKAGES)}",
                file=sys.stderr,
            )
