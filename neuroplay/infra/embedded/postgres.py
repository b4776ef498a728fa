"""A private PostgreSQL 18: data in the home, a socket in the runtime folder, and no TCP port."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from neuroplay.infra.embedded import STANDBY, folders
from neuroplay.infra.embedded.binaries import POSTGRES_MAJOR, postgres_bin_for
from neuroplay.infra.embedded.server import EmbeddedServer
from neuroplay.infra.supervision.errors import CannotStart

if TYPE_CHECKING:
    from neuroplay.config import Settings

OWNER, APPLICATION = "postgres", "neuroplay"
"""The cluster's superuser; the name of NeuroPlay's role and database."""

NEW_CLUSTER_BYTES = 150_000_000
"""A new cluster takes 40 MB, and its write-ahead log grows quickly."""

INITDB = (
    "--auth=trust",
    "--encoding=UTF8",
    "--locale=C",
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
    "--no-instructions",
)
INITDB_PATIENCE_S = 120.0

CONNECTIONS_KEPT = 20
"""Connections in addition to those of the API and the workers: for commands, backups and people."""

SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    # A session that was accepted is on disk.
    "fsync": "on",
    "synchronous_commit": "on",
    # For a small machine with other programs on it.
    "shared_buffers": "64MB",
    "work_mem": "4MB",
    "maintenance_work_mem": "32MB",
    "wal_buffers": "4MB",
    "max_wal_size": "512MB",
    "io_method": "sync",  # without I/O worker processes
    "max_worker_processes": "2",
    "max_logical_replication_workers": "0",  # without the process that starts them
    "max_parallel_workers_per_gather": "0",
    "max_parallel_maintenance_workers": "0",
    "autovacuum_max_workers": "2",
    "jit": "off",
    # In the data folder: logind deletes a user's files in /dev/shm when the user logs out.
    "dynamic_shared_memory_type": "mmap",
    "shared_memory_type": "mmap",
    # For a server without a standby; for one with it see WITH_STANDBY.
    "wal_level": "minimal",
    "max_wal_senders": "0",
    # Statements and error details could contain nicknames, which must not be logged.
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "log_line_prefix": "%m [%p] ",
    "log_checkpoints": "off",
    "log_timezone": "UTC",
    "timezone": "UTC",
    "lc_messages": "C",
}

WITH_STANDBY = {
    "wal_level": "replica",
    "max_wal_senders": "4",  # one for the copy of the WAL, two for a base backup
    "max_replication_slots": "4",
    "summarize_wal": "on",  # for incremental base backups
    # The standby may be away for as long as it takes to write this much. Then the server drops what
    # it kept, and the standby begins again with a base backup: it never fills this disk.
    "max_slot_wal_keep_size": "1GB",
    # A standby that does not answer for this long is gone. It must not hold up a stop either.
    "wal_sender_timeout": "5s",
    # Only transactions that ask for it wait for the standby: those that accept games.
    "synchronous_standby_names": STANDBY,
    "synchronous_commit": "local",
}


class EmbeddedPostgres(EmbeddedServer):
    name = "postgres"
    product = "PostgreSQL"
    executable = "postgres"
    stop_signal: ClassVar[signal.Signals] = signal.SIGINT
    """PostgreSQL's fast shutdown: it ends client sessions and writes all data to disk."""

    stop_patience_s = 20.0
    preparing = "Preparing the database"
    starting = "Starting the database"

    def __init__(
        self,
        home: Path,
        runtime_dir: Path,
        *,
        max_connections: int = 100,
        standby: bool | None = None,
    ) -> None:
        """`standby` is whether it has one from now on; None leaves that as it was."""
        super().__init__(home, runtime_dir)
        self._standby = standby
        self._folder = home / "postgres"
        self._max_connections = max_connections
        self.data = self._folder / "data"
        self.socket_dir = runtime_dir / "pg"

    @classmethod
    def of(cls, settings: Settings) -> EmbeddedPostgres | None:
        if not settings.embedded_database:
            return None
        needed = settings.api_workers * settings.api_connections + 4 * settings.task_workers
        return cls(
            settings.home,
            settings.runtime_dir,
            max_connections=needed + CONNECTIONS_KEPT,
            standby=settings.has_standby,
        )

    @property
    def url(self) -> str:
        return f"postgresql+psycopg2://{APPLICATION}@/{APPLICATION}?host={self.socket_dir}"

    @cached_property
    def bin(self) -> Path:
        """The `bin` folder to use; as root, the first access may make a copy."""
        return postgres_bin_for(self.account, self._home / "programs")

    def prepare(self) -> None:
        """Also creates the cluster if there is none."""
        super().prepare()
        self._folder.mkdir(mode=0o711, parents=True, exist_ok=True)
        folders.make_private(self.socket_dir, self.account)
        self.initdb()
        self.end_leftovers()
        # PostgreSQL would respect its old lock if another process had its pid by now.
        (self.data / "postmaster.pid").unlink(missing_ok=True)
        for left in self.socket_dir.glob(".s.PGSQL.*"):
            left.unlink(missing_ok=True)

    def initdb(self) -> None:
        """Create the cluster if there is none.

        It is created under another name and renamed once it is complete. Raises CannotStart if that
        fails, or if this release cannot run the existing cluster.
        """
        for partial in self._folder.glob("data.new-*"):
            shutil.rmtree(partial, ignore_errors=True)
        if self.data.exists():
            self._check_version()
            return
        folders.need_space(self._folder, NEW_CLUSTER_BYTES)
        partial = self._folder / f"data.new-{os.getpid()}"
        folders.make_private(partial, self.account)
        try:
            self._run_initdb(partial)
            partial.rename(self.data)
        finally:
            shutil.rmtree(partial, ignore_errors=True)

    def _run_initdb(self, target: Path) -> None:
        try:
            pwd.getpwuid(self.account.uid)
        except KeyError:
            raise CannotStart(
                f"PostgreSQL needs a user with a name, but uid {self.account.uid} has no name",
                hint="Run as a user that /etc/passwd contains, or set DATABASE_URL",
            ) from None
        try:
            done = subprocess.run(
                self._as_user("initdb", "-D", str(target), "-U", OWNER, *INITDB),
                cwd="/",
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                errors="replace",
                check=False,
                timeout=INITDB_PATIENCE_S,
            )
        except subprocess.TimeoutExpired:
            raise CannotStart(
                f"PostgreSQL was not initialised within {INITDB_PATIENCE_S:.0f} s",
                hint="Is the disk slow or full? Try again",
            ) from None
        if done.returncode != 0:
            if "No space left on device" in done.stderr:
                raise folders.disk_full(self._folder)
            lines = [line for line in done.stderr.splitlines() if line.strip()]
            why = lines[0] if lines else f"exit status {done.returncode}"
            raise CannotStart(
                f"PostgreSQL could not be initialised: {why}",
                hint=f"Check the folder {self._folder}",
            )

    def _check_version(self) -> None:
        try:
            found = (self.data / "PG_VERSION").read_text(encoding="ascii").strip()
        except PermissionError:
            raise CannotStart(
                f"{self.data} cannot be read by this user",
                hint="Run as the user who created it, or set NEUROPLAY_HOME to a folder of yours",
            ) from None
        except (OSError, UnicodeDecodeError):
            raise CannotStart(
                f"{self.data} is not a complete PostgreSQL data folder: it has no PG_VERSION",
                hint="Restore it from a backup, or move it away to start with an empty one",
            ) from None
        if found != str(POSTGRES_MAJOR):
            raise CannotStart(
                f"{self.data} was written by PostgreSQL {found}, "
                f"this release runs {POSTGRES_MAJOR}",
                hint="Dump it with the older release and restore it here, or move it away",
            )

    def command(self) -> tuple[str, ...]:
        settings = {**SETTINGS, "max_connections": str(self._max_connections)}
        if self._standby or self._has_slot():
            settings |= WITH_STANDBY
        options = [f"--{name}={value}" for name, value in settings.items()]
        return self._as_user(
            self.executable, "-D", str(self.data), "-k", str(self.socket_dir), *options
        )

    def _has_slot(self) -> bool:
        """Whether a standby has a slot in the cluster: without WITH_STANDBY it would not start."""
        try:
            return any((self.data / "pg_replslot").iterdir())
        except OSError:
            return False

    def _as_user(self, program: str, *arguments: str) -> tuple[str, ...]:
        needed = (self._folder, self.bin, self.socket_dir)
        return self._as_account([str(self.bin / program), *arguments], *needed)

    def why_not_ready(self) -> str:
        import psycopg2

        if not (self.socket_dir / ".s.PGSQL.5432").exists():
            return "its socket does not exist yet"
        try:
            psycopg2.connect(
                host=str(self.socket_dir), user=OWNER, dbname=OWNER, connect_timeout=2
            ).close()
        except psycopg2.OperationalError as error:
            return (str(error).strip().splitlines() or ["?"])[-1]
        return ""

    def complete(self) -> list[str]:
        """Create NeuroPlay's role and database if they are missing. The role gets what a standby
        needs; the slot of one that is wanted no more is dropped."""
        import psycopg2

        connection = psycopg2.connect(host=str(self.socket_dir), user=OWNER, dbname=OWNER)
        try:
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (APPLICATION,))
                if cursor.fetchone() is None:
                    cursor.execute(f"CREATE ROLE {APPLICATION} LOGIN")
                cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", (APPLICATION,))
                if cursor.fetchone() is None:
                    cursor.execute(f"CREATE DATABASE {APPLICATION} OWNER {APPLICATION}")
                if self._standby:
                    cursor.execute(f"ALTER ROLE {APPLICATION} REPLICATION")
                    cursor.execute(f"GRANT pg_read_all_stats TO {APPLICATION}")
                elif self._standby is not None:
                    cursor.execute(
                        "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots "
                        "WHERE slot_name = %s",
                        (STANDBY,),
                    )
        finally:
            connection.close()
        return []
