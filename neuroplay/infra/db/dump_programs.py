"""Running pg_dump, pg_restore and psql of the embedded PostgreSQL, also against other servers."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from neuroplay.core.errors import SettingsError

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from neuroplay.infra.db.tls_relay import Server


class BackupFailed(SettingsError):  # noqa: N818 - it names what happened
    """A backup could not be made or restored; nothing was changed."""

    code = "backup_failed"


CHUNK_BYTES = 1 << 20

WHEN_SILENT = {
    "connect_timeout": "10",
    "keepalives_idle": "10",
    "keepalives_interval": "5",
    "keepalives_count": "4",
    "tcp_user_timeout": "30000",
}
"""Ends a client 30 s after its server fell silent. By itself it would wait for hours: our own
deadlines hold for psycopg2's connections alone. DATABASE_URL may have other values."""

_PLAIN = {"LC_ALL": "C", "TZ": "UTC", "PGAPPNAME": "neuroplay backup"}
"""For messages in English, and for archives that are dated in UTC."""

Argv = tuple[list[str], dict[str, str]]
"""The arguments of a program, and what its environment has beside ours."""


def as_script(*options: str) -> Argv:
    """pg_restore, which prints an archive as SQL. It reads its standard input, or the file that
    `options` name."""
    argv = [path_of("pg_restore"), "--no-owner", "--no-privileges", "--file=-", *options]
    return argv, {}


def listing(file: Path) -> Argv:
    """pg_restore, which prints the table of contents of an archive."""
    return [path_of("pg_restore"), "--list", str(file)], {}


def feed(archive: IO[bytes], reader: Program, progress: Callable[[int], None]) -> None:
    """Write the archive to the program, until that has ended. `progress` gets the number of bytes
    so far."""
    done = 0
    while chunk := archive.read(CHUNK_BYTES):
        if not reader.write(chunk):
            return
        done += len(chunk)
        progress(done)


@contextmanager
def client(engine: Engine, program: str, *options: str) -> Iterator[Argv]:
    """A client's arguments and environment for the engine's database.

    The password is in the environment, where other users of the machine cannot read it.
    """
    from psycopg2.extensions import make_dsn

    from neuroplay.infra.db.tls_relay import PORT, relay

    url = engine.url
    named = {"host": url.host, "port": url.port, "user": url.username, "dbname": url.database}
    asked = {
        name: value if isinstance(value, str) else ",".join(value)
        for name, value in url.query.items()
    }
    password = asked.pop("password", None) or url.password
    parts: dict[str, Any] = {k: v for k, v in {**WHEN_SILENT, **named, **asked}.items() if v}
    environment = {"PGPASSWORD": str(password)} if password else {}
    with ExitStack() as stack:
        if server := _encrypted(engine, asked):
            folder = stack.enter_context(relay(server))
            parts = {k: v for k, v in parts.items() if not _is_transport(k)}
            parts |= {"host": str(folder), "port": PORT}
            parts |= {"sslmode": "disable", "channel_binding": "disable"}
            environment["PGHOSTADDR"] = ""
        argv = [path_of(program), *options, "--no-password", "--dbname", make_dsn(**parts)]
        yield argv, environment


def _is_transport(name: str) -> bool:
    """Whether a libpq parameter concerns the connection's address, TLS or GSSAPI."""
    return name.startswith(("ssl", "gss")) or name in ("hostaddr", "channel_binding")


def _encrypted(engine: Engine, asked: Mapping[str, str]) -> Server | None:
    """The server if the engine's own connection is encrypted, else None.

    The embedded clients were built without TLS, so they then need the relay.
    """
    import ssl

    from neuroplay.infra.db.tls_relay import Server, libpq_context

    with engine.connect() as connection:
        raw = connection.connection.driver_connection
        assert raw is not None  # noqa: S101 - it is connected
        info = raw.info
        if not info.ssl_in_use:
            return None
        host, address, port = info.host, info.dsn_parameters.get("hostaddr"), info.port
    try:
        context = libpq_context(asked)
    except (OSError, ssl.SSLError) as error:
        raise BackupFailed(
            f"the certificates of DATABASE_URL cannot be read: {error}",
            hint="Check sslrootcert, sslcert and sslkey",
        ) from None
    return Server(host=host, address=address or host, port=port, context=context)


def path_of(program: str) -> str:
    from neuroplay.infra.embedded.binaries import postgres_bin

    return str(postgres_bin() / program)


class Program:
    """A running client. `errors` is its standard error, for `check`."""

    def __init__(self, process: subprocess.Popen[bytes], errors: IO[bytes]) -> None:
        self._process, self._errors = process, errors

    @property
    def output(self) -> IO[bytes]:
        assert self._process.stdout is not None  # noqa: S101 - started with a pipe
        return self._process.stdout

    def write(self, data: bytes) -> bool:
        """Whether the client accepted `data`; False if it has ended, see `check`."""
        assert self._process.stdin is not None  # noqa: S101 - started with a pipe
        try:
            self._process.stdin.write(data)
            self._process.stdin.flush()
        except BrokenPipeError:
            return False
        return True

    def end(self) -> None:
        """Close its standard input."""
        assert self._process.stdin is not None  # noqa: S101 - started with a pipe
        try:
            self._process.stdin.close()
        except BrokenPipeError:
            return

    def check(self) -> None:
        """Wait until it ends. Raises BackupFailed with the program's message if it failed."""
        if self._process.wait() == 0:
            return
        self._errors.seek(0)
        # Only the first error: the lines after it may quote rows.
        lines = self._errors.read().decode(errors="replace").splitlines()
        words = next((line for line in lines if "error" in line.lower()), "it printed no error")
        program = Path(str(self._process.args[0])).name  # type: ignore[index]
        why = words.partition("rror: ")[2] or words.partition("ERROR: ")[2] or words
        raise BackupFailed(f"{program} failed: {why.strip()}", hint="Nothing was changed")


@contextmanager
def running(
    command: Argv, *, stdin: int = subprocess.DEVNULL, stdout: int = subprocess.DEVNULL
) -> Iterator[Program]:
    """A client that is killed if the block raises, and waited for at its end."""
    argv, environment = command
    with (
        tempfile.TemporaryFile() as errors,
        subprocess.Popen(
            argv,
            stdin=stdin,
            stdout=stdout,
            stderr=errors,
            env={**os.environ, **_PLAIN, **environment},
        ) as process,
    ):
        try:
            yield Program(process, errors)
        except BaseException:
            process.kill()
            raise
