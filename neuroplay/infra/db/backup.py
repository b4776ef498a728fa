"""Back up NeuroPlay's tables to a file, and restore them.

Runs pg_dump, pg_restore and psql of the embedded PostgreSQL, also against an external server. The
file is a pg_dump archive in custom format. FILE.sha256 beside it has the format of sha256sum. Both
can therefore be used without NeuroPlay. A restore is one transaction: if it fails, the database is
unchanged.
"""

from __future__ import annotations

import glob
import hashlib
import os
import re
import subprocess
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from threading import Thread
from typing import IO, TYPE_CHECKING

from neuroplay.infra.db import secret_mark
from neuroplay.infra.db.coverage import before_snapshot, cover, new_epoch
from neuroplay.infra.db.dump_programs import (
    CHUNK_BYTES,
    BackupFailed,
    Program,
    as_script,
    client,
    feed,
    running,
)
from neuroplay.infra.db.erasing import erasing
from neuroplay.infra.db.restored import completing
from neuroplay.infra.db.sealing import is_sealed, seal
from neuroplay.whole_files import PART, folder_lock, part_of, private, publish, sync_file

if TYPE_CHECKING:
    from pyrage import x25519
    from sqlalchemy import Connection, Engine

    from neuroplay.core.entities.erasure import Erasure
from neuroplay.core.entities.sync_item import UNDECIDED

LOCK_PATIENCE = "60s"
"""How long a dump waits for a migration, and a restore for open transactions."""

_SCHEMA = """COALESCE(
    (SELECT relnamespace::regnamespace::text FROM pg_class
      WHERE oid = to_regclass('alembic_version')),
    quote_ident(current_schema()))"""
# The schema that has our tables, or in which they would be created.

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
# Drops all our tables: a newer release may have some that are not in the file but refer to those
# that are.

_TOO_NEW = b"SET transaction_timeout = 0;\n"
"""pg_restore 17 and later write this setting; PostgreSQL 15 and 16 do not know it."""

_VERSION = re.compile(
    r"^COPY (\S+|\".*\")\.alembic_version \(version_num\) FROM stdin;\n(.+)$", re.MULTILINE
)

_BESIDE = re.compile(r"^# NeuroPlay: schema (\w+), secret (\w+), of (\S+)$", re.MULTILINE)

_MAGIC = b"PGDMP"
"""The first bytes of a pg_dump archive in custom format."""

