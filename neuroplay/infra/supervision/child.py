"""A launcher between the supervisor and a program: python -I -S child.py OPTIONS -- PROGRAM ARGS

It ends processes that an earlier, killed run of the same program left behind: the API's and
Celery's child processes can outlive a killed parent and keep its port. Then it asks the kernel to
signal this process when its parent ends, drops root privileges if asked, and executes the program.

It imports the standard library only, and nothing of NeuroPlay: it runs without site-packages, and
takes 20 ms.
"""

from __future__ import annotations

import ctypes
import os
import signal
import struct
import sys
import time
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager

MARK = "NEUROPLAY_PROCESS"
"""Environment variable of all supervised processes and their children; its value is that of
`mark`."""

PARENT = "NEUROPLAY_PARENT"
"""Environment variable with the expected pid of the parent."""


def mark(runtime_dir: object, name: str) -> str:
    """The value of MARK for processes of the program `name` of a runtime folder."""
    return f"{runtime_dir}:{name}"


KEPT = ("PATH", "LANG", "LC_ALL", "TZ", MARK)
"""The variables that a --clean program keeps: none holds a password or a secret."""

END_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT, signal.SIGHUP)

PR_SET_CHILD_SUBREAPER = 36
PR_SET_PDEATHSIG, PR_SET_KEEPCAPS, PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE = 1, 8, 47, 2
PR_GET_SECUREBITS, PR_SET_SECUREBITS, SECURE_NO_SETUID_FIXUP = 27, 28, 1 << 2
CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH, CAP_NET_BIND_SERVICE = 1, 2, 10
_HEADER = struct.pack("Ii", 0x20080522, 0)  # version 3, of this process

REACH, BIND = "reach", "bind"
"""Privileges of root that a program may keep: to enter folders that its user cannot enter (a home
or an installation in root's home folder), and to listen on a port below 1024."""

PRIVILEGES = {REACH: (CAP_DAC_READ_SEARCH, CAP_DAC_OVERRIDE), BIND: (CAP_NET_BIND_SERVICE,)}
"""The capabilities that give a privilege; the first one that the system grants is kept."""

_libc = ctypes.CDLL(None, use_errno=True)


@contextmanager
def end_signals_blocked() -> Iterator[None]:
    """Block the signals of END_SIGNALS, for a fork; they are delivered afterwards.

    A forked child has its parent's handlers, and Python runs code in it before the fork returns.
    Ctrl-C at that moment would print a traceback that nobody can catch. The child unblocks the
    signals too, unless it exits or executes another program inside the block.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, END_SIGNALS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def die_with_parent(wanted: int, parent: int = 0) -> None:
    """Have the kernel send the signal `wanted` to this process when its parent ends.

    `parent` is the expected pid of the parent: if it has already ended, this process exits with 1.
    """
    _libc.prctl(PR_SET_PDEATHSIG, wanted, 0, 0, 0)
    if parent and os.getppid() != parent:
        os._exit(1)


def adopt_orphans() -> None:
    """Make this process the parent of descendants whose own parent ends."""
    _libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def become(
    uid: int, gid: int, *, groups: Sequence[int] = (), privileges: Collection[str] = ()
) -> None:
    """Drop root privileges for good, except `privileges`, which survive an exec.

    Raises PermissionError if the system does not allow that, OSError if it does not know the user.
    """
    if privileges:
        _libc.prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0)
        _make_access_respect_capabilities()
    os.setgroups(groups)
    os.setresgid(gid, gid, gid)
    os.setresuid(uid, uid, uid)
    if privileges:
        keep(privileges)


def _make_access_respect_capabilities() -> None:
    """Have access(2) answer as open(2) does, in this process and its descendants.

    By default access(2) ignores the capabilities of users other than root, and Alembic and other
    libraries use it for files below closed folders. As a side effect, a change of user no longer
    drops capabilities; `keep` does. Without CAP_SETPCAP nothing changes.
    """
    bits = _libc.prctl(PR_GET_SECUREBITS, 0, 0, 0, 0)
    if bits >= 0:
        _libc.prctl(PR_SET_SECUREBITS, bits | SECURE_NO_SETUID_FIXUP, 0, 0, 0)


def keep(privileges: Collection[str]) -> None:
    """Keep `privileges` and drop all other capabilities. Raises PermissionError."""
    held = _permitted()
    bits = 0
    for privilege in privileges:
        bit = next((1 << one for one in PRIVILEGES[privilege] if held & 1 << one), 0)
        if not bit:
            raise PermissionError(
                f"the system does not allow the privilege to {privilege} to be kept"
            )
        bits |= bit
    sets = struct.pack("6I", bits, bits, bits, 0, 0, 0)  # capabilities 0 to 31, then 32 to 63
    if _libc.capset(_HEADER, sets) != 0:
        raise PermissionError("capset: the system does not allow capabilities to be changed")
    for number in range(32):
        if bits & 1 << number:
            _libc.prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, number, 0, 0)


def _permitted() -> int:
    """This process's permitted capabilities below 32, as bits."""
    sets = ctypes.create_string_buffer(24)
    _libc.capget(_HEADER, sets)
    return int(struct.unpack_from("I", sets, 4)[0])


