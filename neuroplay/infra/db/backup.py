"""All of NeuroPlay's tables in one file, and back: pg_dump, pg_restore and psql of the embedded
PostgreSQL, on whichever server the system uses.

The file is a custom archive of pg_dump. Beside it lies FILE.sha256, as sha256sum writes it, so
that either can be checked and read without NeuroPlay. A restore is one transaction: whatever goes
wrong, the database is as it was before.
"""

from __future__ import annotations

import glob
import hashlib
import os
import re
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Thread
from typing import IO, TYPE_CHECKING, Any

from neuroplay.core.errors import SettingsError
from neuroplay.whole_files import PART, folder_lock, part_of, private, publish, settle

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

    from neuroplay.infra.db.tls_relay import Server

CHUNK_BYTES = 1 << 20

LOCK_PATIENCE = "60s"
"""How long a dump waits for a migration, and a restore for those who still read."""

_SCHEMA = """COALESCE(
    (SELECT relnamespace::regnamespace::text FROM pg_class
      WHERE oid = to_regclass('alembic_version')),
    quote_ident(current_schema()))"""
# Where our tables are, or would be made: public, or what the search_path says.

_OWN = f"quote_ident(schemaname) = {_SCHEMA} AND tableowner = current_user"

_EMPTY = f"""
BEGIN;
SET LOCAL lock_timeout = '{LOCK_PATIENCE}';
DO $$
DECLARE one text;
BEGIN
    FOR one IN SELECT format('%I.%I', schemaname, tablename) FROM pg_tables WHERE {_OWN} LOOP
        EXECUTE 'DROP TABLE ' || one || ' CASCADE';
    END LOOP;
END $$;
"""  # noqa: S608 - constants
# Of a newer release's tables, too, which are not in the file and would be in its way.

_DONE = """
UPDATE {schema}.sync_inbox SET leased_until = NULL WHERE leased_until IS NOT NULL;
COMMIT;
ANALYZE;
"""
# Whoever had claimed rows when the backup was made does not work on them any more.

_TOO_NEW = b"SET transaction_timeout = 0;\n"
"""pg_restore 17 and later say this; PostgreSQL 15 and 16 do not know it."""

_VERSION = re.compile(
    r"^COPY (\S+|\".*\")\.alembic_version \(version_num\) FROM stdin;\n(.+)$", re.MULTILINE
)

_HEAD_BYTES = 4096
"""The script's settings, where that line stands, fit into this."""


class BackupFailed(SettingsError):  # noqa: N818 - it names what happened
    """A backup could not be made or brought back; nothing was changed."""

    code = "backup_failed"


@dataclass(frozen=True, kw_only=True, slots=True)
class Written:
    """A backup as it lies on disk."""

    size_bytes: int
    sha256: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Contents:
    """How many students, counted sessions and games that still wait a database holds."""

    students: int
    sessions: int
    pending: int


def back_up(engine: Engine, file: Path, *, progress: Callable[[int], None]) -> Written:
    """Write one moment's tables to `file`, readable by its owner alone, over one that was there.

    `file` appears when it is whole and on disk. `progress` hears the bytes written so far. Raises
    BackupFailed, OSError, StoreUnavailable.
    """
    _check_server(engine)
    file = Path(os.path.realpath(file))
    part, line_part = part_of(file), part_of(checksum_file(file))
    try:
        written = _dump(engine, part, progress)
        with private(line_part) as line:
            line.write(f"{written.sha256}  {file.name}\n".encode())
            settle(line)
        checksum_file(file).unlink(missing_ok=True)  # never beside another file than its own
        publish(part, file)
        publish(line_part, checksum_file(file))
    finally:
        part.unlink(missing_ok=True)
        line_part.unlink(missing_ok=True)
    return written


@contextmanager
def one_at_a_time(file: Path) -> Iterator[None]:
    """Whoever backs up to the folder of `file` waits for who does so already. Raises OSError."""
    file = Path(os.path.realpath(file))
    with folder_lock(file.parent):
        for left in (file, checksum_file(file)):  # by one that was killed
            for part in file.parent.glob(f".{glob.escape(left.name)}.*{PART}"):
                part.unlink(missing_ok=True)
        yield


