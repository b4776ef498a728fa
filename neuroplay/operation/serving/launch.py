"""From one command to two processes: the supervisor, and the one that brings the system up.

In the foreground this very process becomes the supervisor, so that its pid, its terminal and its
exit code are those of `neuroplay serve`; a child brings the system up. Detached it is the other
way round: the child becomes the supervisor, in a session of its own.

A pipe joins them: where the one that brings up ends before it wrote that all is ready, the
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
from neuroplay.infra.supervision.supervisor import Program
from neuroplay.operation.programs import API, BEAT, UNPRIVILEGED_PORT, WORKER
from neuroplay.operation.serving import lent
from neuroplay.operation.supervise import write_orders

if TYPE_CHECKING:
    from neuroplay.config import Settings

__all__ = [
    "become",
    "claim",
    "end_everything",
    "environment",
    "launch",
    "lent_paths",
    "service_account",
]


def claim(settings: Settings, account: Account) -> int:
    """Make the home and its runtime folder ours alone; returns the lock's descriptor.

    What a killed run left behind, processes and files, is gone afterwards, and `account` owns what
    it needs. Raises CannotStart.
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
    """As root: be `account` from now on, and keep what only root can give: the secret, the
    certificate and its key, the programs of the database, the way into closed folders, a port
    below 1024. Returns the settings to go on with."""
    if settings.embedded_database:
        load_secret(settings, make=True)
    make_ops_token(settings)
    if account.other:
        for name in (folders.SECRET, folders.OPS_TOKEN):
            folders.give(account, settings.home / name)
        if settings.embedded_database:
            _ = EmbeddedPostgres(settings.home, settings.runtime_dir).bin
        copied = lent.read(settings, account)
        account.become(_powers(settings, account))
        settings = lent.write(settings, copied)
        remove_copies(settings.home / "postgres")  # where release 2.5 had them
    (settings.runtime_dir / METRICS).mkdir(mode=0o700)
    return settings


def lent_paths(asked: Settings, settings: Settings) -> dict[str, str]:
    """The operator's own paths, by field, of the files that `settings` name a copy of."""
    return {
        name: str(Path(path).expanduser().absolute())
        for name in lent.FIELDS
        if (path := getattr(asked, name)) is not None and path != getattr(settings, name)
    }


def _powers(settings: Settings, account: Account) -> set[str]:
    powers = set()
    if account.cannot_read([settings.home.resolve() / "logs", *installation()]):
        powers.add(child.REACH)
    ports = (settings.port, settings.worker_metrics_port, settings.beat_metrics_port)
    if any(port is not None and port < UNPRIVILEGED_PORT for port in ports):
        powers.add(child.BIND)
    return powers


def end_everything(home: Path, runtime_dir: Path) -> None:
    """End every process of a home whose supervisor is gone, the servers last."""
    for name in (BEAT, WORKER, API):
        child.end_leftovers(child.mark(runtime_dir, name))
    for name in reversed(embedded.SERVERS):
        embedded.server_class(name)(home, runtime_dir).end_leftovers()


def environment(settings: Settings) -> dict[str, str | None]:
    """Every setting as the variable that carries it, None for one that must not be set.

    The supervised processes get all of them: whatever `.env` or folder they were read from, a
    restart years later reads the same.
    """
    found: dict[str, str | None] = {}
    for field in settings.table():
        value = getattr(settings, field)
        if isinstance(value, tuple):
            value = ",".join(value)
        if isinstance(value, Path):
            value = value.expanduser().absolute()
        found[settings.variable(field)] = None if value is None else str(value)
    found["PROMETHEUS_MULTIPROC_DIR"] = str(settings.runtime_dir / METRICS)
    return found


def launch(
    settings: Settings,
    programs: list[Program],
    *,
    lock_descriptor: int,
    detach: bool,
    bring_up: Callable[[int, int], None],
) -> None:
    """Start the supervisor, and call `bring_up(supervisor's pid, descriptor)`, which writes to
    the descriptor when all is ready.

    Detached, returns when `bring_up` does. In the foreground it never returns: this process
    becomes the supervisor, and `bring_up` runs in a child that must not return either.
    """
    orders = write_orders(settings.home, settings.runtime_dir, programs)
    for name, value in environment(settings).items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value
    boot, writer = os.pipe()
    # -P: no folder is a place for modules, least of all one that somebody else may write in.
    argv = [sys.executable, "-P", "-m", "neuroplay.operation.supervise", str(orders), str(boot)]
    passed = (orders, boot, lock_descriptor)
    sys.stdout.flush()
    sys.stderr.flush()
    with child.requests_wait():  # the supervisor hears them once it runs
        supervisor = os.getpid()
        if detach:
            supervisor = _start_apart(argv, passed, settings.home / "logs" / "serve.log")
            lock.sign(lock_descriptor, supervisor)
        elif os.fork():
            _become(argv, passed)
        for descriptor in passed:
            os.close(descriptor)
    bring_up(supervisor, writer)


def _start_apart(argv: Sequence[str], passed: Sequence[int], log: Path) -> int:
    """Start the supervisor in a session of its own, away from this terminal."""
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
    process.returncode = 0  # `bring_up` waits for it itself, where it does
    return process.pid


def _become(argv: Sequence[str], passed: Sequence[int]) -> NoReturn:
    try:
        for descriptor in passed:
            os.set_inheritable(descriptor, True)
        os.chdir("/")
        os.execv(argv[0], list(argv))  # noqa: S606 - becoming the supervisor is the point
    finally:
        os._exit(3)
