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

from neuroplay.core.entities.sync_item import UNDECIDED
from neuroplay.infra.db.backup import Contents, Head, head_beside
from neuroplay.infra.db.dump_programs import BackupFailed, as_script, feed, listing, running
from neuroplay.infra.db.sealing import is_sealed

_COPY = re.compile(rb"COPY (?:\S+|\".*\")\.(\w+) \((.*)\) FROM stdin;\n")
_TAKEN = re.compile(r"^; Archive created at (\S+ \S+)", re.MULTILINE)
_END = b"\\.\n"

_READ = {
    "alembic_version": (b"version_num",),
    "installation": (b"secret_mark",),
    "students": (b"sessions",),
    "sync_inbox": (b"state", b"dismissed_at"),
}
"""Of the rows of these tables, some columns; those of others are only counted."""

_NULL = b"\\N"

_Row = tuple[str | None, ...]
"""The columns of `_READ`; None for NULL, and for a column that an older schema lacks."""


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
        revision=_first(values["alembic_version"]) or "",
        secret_mark=_first(values["installation"]),
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
    items = values["sync_inbox"]
    return ReadBackup(
        revision=_first(values["alembic_version"]) or "",
        contents=Contents(
            students=rows["students"],
            sessions=sum(int(counted or 0) * n for (counted,), n in values["students"].items()),
            pending=items["pending", None],
            undecided=sum(items[state, None] for state in UNDECIDED),
        ),
        secret_mark=_first(values["installation"]),
    )


def _first(found: Counter[_Row]) -> str | None:
    return next(iter(found), (None,))[0]


def _count_all(script: IO[bytes]) -> tuple[Counter[str], dict[str, Counter[_Row]]]:
    """As `_count`. Reads to the end even if that fails: pg_restore would block on a full pipe, and
    `feed` with it."""
    try:
        return _count(script)
    finally:
        for _ in script:
            pass


def _count(script: Iterable[bytes]) -> tuple[Counter[str], dict[str, Counter[_Row]]]:
    """The number of rows of each table, and of equal ones in the columns of `_READ`."""
    rows: Counter[str] = Counter()
    values: dict[str, Counter[_Row]] = {table: Counter() for table in _READ}
    table: str | None = None
    places: list[int | None] = []
    for line in script:
        if table is None:
            if found := _COPY.fullmatch(line):
                table = found[1].decode()
                columns = found[2].split(b", ")
                places = [
                    columns.index(name) if name in columns else None
                    for name in _READ.get(table, ())
                ]
        elif line == _END:
            table = None
        else:
            rows[table] += 1
            if places:
                cells = line.rstrip(b"\n").split(b"\t")
                found_here = (None if n is None else cells[n] for n in places)
                row = tuple(None if one in (None, _NULL) else one.decode() for one in found_here)
                values[table][row] += 1
    return rows, values