_HEAD_BYTES = 4096
"""Enough for the settings at the start of the script, `_TOO_NEW` among them."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Written:
    """A backup on disk. `sha256` is hexadecimal."""

    size_bytes: int
    sha256: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Contents:
    """How many students, counted sessions (folded ones too), pending inbox items, and items that
    wait for a decision a database has."""

    students: int
    sessions: int
    pending: int
    undecided: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Head:
    """What a backup says before its rows are read. `taken_at` is the moment that it is of."""

    revision: str
    secret_mark: str | None
    taken_at: datetime


def back_up(
    engine: Engine,
    file: Path,
    *,
    recipients: Sequence[x25519.Recipient] = (),
    progress: Callable[[int], None],
) -> Written:
    """Write a consistent snapshot of the tables to `file`, which only its owner can read; with
    `recipients`, only they can.

    An existing file is replaced once the new one is complete and on disk. `progress` is called with
    the number of bytes written so far. The database then records what the backup covers. Raises
    BackupFailed, OSError, StoreUnavailable.
    """
    _check_server(engine)
    snapshot = before_snapshot(engine)
    file = Path(os.path.realpath(file))
    part, line_part = part_of(file), part_of(checksum_file(file))
    try:
        beside = _beside(engine) if recipients else ""
        written = _dump(engine, part, recipients, progress)
        with private(line_part) as line:
            line.write(f"{written.sha256}  ".encode() + os.fsencode(file.name) + b"\n")
            line.write(beside.encode())
            sync_file(line)
        checksum_file(file).unlink(missing_ok=True)  # it belongs to the file being replaced
        publish(part, file)
        publish(line_part, checksum_file(file))
    finally:
        part.unlink(missing_ok=True)
        line_part.unlink(missing_ok=True)
    cover(engine, snapshot)
    return written


@contextmanager
def one_at_a_time(file: Path) -> Iterator[None]:
    """Let one process at a time back up to the folder of `file`. Waits. Raises OSError.

    Also removes the partial files of backups that were killed.
    """
    file = Path(os.path.realpath(file))
    with folder_lock(file.parent):
        for target in (file, checksum_file(file)):
            for part in file.parent.glob(f".{glob.escape(target.name)}.*{PART}"):
                part.unlink(missing_ok=True)
        yield


def restore(
    engine: Engine,
    file: Path,
    *,
    erasures: Sequence[Erasure],
    progress: Callable[[int], None],
) -> int:
    """Replace all of NeuroPlay's tables by those in `file`, without who was erased since, and
    begin a new epoch. Returns how many students of the file were erased.

    No other process should use the database meanwhile. `progress` is called with the number of
    bytes read so far. Raises BackupFailed, OSError, StoreUnavailable.
    """
    _check_server(engine)
    schema = _schema(engine)
    file_schema, _ = _schema_and_revision(file)
    if file_schema != schema:
        raise BackupFailed(
            f"the tables in {file} are of the schema {file_schema}, and this database's are of "
            f"{schema}",
            hint=f"Let DATABASE_URL end in ?options=-csearch_path%3D{file_schema}",
        )
    options = ("-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-o", os.devnull)
    script = erasing(schema, erasures, nowhere=os.devnull)
    with (
        file.open("rb") as archive,
        client(engine, "psql", *options) as psql,
        running(psql, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as server,
        running(as_script(), stdin=subprocess.PIPE, stdout=subprocess.PIPE) as reader,
    ):
        server.write(_EMPTY.encode())
        forwarding = Thread(target=_forward, args=(reader.output, server), daemon=True)
        forwarding.start()
        feed(archive, reader, progress)
        reader.end()
        forwarding.join()
        reader.check()
        done = new_epoch(schema) + completing(schema, script)
        server.write(done.encode())  # has the COMMIT
        server.end()
        erased = server.output.read()
        server.check()
    return int(erased)


def finish_recovery(engine: Engine, erasures: Sequence[Erasure]) -> int:
    """Do in a database that was recovered from a standby what `restore` does in the end. Returns
    how many students were erased again. Raises BackupFailed, StoreUnavailable."""
    schema = _schema(engine)
    options = ("-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-o", os.devnull)
    script = erasing(schema, erasures, nowhere=os.devnull)
    with (
        client(engine, "psql", *options) as psql,
        running(psql, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as server,
    ):
        done = new_epoch(schema) + completing(schema, script)
        server.write(b"BEGIN;" + done.encode())  # has the COMMIT
        server.end()
        erased = server.output.read()
        server.check()
    return int(erased)


def checksum_file(file: Path) -> Path:
    return file.with_name(f"{file.name}.sha256")


def checksum_holds(file: Path) -> bool | None:
    """Whether `file` matches its checksum; None if it has none."""
    try:
        wanted = checksum_file(file).read_bytes().split()[0].decode(errors="replace")
    except (FileNotFoundError, IndexError):
        return None
    found = hashlib.sha256()
    with file.open("rb") as opened:
        while chunk := opened.read(CHUNK_BYTES):
            found.update(chunk)
    return found.hexdigest() == wanted


def check_archive(file: Path) -> None:
    """Raise BackupFailed if `file` is not an archive of pg_dump in custom format, and not one that
    is encrypted."""
    if file.is_file():
        with file.open("rb") as opened:
            if opened.read(len(_MAGIC)) == _MAGIC or is_sealed(file):
                return
    raise BackupFailed(f"{file} is not a backup", hint="Give a file written by `db backup`")


def head_beside(file: Path) -> Head:
    """What is written beside an encrypted file. Raises BackupFailed."""
    try:
        said = _BESIDE.search(checksum_file(file).read_text(errors="replace"))
    except FileNotFoundError:
        said = None
    if said is None:
        raise BackupFailed(
            f"{checksum_file(file).name} does not say of which schema and secret {file} is",
            hint="Copy both files again, or use another backup",
        )
    return Head(
        revision=said[1],
        secret_mark=None if said[2] == "none" else said[2],
        taken_at=datetime.fromisoformat(said[3]),
    )


def _beside(engine: Engine) -> str:
    """A line about a backup that begins now, for the file beside it; sha256sum skips it."""
    with engine.connect() as connection:
        revision, now = connection.exec_driver_sql(
            "SELECT version_num, date_trunc('second', now()) FROM alembic_version"
        ).one()
    mark = secret_mark.stored(engine) or "none"
    return f"# NeuroPlay: schema {revision}, secret {mark}, of {now.astimezone(UTC).isoformat()}\n"


def _schema_and_revision(file: Path) -> tuple[str, str]:
    with running(
        as_script("--data-only", "--table=alembic_version", str(file)), stdout=subprocess.PIPE
    ) as reader:
        text = reader.output.read().decode(errors="replace")
        reader.check()
    found = _VERSION.search(text)
    if not found:
        raise BackupFailed(f"{file} contains no NeuroPlay tables")
    return found[1], found[2]


def _schema(engine: Engine) -> str:
    """The quoted name of the schema with our tables."""
    with engine.connect() as connection:
        return str(connection.exec_driver_sql(f"SELECT {_SCHEMA}").scalar_one())


def holds_tables(engine: Engine) -> bool:
    """Whether a restore would replace anything."""
    with engine.connect() as connection:
        found = connection.exec_driver_sql(
            f"SELECT count(*) FROM pg_tables WHERE {_OWN}"  # noqa: S608 - a constant
        ).scalar_one()
    return int(found) > 0


def contents(engine: Engine) -> Contents:
    """Count what the database has. Works with every revision of the schema."""
    with engine.connect() as connection:
        row = connection.exec_driver_sql(
            "SELECT (SELECT count(*) FROM students), "
            "(SELECT coalesce(sum(sessions), 0) FROM students), "
            "(SELECT count(*) FROM sync_inbox WHERE state = 'pending'), "
            # The column is younger than the table.
            "(SELECT count(*) FROM sync_inbox AS i WHERE state = ANY(%s) "
            "AND to_jsonb(i) ->> 'dismissed_at' IS NULL)",
            ([state.value for state in UNDECIDED],),
        ).one()
    return Contents(students=row[0], sessions=int(row[1]), pending=row[2], undecided=row[3])


def others(engine: Engine) -> int:
    """How many other NeuroPlay connections this database has."""
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


def _dump(
    engine: Engine,
    part: Path,
    recipients: Sequence[x25519.Recipient],
    progress: Callable[[int], None],
) -> Written:
    options = (
        "--format=custom",
        f"--table={_schema(engine)}.*",
        "--no-owner",
        "--no-privileges",
        f"--lock-wait-timeout={LOCK_PATIENCE}",
    )
    with (
        private(part) as file,
        client(engine, "pg_dump", *options) as argv,
        running(argv, stdout=subprocess.PIPE) as dump,
    ):
        target = _Counted(file, progress)
        if recipients:
            seal(dump.output, target, recipients)
        else:
            while chunk := dump.output.read(CHUNK_BYTES):
                target.write(chunk)
        dump.check()
        sync_file(file)
    return Written(size_bytes=target.size, sha256=target.digest.hexdigest())


class _Counted:
    """A file to write to, which keeps the size and SHA-256 of what was written."""

    def __init__(self, file: IO[bytes], progress: Callable[[int], None]) -> None:
        self._file, self._progress = file, progress
        self.digest, self.size = hashlib.sha256(), 0

    def write(self, chunk: bytes) -> int:
        self._file.write(chunk)
        self.digest.update(chunk)
        self.size += len(chunk)
        self._progress(self.size)
        return len(chunk)

    def flush(self) -> None:
        self._file.flush()


def _forward(script: IO[bytes], server: Program) -> None:
    """Send the script to the server, without the setting that older servers do not know.

    Reads to the end even if the server has failed: pg_restore would block on a full pipe.
    """
    head = script.read(_HEAD_BYTES).replace(_TOO_NEW, b"", 1)
    accepted = server.write(head)
    while chunk := script.read1(CHUNK_BYTES):  # type: ignore[attr-defined]
        accepted = accepted and server.write(chunk)
