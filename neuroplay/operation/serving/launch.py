"""Starts two processes: the supervisor and the boot process.

In the foreground, this process becomes the supervisor, so that its pid, terminal and exit code are
those of `neuroplay serve`; a child is the boot process. With `--detach`, this process is the boot
process, and the supervisor is a child in its own session.

A pipe connects them: if the boot process ends before it has reported that NeuroPlay is ready, the
supervisor stops everything.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from neuroplay.infra import embedded
from neuroplay.infra.embedded import folders
from neuroplay.infra.embedded.accounts import Account, installation, service_account
from neuroplay.infra.embedded.binaries import remove_copies
from neuroplay.infra.embedded.postgres import EmbeddedPostgres
from neuroplay.infra.secrets import load_secret, make_ops_token
from neuroplay.infra.supervision import METRICS, child, clear, lock
from neuroplay.infra.supervision.forks import Forked
from neuroplay.infra.supervision.supervisor import Program
from neuroplay.operation.programs import API, BEAT, STANDBY, UNPRIVILEGED_PORT, WORKER
from neuroplay.operation.serving import copies
from neuroplay.operation.supervise import write_orders

if TYPE_CHECKING:
    from neuroplay.config import Settings

ARENAS = "MALLOC_ARENA_MAX"
"""The number of memory arenas of the C library. By default threads fill up to eight per processor,
and memory that is freed in one arena cannot be used for another. Two are enough, since Python's
lock lets one thread allocate at a time. A value in the environment of `serve` takes precedence."""

__all__ = [
    "become",
    "claim",
    "end_everything",
    "environment",
    "launch",
    "original_paths",
    "service_account",
]


def claim(settings: Settings, account: Account) -> int:
    """Lock the home and prepare its folders; returns the lock's descriptor.

    Ends the processes and deletes the files that a killed run left, and makes `account` the owner
    of the folders it needs. Raises CannotStart.
    """
    home = settings.home
    folders.check_owner(home)
    folders.check_disk(home)
    folders.make_home(home)
    try:
        held = lock.take(home, group=account.gid)
    except OSError as error:
        raise folders.not_writable(home, error) from None
    end_everything(home, settings.runtime_dir)
    if account.other:
        folders.give_parts_to(account, home)
    try:
        (home / "logs").mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise folders.not_writable(home, error) from None
    runtime = folders.place_runtime(home, account)
    clear(runtime)
    return held


def become(settings: Settings, account: Account) -> Settings:
    """Create the secrets and, as root, change this process to `account`; returns the settings to
    continue with. Raises CannotStart.

    `account` gets what only root can provide: access to the secret, to copies of the TLS files and
    to PostgreSQL's programs, and the privileges for closed folders and ports below 1024.
    """
    if settings.embedded_database:
        load_secret(settings, make=True)
    make_ops_token(settings)
    if account.other:
        for name in (folders.SECRET, folders.OPS_TOKEN):
            folders.give(account, settings.home / name)
        if settings.embedded_database:
            _ = EmbeddedPostgres(settings.home, settings.runtime_dir).bin
        contents = copies.read(settings, account)
        account.become(_privileges(settings, account))
        settings = copies.write(settings, contents)
        remove_copies(settings.home / "postgres")  # release 2.5 had them there
    (settings.runtime_dir / METRICS).mkdir(mode=0o700)
    return settings


def original_paths(asked: Settings, settings: Settings) -> dict[str, str]:
    """The original paths, by field, of the files for which `settings` name a copy; `asked` are the
    operator's settings."""
    return {
        name: str(Path(path).expanduser().absolute())
        for name in copies.FIELDS
        if (path := getattr(asked, name)) is not None and path != getattr(settings, name)
    }


def _privileges(settings: Settings, account: Account) -> set[str]:
    privileges = set()
    if account.cannot_read([settings.home.resolve() / "logs", *installation()]):
        privileges.add(child.REACH)
    ports = (settings.port, settings.worker_metrics_port, settings.beat_metrics_port)
    if any(port is not None and port < UNPRIVILEGED_PORT for port in ports):
        privileges.add(child.BIND)
    return privileges


def end_everything(home: Path, runtime_dir: Path) -> None:
    """End all processes of a home whose supervisor has ended, the servers last. Raises OSError."""
    for name in (BEAT, WORKER, API, STANDBY):
        child.end_leftovers(child.mark(runtime_dir, name))
    for name in reversed(embedded.SERVERS):
        embedded.server_class(name)(home, runtime_dir).end_leftovers()


def environment(settings: Settings) -> dict[str, str | None]:
    """The environment variable of each setting; None for one that must not be set.

    All of them are set for the supervised processes, so that a later restart has the same settings
    even if `.env` has changed.
    """
    found: dict[str, str | None] = {}
    for field, one in settings.table().items():
        value = getattr(settings, field)
        if isinstance(value, tuple):
            value = ",".join(value)
        if isinstance(value, Path):
            value = value.expanduser().absolute()
        found[one.variable] = None if value is None else one.write(value)
    found["PROMETHEUS_MULTIPROC_DIR"] = str(settings.runtime_dir / METRICS)
    found[ARENAS] = os.environ.get(ARENAS, "2")
    return found


def launch(
    settings: Settings,
    programs: list[Program],
    *,
    forked: Forked | None = None,
    lock_descriptor: int,
    detach: bool,
    bring_up: Callable[[int, int], None],
) -> None:
    """Start the supervisor and call `bring_up(pid of the supervisor, write end of the boot pipe)`.

    With `detach`, returns when `bring_up` returns. Otherwise it never returns: this process becomes
    the supervisor, and `bring_up` runs in a child, where it must not return.
    """
    # A detached supervisor's standard error is a log itself.
    copies = settings.log_to == "both" and not detach
    orders = write_orders(
        settings.home, settings.runtime_dir, programs, forked=forked, copy_logs=copies
    )
    for name, value in environment(settings).items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value
    boot, writer = os.pipe()
    # -P: do not import modules from the current folder, where other users may be able to write.
    argv = [sys.executable, "-P", "-m", "neuroplay.operation.supervise", str(orders), str(boot)]
    passed = (orders, boot, lock_descriptor)
    sys.stdout.flush()
    sys.stderr.flush()
    with child.end_signals_blocked():  # the supervisor unblocks them once it handles them
        supervisor = os.getpid()
        if detach:
            supervisor = _start_detached(argv, passed, settings.home / "logs" / "serve.log")
            lock.sign(lock_descriptor, supervisor)
        elif os.fork():
            _become(argv, passed)
        for descriptor in passed:
            os.close(descriptor)
    bring_up(supervisor, writer)


def _start_detached(argv: Sequence[str], passed: Sequence[int], log: Path) -> int:
    """Start the supervisor in its own session, without this terminal; returns its pid."""
    with open(log, "ab") as output:
        process = subprocess.Popen(
            argv,
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            pass_fds=passed,
            start_new_session=True,
        )
    process.returncode = 0  # Popen need not reap it; `bring_up` does if necessary
    return process.pid


def _become(argv: Sequence[str], passed: Sequence[int]) -> NoReturn:
    try:
        for descriptor in passed:
            os.set_inheritable(descriptor, True)
        os.chdir("/")
        os.execv(argv[0], list(argv))  # noqa: S606 - this process becomes the supervisor
    finally:
        os._exit(3)
