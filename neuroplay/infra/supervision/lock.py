"""The lock that allows one `serve` per home. The kernel releases it when its holder ends."""

from __future__ import annotations

import contextlib
import fcntl
import os
from pathlib import Path

from neuroplay.infra.supervision.errors import CannotStart

LOCK = "serve.lock"


def lock_file(home: Path) -> Path:
    return home / LOCK


def take(home: Path, *, group: int | None = None) -> int:
    """Lock `home`; returns the descriptor that holds the lock and survives fork and exec. As root,
    let `group` read the holder's pid.

    Raises CannotStart if another process holds the lock.
    """
    descriptor = os.open(lock_file(home), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        pid = _read(descriptor)
        os.close(descriptor)
        raise CannotStart(
            f"NeuroPlay already runs on the home {home}" + (f" (pid {pid})" if pid else ""),
            hint="See: neuroplay status. End it with: neuroplay stop",
        ) from None
    if group is not None and os.geteuid() == 0:
        # The account may only read it: root ends the process that the file names.
        os.fchown(descriptor, 0, group)
        os.fchmod(descriptor, 0o640)
    os.set_inheritable(descriptor, True)
    sign(descriptor, os.getpid())
    return descriptor


def sign(descriptor: int, pid: int) -> None:
    """Write the holder's pid into the lock file, for `holder`."""
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, f"{pid}\n".encode(), 0)


def holder(home: Path) -> int | None:
    """The pid of the process that serves `home`, or None; 0 if it has not written its pid yet.

    Raises OSError if this user cannot read the lock file.
    """
    try:
        descriptor = os.open(lock_file(home), os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        pid = _read(descriptor)
        return pid if pid and _holds(pid, home) else _search(home)
    else:
        return None
    finally:
        os.close(descriptor)


def _read(descriptor: int) -> int:
    text = os.pread(descriptor, 16, 0).decode(errors="replace").strip()
    return int(text) if text.isascii() and text.isdigit() else 0


def _holds(pid: int, home: Path) -> bool:
    """Whether a process has the lock file open: a damaged file may name any process. True if it is
    another user's process, which cannot be checked."""
    try:
        wanted = lock_file(home).stat()
        for number in os.listdir(f"/proc/{pid}/fd"):
            with contextlib.suppress(OSError):
                if os.path.samestat(os.stat(f"/proc/{pid}/fd/{number}"), wanted):
                    return True
    except PermissionError:
        return True
    except OSError:
        return False
    return False


def _search(home: Path) -> int:
    """The pid of the process that has the lock file open, or 0; only processes that this user may
    inspect are found."""
    ours = os.getpid()
    for name in os.listdir("/proc"):
        if not name.isdigit() or int(name) == ours:
            continue
        if os.access(f"/proc/{name}/fd", os.R_OK) and _holds(int(name), home):
            return int(name)
    return 0
