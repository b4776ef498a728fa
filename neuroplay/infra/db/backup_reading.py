"""Read a backup from beginning to end, without a database."""

from __future__ import annotations

import re
import subprocess
from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from neuroplay.infra.db.backup import Contents, Head, head_beside
from neuroplay.infra.db.dump_programs import BackupFailed, as_script, feed, listing, running
from neuroplay.infra.db.sealing import is_sealed

_COPY = re.compile(rb"COPY (?:\S+|\".*\")\.(\w+) \((.*)\) FROM stdin;\n")
_TAKEN = re.compile(r"^; Archive created at (\S+ \S+)", re.MULTILINE)
_END = b"\\.\n"

_READ = {
    "alembic_version": b"version_num",
    "installation": b"secret_mark",
    "students": b"sessions",
    "sync_inbox": b"state",
}
"""Of the rows of these tables, one column; those of others are only counted."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ReadBackup:
    """What a backup has. `secret_mark` is that of infra.db.secret_mark; None if there is none."""

    revision: str
    contents: Contents
    secret_mark: str | None


def head_of(file: Path) -> Head:
    """Of an encrypted file, what is written beside it. Raises BackupFailed if it is not one of
    NeuroPlay's."""
    if is_sealed(file):
        return head_beside(file)
    tables = [f"--table={name}" for name in ("alembic_version", "installation")]
    with running(as_script("--data-only", *tables, str(file)), stdout=subprocess.PIPE) as program:
        _, values = _count_all(program.output)
        program.check()
    with running(listing(file), stdout=subprocess.PIPE) as program:
        said = _TAKEN.search(program.output.read().decode(errors="replace"))
        program.check()
    if not values["alembic_version"] or said is None:
        raise BackupFailed(f"{file} contains no NeuroPlay tables")
    return Head(
        revision=next(iter(values["alembic_version"])),
        secret_mark=next(iter(values["installation"]), None),
        taken_at=datetime.fromisoformat(said[1]).replace(tzinfo=UTC),
    )


def read_through(file: Path, *, progress: Callable[[int], None]) -> ReadBackup:
    """Uncompress and parse the whole archive, as a restore would.

    `progress` is called with the number of bytes read so far. Raises BackupFailed if it cannot be
    read to its end or is not one of NeuroPlay's, OSError.
    """
    with (
        file.open("rb") as archive,
        ThreadPoolExecutor(max_workers=1) as pool,
        running(as_script("--data-only"), stdin=subprocess.PIPE, stdout=subprocess.PIPE) as program,
    ):
        counting = pool.submit(_count_all, program.output)
        feed(archive, program, progress)
        program.end()
        rows, values = counting.result()
        program.check()
    if not values["alembic_version"]:
        raise BackupFailed(f"{file} contains no NeuroPlay tables")
    states = values["sync_inbox"]
    return ReadBackup(
        revision=next(iter(values["alembic_version"])),
        contents=Contents(
            students=rows["students"],
            sessions=sum(int(counted) * n for counted, n in values["students"].items()),
            pending=states["pending"],
            undecided=sum(states[one] for one in ("failed", "held", "invalid", "conflict")),
        ),
        secret_mark=next(iter(values["installation"]), None),
    )


def _count_all(script: IO[bytes]) -> tuple[Counter[str], dict[str, Counter[str]]]:
    """As `_count`. Reads to the end even if that fails: pg_restore would block on a full pipe, and
    `feed` with it."""
    try:
        return _count(script)
    finally:
        for _ in script:
            pass


def _count(script: Iterable[bytes]) -> tuple[Counter[str], dict[str, Counter[str]]]:
    """The number of rows of each table, and of each value in the columns of `_READ`."""
    rows: Counter[str] = Counter()
    values: dict[str, Counter[str]] = {table: Counter() for table in _READ}
    table, column = None, None
    for line in script:
        if table is None:
            if found := _COPY.fullmatch(line):
                table = found[1].decode()
                columns, wanted = found[2].split(b", "), _READ.get(table)
                column = columns.index(wanted) if wanted and wanted in columns else None
        elif line == _END:
            table = None
        else:
            rows[table] += 1
            if column is not None:
                values[table][line.rstrip(b"\n").split(b"\t")[column].decode()] += 1
    return rows, values
