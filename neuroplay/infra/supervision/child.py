"""A tiny step between the supervisor and a program: python -I -S child.py OPTIONS -- PROGRAM ARGS

It makes sure that nothing is left behind. First it ends what an earlier, killed run of the same
program left (granian's and Celery's own processes outlive a killed master and keep its port).
Then it asks the kernel to signal this process when its parent dies, gives up root where asked,
and becomes the program.

Standard library only, and nothing of NeuroPlay: it runs without site-packages, in 20 ms.
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
"""Environment variable that every supervised process and its children carry:
see `mark`."""

PARENT = "NEUROPLAY_PARENT"
"""Environment variable with the pid that is expected to be the parent."""


def mark(runtime_dir: object, name: str) -> str:
    """What the processes of the program `name` of a runtime folder carry in MARK."""
    return f"{runtime_dir}:{name}"


KEPT = ("PATH", "LANG", "LC_ALL", "TZ", MARK)
"""All of the environment that a --clean program gets: no password, no secret."""

SERVERS = ("postgres", "valkey-server")

REQUESTS_TO_END = (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT, signal.SIGHUP)

PR_SET_PDEATHSIG, PR_SET_KEEPCAPS, PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE = 1, 8, 47, 2
PR_GET_SECUREBITS, PR_SET_SECUREBITS, SECURE_NO_SETUID_FIXUP = 27, 28, 1 << 2
CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH, CAP_NET_BIND_SERVICE = 1, 2, 10
_HEADER = struct.pack("Ii", 0x20080522, 0)  # version 3, of this process

REACH, BIND = "reach", "bind"
"""Powers that a program may keep of root's: to walk through folders that are closed to its user (a
home or an installation below root's own folder), and to listen on a port below 1024."""

POWERS = {REACH: (CAP_DAC_READ_SEARCH, CAP_DAC_OVERRIDE), BIND: (CAP_NET_BIND_SERVICE,)}
"""The capabilities that give a power; the first that the system grants is kept."""

_libc = ctypes.CDLL(None, use_errno=True)


@contextmanager
def requests_wait() -> Iterator[None]:
    """Over a fork: a request to end that comes meanwhile waits until this is left.

    A forked child has the handlers of its parent, and Python runs code of its own in it before
    the fork returns: there, Ctrl-C would be a traceback that nobody can catch. The child leaves
    this too, unless it ends or becomes another program inside.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, REQUESTS_TO_END)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def die_with_parent(wanted: int, parent: int = 0) -> None:
    """Have the kernel send `wanted` to this process when its parent ends.

    `parent` is the pid that should be the parent: where it is gone already, this process ends.
    """
    _libc.prctl(PR_SET_PDEATHSIG, wanted, 0, 0, 0)
    if parent and os.getppid() != parent:
        os._exit(1)


def become(uid: int, gid: int, *, groups: Sequence[int] = (), powers: Collection[str] = ()) -> None:
    """Give up root for good, but for `powers`, which survive an exec.

    Raises PermissionError where the system does not let them be kept, OSError where it does not
    know the user.
    """
    if powers:
        _libc.prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0)
        _let_access_count_powers()
    os.setgroups(groups)
    os.setresgid(gid, gid, gid)
    os.setresuid(uid, uid, uid)
    if powers:
        keep(powers)


def _let_access_count_powers() -> None:
    """Have access(2) answer as open(2) does, from now on and in every process that comes of this
    one: as it is, it knows no power of a user other than root, and Alembic, supervisor and others
    ask it about files below a closed folder. `keep` then decides alone what is given up.

    Where the system does not let it (no CAP_SETPCAP), it stays as it is.
    """
    bits = _libc.prctl(PR_GET_SECUREBITS, 0, 0, 0, 0)
    if bits >= 0:
        _libc.prctl(PR_SET_SECUREBITS, bits | SECURE_NO_SETUID_FIXUP, 0, 0, 0)


def keep(powers: Collection[str]) -> None:
    """Of the powers that this process has, keep `powers` and give the others up."""
    held = _permitted()
    bits = 0
    for power in powers:
        bit = next((1 << one for one in POWERS[power] if held & 1 << one), 0)
        if not bit:
            raise PermissionError(f"the system does not let the power to {power} be kept")
        bits |= bit
    sets = struct.pack("6I", bits, bits, bits, 0, 0, 0)  # of those below 32, and above
    if _libc.capset(_HEADER, sets) != 0:
        raise PermissionError("capset: the system does not let powers be changed")
    for number in range(32):
        if bits & 1 << number:
            _libc.prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, number, 0, 0)


def _permitted() -> int:
    """The capabilities below 32 that this process may use, as bits."""
    sets = ctypes.create_string_buffer(24)
    _libc.capget(_HEADER, sets)
    return int(struct.unpack_from("I", sets, 4)[0])


def _give_up_all_but(powers: Collection[str]) -> None:
    """The same for a program of an ordinary user, which may well have none of them."""
    if held := _permitted():
        keep([power for power in powers if any(held & 1 << one for one in POWERS[power])])


def carriers(mark: str, *, prefix: bool = False, at: str = "") -> list[int]:
    """The pids of all processes, but this one and its ancestors, that carry `mark`.

    With `prefix`, the mark may go on: `<runtime folder>:` finds every program of a home. With
    `at`, database servers that work in that folder, too: PostgreSQL's processes and Valkey write
    their titles over their environment, but stay in their data folder.
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
            if b"\0" + wanted in environment or (at and _serves(name, at)):
                found.append(int(name))
        except OSError:
            continue  # it ended, or is another user's
    return found


def _serves(name: str, folder: str) -> bool:
    """Whether a process is a database server that works in `folder`; a shell there is none."""
    if os.readlink(f"/proc/{name}/cwd") != folder:
        return False
    return os.path.basename(os.readlink(f"/proc/{name}/exe")).startswith(SERVERS)


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
    first: int = signal.SIGTERM,
    patience_s: float = 3.0,
) -> int:
    """End every process that `carriers` finds: `first`, then KILL after `patience_s`.

    Returns how many there were. At the end none is left, or OSError is raised.
    """
    left = carriers(mark, prefix=prefix, at=at)
    count = len(left)
    _send(left, first)
    deadline = time.monotonic() + patience_s
    hard = time.monotonic() + 2 * patience_s
    while left := carriers(mark, prefix=prefix, at=at):
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


def main(argv: list[str]) -> None:
    """Read the options, do what they say, and exec the program; never returns."""
    split = argv.index("--")
    options, program = argv[:split], argv[split + 1 :]
    wanted = signal.SIGTERM
    user: tuple[int, int] | None = None
    powers: list[str] = []
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
        elif name.removeprefix("--") in POWERS:
            powers.append(name.removeprefix("--"))
        elif name != "--clean":
            sys.exit(f"child: no such option: {option}")
    if mark := os.environ.get(MARK):
        end_leftovers(mark, at=at, first=wanted, patience_s=2.0)
    parent = int(os.environ.pop(PARENT, "0"))
    environment = dict(os.environ)
    if "--clean" in options:
        environment = {key: environment[key] for key in KEPT if key in environment}
    if user is not None:
        become(*user, powers=powers)
    elif os.geteuid() != 0:
        _give_up_all_but(powers)
    die_with_parent(wanted, parent)  # last: a change of user would forget it
    os.execve(program[0], program, environment)  # noqa: S606 - becoming the program is the point


if __name__ == "__main__":
    main(sys.argv[1:])
