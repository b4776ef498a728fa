"""A host with systemd, for running the units as they are: systemd as the first process of
namespaces of its own, with NeuroPlay in /opt/neuroplay, and users and folders that end with it.

Only our units and empty targets exist there, so nothing else of this machine is started.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from tests.deploy.chart import ROOT

UNITS = ROOT / "deploy" / "systemd"
SYSTEMD = Path("/lib/systemd/systemd")
PATIENCE_S = 60.0

TARGETS = (
    *("sysinit", "basic", "shutdown", "umount", "local-fs", "multi-user", "timers"),
    *("network", "network-online", "sockets", "paths", "slices", "system"),
)

BOOT = """
set -e
mount --make-rprivate /
for folder in /run /opt /var/lib /var/cache; do mount -t tmpfs tmpfs $folder; done
mkdir -p /opt/changed /opt/work
mount -t overlay overlay -o lowerdir=/etc,upperdir=/opt/changed,workdir=/opt/work /etc
systemd-sysusers "$UNITS/neuroplay.sysusers"
install -d -m 755 /etc/neuroplay /opt/neuroplay
install -m 600 "$PLACE/neuroplay.env" /etc/neuroplay/
mkdir /opt/python
mount --bind "$PYTHON_PREFIX" /opt/python  # which may be in a home, hidden by the sandbox
echo /opt/python/lib > /etc/ld.so.conf.d/00-python.conf
ldconfig
"/opt/python/bin/$PYTHON_NAME" -m venv --without-pip /opt/neuroplay
printf '%s\\n' $PACKAGES > "$(echo /opt/neuroplay/lib/python3*/site-packages)/neuroplay.pth"
printf '#!/opt/neuroplay/bin/python -P\\nfrom cli.main import main\\nraise SystemExit(main())\\n' \\
    > /opt/neuroplay/bin/neuroplay
chmod 755 /opt/neuroplay/bin/neuroplay
export container=other SYSTEMD_UNIT_PATH="$PLACE/units"
exec /lib/systemd/systemd --system --unit=multi-user.target --show-status=no
"""


def why_not() -> str:
    """Why this machine cannot be such a host; '' if it can."""
    if os.geteuid() != 0:
        return "only root can make the namespaces"
    missing = [
        name for name in ("unshare", "nsenter", "systemd-sysusers") if not shutil.which(name)
    ]
    if missing or not SYSTEMD.exists():
        return f"this machine has no {', '.join(missing) or 'systemd'}"
    return ""


class Host:
    def __init__(self, init: psutil.Process) -> None:
        self._init = init

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        """Run a command as root on this host."""
        return subprocess.run(
            ["nsenter", "--target", str(self._init.pid), "--mount", "--pid", "--cgroup", *command],
            capture_output=True,
            text=True,
            check=False,
            timeout=PATIENCE_S,
        )

    def systemctl(self, *words: str) -> str:
        """Raises AssertionError, with what the unit said, if that fails."""
        done = self.run("systemctl", *words)
        assert done.returncode == 0, f"{words}: {done.stderr}\n{self.said()}"
        return done.stdout.strip()

    def said(self) -> str:
        """What all units have written so far."""
        return self.run("sh", "-c", "cat /var/lib/*.said || true").stdout


@contextmanager
def booted(place: Path, settings: Mapping[str, str]) -> Iterator[Host]:
    """A host with `settings` in neuroplay.env; `place` is a folder for its files."""
    if reason := why_not():
        pytest.skip(f"the units cannot be run here: {reason}")
    _prepare(place / "units")
    lines = [f"{name}={value}\n" for name, value in settings.items()]
    (place / "neuroplay.env").write_text("".join(lines))
    site_packages = Path(pytest.__file__).parents[1]
    namespaces = ["--pid", "--mount", "--mount-proc", "--uts", "--ipc", "--cgroup"]
    with (place / "boot.log").open("w") as log:
        process = subprocess.Popen(
            ["unshare", *namespaces, "--fork", "--kill-child", "sh", "-c", BOOT],
            env={
                "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
                "UNITS": str(UNITS),
                "PLACE": str(place),
                "PYTHON_PREFIX": sys.base_prefix,
                "PYTHON_NAME": f"python3.{sys.version_info.minor}",
                "PACKAGES": f"{site_packages} {ROOT}",
            },
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
    with process:
        try:
            yield _wait(process, place / "boot.log")
        finally:
            process.kill()


def _prepare(units: Path) -> None:
    units.mkdir()
    for name in TARGETS:
        stub = f"[Unit]\nDescription={name}\nDefaultDependencies=no\n"
        (units / f"{name}.target").write_text(stub)
    for unit in [*UNITS.glob("*.service"), *UNITS.glob("*.timer")]:
        shutil.copy(unit, units)
        if unit.suffix == ".service":  # there is no journal
            extra = units / f"{unit.name}.d"
            extra.mkdir()
            output = "StandardOutput=append:/var/lib/%p.said\nStandardError=inherit\n"
            (extra / "test.conf").write_text(f"[Service]\n{output}")


def _wait(process: subprocess.Popen[bytes], log: Path) -> Host:
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        assert process.poll() is None, log.read_text()
        for init in psutil.Process(process.pid).children():
            host = Host(init)
            if init.name() == "systemd" and host.run("systemctl", "is-system-running").stdout:
                return host
        time.sleep(0.1)
    raise AssertionError(f"systemd did not come up: {log.read_text()}")