def restore(engine: Engine, file: Path, *, progress: Callable[[int], None]) -> None:
    """Put the tables of `file` in the place of all that the database holds.

    Nobody else should use the database meanwhile. `progress` hears the bytes read so far. Raises
    BackupFailed, OSError, StoreUnavailable.
    """
    _check_server(engine)
    schema = _schema(engine)
    theirs, _ = _schema_and_revision(file)
    if theirs != schema:
        raise BackupFailed(
            f"the tables in {file} are of the schema {theirs}, and this database's are of {schema}",
            hint=f"Let DATABASE_URL end in ?options=-csearch_path%3D{theirs}",
        )
    options = ("-X", "-q", "-v", "ON_ERROR_STOP=1", "-o", os.devnull)
    with (
        file.open("rb") as archive,
        _client(engine, "psql", *options) as psql,
        _running(psql, stdin=subprocess.PIPE) as server,
        _running(_reader(), stdin=subprocess.PIPE, stdout=subprocess.PIPE) as reader,
    ):
        server.write(_EMPTY.encode())
        passing = Thread(target=_pass_on, args=(reader.output, server), daemon=True)
        passing.start()
        _feed(archive, reader, progress)
        reader.end()
        passing.join()
        reader.check()
        server.write(_DONE.format(schema=schema).encode())  # without this, all of it is rolled back
        server.end()
        server.check()


def checksum_file(file: Path) -> Path:
    return file.with_name(f"{file.name}.sha256")


def checksum_holds(file: Path) -> bool | None:
    """Whether `file` is what was written; None where no checksum lies beside it."""
    try:
        wanted = checksum_file(file).read_text(encoding="utf-8").split()[0]
    except (FileNotFoundError, IndexError):
        return None
    found = hashlib.sha256()
    with file.open("rb") as opened:
        while chunk := opened.read(CHUNK_BYTES):
            found.update(chunk)
    return found.hexdigest() == wanted


def revision_of(file: Path) -> str:
    """The revision of the schema in `file`. Raises BackupFailed where it is no backup of ours."""
    return _schema_and_revision(file)[1]


def _schema_and_revision(file: Path) -> tuple[str, str]:
    with _running(
        _reader("--data-only", "--table=alembic_version", str(file)), stdout=subprocess.PIPE
    ) as reader:
        text = reader.output.read().decode(errors="replace")
        reader.check()
    found = _VERSION.search(text)
    if not found:
        raise BackupFailed(f"{file} contains no NeuroPlay tables")
    return found[1], found[2]


def _schema(engine: Engine) -> str:
    """As SQL writes its name."""
    with engine.connect() as connection:
        return str(connection.exec_driver_sql(f"SELECT {_SCHEMA}").scalar_one())


def holds_tables(engine: Engine) -> bool:
    """Whether anything would be replaced by a restore."""
    with engine.connect() as connection:
        found = connection.exec_driver_sql(
            f"SELECT count(*) FROM pg_tables WHERE {_OWN}"  # noqa: S608 - a constant
        ).scalar_one()
    return int(found) > 0


def contents(engine: Engine) -> Contents:
    """Whatever the schema's age."""
    with engine.connect() as connection:
        row = connection.exec_driver_sql(
            "SELECT (SELECT count(*) FROM students), (SELECT count(*) FROM game_sessions), "
            "(SELECT count(*) FROM sync_inbox WHERE state = 'pending')"
        ).one()
    return Contents(students=row[0], sessions=row[1], pending=row[2])


def others(engine: Engine) -> int:
    """Connections of NeuroPlay's processes to this database, but for this one's."""
    with engine.connect() as connection:
        found = connection.exec_driver_sql(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
            "AND application_name = current_setting('application_name') AND pid <> ALL (%s)",
            ([_pid(connection)],),
        ).scalar_one()
    return int(found)


def _pid(connection: Connection) -> int:
    return int(connection.exec_driver_sql("SELECT pg_backend_pid()").scalar_one())


def _check_server(engine: Engine) -> None:
    from neuroplay.infra.db.engine import is_pooled
    from neuroplay.infra.embedded.binaries import POSTGRES_MAJOR

    if is_pooled(engine):
        raise BackupFailed(
            "a pooler of transactions gives pg_dump and pg_restore another session each time, and "
            "they need one",
            hint="For this command set DATABASE_URL to the server itself, and NEUROPLAY_DB_POOLER "
            "to none",
        )
    with engine.connect() as connection:
        version = int(connection.exec_driver_sql("SHOW server_version_num").scalar_one())
    if version // 10_000 > POSTGRES_MAJOR:
        raise BackupFailed(
            f"the server is PostgreSQL {version // 10_000}; this release's pg_dump is "
            f"{POSTGRES_MAJOR} and reads no later ones",
            hint=f"Use pg_dump and pg_restore of PostgreSQL {version // 10_000}",
        )


def _dump(engine: Engine, part: Path, progress: Callable[[int], None]) -> Written:
    options = (
        "--format=custom",
        f"--table={_schema(engine)}.*",
        "--no-owner",
        "--no-privileges",
        f"--lock-wait-timeout={LOCK_PATIENCE}",
    )
    digest, size = hashlib.sha256(), 0
    with (
        private(part) as file,
        _client(engine, "pg_dump", *options) as argv,
        _running(argv, stdout=subprocess.PIPE) as dump,
    ):
        while chunk := dump.output.read(CHUNK_BYTES):
            file.write(chunk)
            digest.update(chunk)
            size += len(chunk)
            progress(size)
        dump.check()
        settle(file)
    return Written(size_bytes=size, sha256=digest.hexdigest())


