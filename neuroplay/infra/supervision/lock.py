"""One `serve` a home: a lock that ends with the process that holds it, however it ends."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from neuroplay.infra.supervision.errors import CannotStart


def lock_file(home: Path) -> Path:
    return home / "serve.lock"


def take(home: Path) -> int:
    """Lock `home`; returns the descriptor that holds the lock, which survives fork and exec.

    Raises CannotStart where another process holds it.
    """
    descriptor = os.open(lock_file(home), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        pid = _read(descriptor)
        os.close(descriptor)
        raise CannotStart(
            f"NeuroPlay already runs on the home {home}" + (f" (pid {pid})" if pid else ""),
            hint="Look with: neuroplay status. End it with: neuroplay stop",
        ) from None
    os.set_inheritable(descriptor, True)
    sign(descriptor, os.getpid())
    return descriptor


def sign(descriptor: int, pid: int) -> None:
    """Write down whose lock it is, for `holder`."""
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, f"{pid}\n".encode(), 0)


def holder(home: Path) -> int | None:
    """The pid of the process that serves `home`, None where none does.

    0 where one does that has not written its pid yet. Raises OSError where the lock file is
    another user's.
    """
    try:
        descriptor = os.open(lock_file(home), os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return _read(descriptor)
    else:
        return None
    finally:
        os.close(descriptor)


def _read(descriptor: int) -> int:
    text = os.pread(descriptor, 32, 0).decode(errors="replace").strip()
    return int(text) if text.isdigit() else 0
