"""From one command to two processes: the supervisor, and the one that brings the system up.

In the foreground this very process becomes the supervisor, so that its pid, its terminal and its
exit code are those of `neuroplay serve`; a child brings the system up. Detached it is the other
way round: the child becomes the supervisor, in a session of its own.

A pipe joins them: where the one that brings up ends before it wrote that all is ready, the
supervisor stops everything.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from neuroplay.infra.embedded import folders
from neuroplay.infra.embedded.accounts import Account, installation, service_account
from neuroplay.infra.embedded.binaries import remove_copies
from neuroplay.infra.embedded.postgres import EmbeddedPostgres
from neuroplay.infra.embedded.program import mark
from neuroplay.infra.embedded.redis import EmbeddedValkey
from neuroplay.infra.secrets import load_secret, make_ops_token
from neuroplay.infra.supervision import METRICS, READY, RUN_FILES, child, lock, remove
from neuroplay.infra.supervision.configuration import write_configuration
from neuroplay.infra.supervision.programs import API, BEAT, UNPRIVILEGED_PORT, WORKER, Program
from neuroplay.operation.serving.lent import FIELDS, Lent

if TYPE_CHECKING:
    from neuroplay.config import Settings

__all__ = [
    "READY",
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
    for name in RUN_FILES:
        remove(runtime / name)
    remove(runtime / METRICS)
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
        lent = Lent.read(settings, account)
        account.become(_powers(settings, account))
        settings = lent.write(settings)
        remove_copies(settings.home / "postgres")  # where release 2.5 had them
    (settings.runtime_dir / METRICS).mkdir(mode=0o700)
    return settings


def lent_paths(asked: Settings, settings: Settings) -> dict[str, str]:
    """The operator's own paths, by field, of the files that `settings` name a copy of."""
    return {
        name: str(Path(path).expanduser().absolute())
        for name in FIELDS
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
    """End every process of a home whose supervisor is gone, PostgreSQL last."""
    redis, postgres = EmbeddedValkey(home, runtime_dir), EmbeddedPostgres(home, runtime_dir)
    for name in (BEAT, WORKER, API):
        child.end_leftovers(mark(runtime_dir, name))
    redis.end_leftovers()
    postgres.end_leftovers()


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
    configuration = settings.runtime_dir / "supervisor.conf"
    write_configuration(configuration, programs, runtime_dir=settings.runtime_dir)
    for name, value in environment(settings).items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value
    reader, writer = os.pipe()
    sys.stdout.flush()
    sys.stderr.flush()
    with child.requests_wait():  # the supervisor hears them once it runs
        pid = os.fork()
        supervises = (pid == 0) if detach else (pid != 0)
        if supervises:
            if detach:
                os.setsid()
                _leave_terminal(settings.home / "logs" / "serve.log")
            os.close(writer)
            _become_supervisor(settings.home, configuration, reader)
        os.close(reader)
        supervisor = pid if detach else os.getppid()
        if detach:
            lock.sign(lock_descriptor, supervisor)
        os.close(lock_descriptor)
    bring_up(supervisor, writer)


def _become_supervisor(home: Path, configuration: Path, boot: int) -> NoReturn:
    try:
        os.set_inheritable(boot, True)
        os.chdir(home)
        argv = [
            sys.executable,
            "-P",  # the home is no place for modules
            "-m",
            "neuroplay.infra.supervision.daemon",
            f"--boot-fd={boot}",
            str(configuration),
        ]
        os.execv(sys.executable, argv)  # noqa: S606 - becoming the supervisor is the point
    finally:
        os._exit(3)


def _leave_terminal(log: Path) -> None:
    nothing = os.open(os.devnull, os.O_RDONLY)
    output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(nothing, 0)
    os.dup2(output, 1)
    os.dup2(output, 2)
    for descriptor in (nothing, output):
        if descriptor > 2:
            os.close(descriptor)