def _feed(archive: IO[bytes], reader: _Program, progress: Callable[[int], None]) -> None:
    done = 0
    while chunk := archive.read(CHUNK_BYTES):
        if not reader.write(chunk):
            return
        done += len(chunk)
        progress(done)


def _pass_on(script: IO[bytes], server: _Program) -> None:
    """Give the script to the server, but for the setting that older ones do not know."""
    head = script.read(_HEAD_BYTES).replace(_TOO_NEW, b"", 1)
    going = server.write(head)
    while chunk := script.read1(CHUNK_BYTES):  # type: ignore[attr-defined]
        going = going and server.write(chunk)


def _reader(*options: str) -> _Argv:
    argv = [_path("pg_restore"), "--no-owner", "--no-privileges", "--file=-", *options]
    return argv, {}


_Argv = tuple[list[str], dict[str, str]]


@contextmanager
def _client(engine: Engine, program: str, *options: str) -> Iterator[_Argv]:
    """A client's command line for the engine's database; a password goes by the environment,
    where other users of the machine cannot read it."""
    from psycopg2.extensions import make_dsn

    from neuroplay.infra.db.tls_relay import PORT, relay

    url = engine.url
    named = {"host": url.host, "port": url.port, "user": url.username, "dbname": url.database}
    asked = {
        name: value if isinstance(value, str) else ",".join(value)
        for name, value in url.query.items()
    }
    password = asked.pop("password", None) or url.password
    parts: dict[str, Any] = {k: v for k, v in {**named, **asked}.items() if v}
    environment = {"PGPASSWORD": str(password)} if password else {}
    with ExitStack() as stack:
        if server := _encrypted(engine, asked):
            folder = stack.enter_context(relay(server))
            parts = {k: v for k, v in parts.items() if not _of_the_way(k)}
            parts |= {"host": str(folder), "port": PORT}
            parts |= {"sslmode": "disable", "channel_binding": "disable"}
            environment["PGHOSTADDR"] = ""
        argv = [_path(program), *options, "--no-password", "--dbname", make_dsn(**parts)]
        yield argv, environment


def _of_the_way(name: str) -> bool:
    """Whether a parameter says how a server is reached, and not what is done there."""
    return name.startswith(("ssl", "gss")) or name in ("hostaddr", "channel_binding")


def _encrypted(engine: Engine, asked: Mapping[str, str]) -> Server | None:
    """The server, where the engine's own connection to it is encrypted: then the clients', which
    were built without TLS, shall be too."""
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


def _path(program: str) -> str:
    from neuroplay.infra.embedded.binaries import postgres_bin

    return str(postgres_bin() / program)


class _Program:
    """A running client; what it says of errors is kept for `check`."""

    def __init__(self, process: subprocess.Popen[bytes], said: IO[bytes]) -> None:
        self._process, self._said = process, said

    @property
    def output(self) -> IO[bytes]:
        assert self._process.stdout is not None  # noqa: S101 - started with a pipe
        return self._process.stdout

    def write(self, data: bytes) -> bool:
        """Whether it took it; one that ended did not, and `check` tells why."""
        assert self._process.stdin is not None  # noqa: S101 - started with a pipe
        try:
            self._process.stdin.write(data)
            self._process.stdin.flush()
        except BrokenPipeError:
            return False
        return True

    def end(self) -> None:
        """There is nothing more to read for it."""
        assert self._process.stdin is not None  # noqa: S101 - started with a pipe
        try:
            self._process.stdin.close()
        except BrokenPipeError:
            return

    def check(self) -> None:
        """Wait for its end. Raises BackupFailed, in the program's own words, where it failed."""
        if self._process.wait() == 0:
            return
        self._said.seek(0)
        # The first complaint only: what follows may quote rows.
        lines = self._said.read().decode(errors="replace").splitlines()
        words = next((line for line in lines if "error" in line.lower()), "it said nothing")
        program = Path(str(self._process.args[0])).name  # type: ignore[index]
        why = words.partition("rror: ")[2] or words.partition("ERROR: ")[2] or words
        raise BackupFailed(f"{program} failed: {why.strip()}", hint="Nothing was changed")


@contextmanager
def _running(
    command: _Argv, *, stdin: int = subprocess.DEVNULL, stdout: int = subprocess.DEVNULL
) -> Iterator[_Program]:
    """A client that ends, by force if need be, with the block."""
    argv, environment = command
    with (
        tempfile.TemporaryFile() as said,
        subprocess.Popen(
            argv,
            stdin=stdin,
            stdout=stdout,
            stderr=said,
            env={**os.environ, "LC_ALL": "C", "PGAPPNAME": "neuroplay backup", **environment},
        ) as process,
    ):
        try:
            yield _Program(process, said)
        except BaseException:
            process.kill()
            raise