def _drop_all_but(privileges: Collection[str]) -> None:
    """Like `keep`, for an ordinary user: of `privileges`, those that it lacks are ignored."""
    if held := _permitted():
        keep([one for one in privileges if any(held & 1 << bit for bit in PRIVILEGES[one])])


def marked_processes(
    mark: str, *, prefix: bool = False, at: str = "", program: str = ""
) -> list[int]:
    """The pids of all processes with the mark `mark`, except this one and its ancestors.

    With `prefix`, marks that begin with it match: `<runtime folder>:` finds all programs of a home.
    With `at`, processes of the executable `program` whose working folder is `at` match too:
    PostgreSQL and Valkey overwrite their environment with their process titles.
    """
    wanted = f"{MARK}={mark}".encode() + (b"" if prefix else b"\0")
    ours = _ancestors()
    found = []
    for name in os.listdir("/proc"):
        if not name.isdigit() or int(name) in ours:
            continue
        try:
            with open(f"/proc/{name}/environ", "rb") as file:
                environment = b"\0" + file.read() + b"\0"
            if b"\0" + wanted in environment or (at and _runs_in(name, at, program)):
                found.append(int(name))
        except OSError:
            continue  # it has ended, or belongs to another user
    return found


def _runs_in(name: str, folder: str, program: str) -> bool:
    """Whether a process has the working folder `folder` and executes `program`, from any folder.
    Other programs, such as a shell, do not count."""
    if os.readlink(f"/proc/{name}/cwd") != folder:
        return False
    executable = os.readlink(f"/proc/{name}/exe").removesuffix(" (deleted)")
    return os.path.basename(executable) == program


def _ancestors() -> set[int]:
    found, pid = set(), os.getpid()
    while pid > 0 and pid not in found:
        found.add(pid)
        try:
            with open(f"/proc/{pid}/stat", "rb") as file:
                pid = int(file.read().rpartition(b")")[2].split()[1])
        except OSError:
            break
    return found


def end_leftovers(
    mark: str,
    *,
    prefix: bool = False,
    at: str = "",
    program: str = "",
    first: int = signal.SIGTERM,
    patience_s: float = 3.0,
) -> int:
    """End the processes that `marked_processes` finds: send `first`, SIGKILL after `patience_s`.

    Returns their number. Raises OSError if some are left after twice `patience_s`.
    """
    left = marked_processes(mark, prefix=prefix, at=at, program=program)
    if not left:
        return 0  # without a second look through all processes
    count = len(left)
    _send(left, first)
    deadline = time.monotonic() + patience_s
    hard = time.monotonic() + 2 * patience_s
    while left := marked_processes(mark, prefix=prefix, at=at, program=program):
        now = time.monotonic()
        if now > hard:
            raise OSError(f"processes of an earlier run cannot be ended: {left}")
        if now > deadline:
            _send(left, signal.SIGKILL)
        time.sleep(0.02)
    return count


def _send(pids: list[int], number: int) -> None:
    for pid in pids:
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            continue


def prepare(argv: list[str]) -> tuple[list[str], dict[str, str]]:
    """Apply the options of `argv`, OPTIONS -- PROGRAM ARGS, to this process; returns the program
    with its arguments, and the environment that it gets."""
    split = argv.index("--")
    options, program = argv[:split], argv[split + 1 :]
    wanted = signal.SIGTERM
    user: tuple[int, int] | None = None
    privileges: list[str] = []
    at = ""
    for option in options:
        name, _, value = option.partition("=")
        if name == "--parent-death":
            wanted = signal.Signals[value]
        elif name == "--user":
            uid, _, gid = value.partition(":")
            user = int(uid), int(gid)
        elif name == "--at":
            at = value
        elif name.removeprefix("--") in PRIVILEGES:
            privileges.append(name.removeprefix("--"))
        elif name != "--clean":
            sys.exit(f"child: no such option: {option}")
    if mark := os.environ.get(MARK):
        name = os.path.basename(program[0])
        end_leftovers(mark, at=at, program=name, first=wanted, patience_s=2.0)
    parent = int(os.environ.pop(PARENT, "0"))
    environment = dict(os.environ)
    if "--clean" in options:
        environment = {key: environment[key] for key in KEPT if key in environment}
    if user is not None:
        become(*user, privileges=privileges)
    elif os.geteuid() != 0:
        _drop_all_but(privileges)
    die_with_parent(wanted, parent)  # last: a change of user would reset it
    return program, environment


def main(argv: list[str]) -> None:
    """Apply the options and execute the program; never returns."""
    program, environment = prepare(argv)
    os.execve(program[0], program, environment)  # noqa: S606 - the launcher's purpose


if __name__ == "__main__":
    main(sys.argv[1:])
