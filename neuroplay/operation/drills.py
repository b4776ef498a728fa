"""Drills: restore a backup into a private database, check its books, and remove it again."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from neuroplay.infra.db import upkeep
from neuroplay.infra.db.backup import Contents
from neuroplay.infra.db.books import unbooked
from neuroplay.infra.embedded import folders
from neuroplay.infra.embedded.postgres import NEW_CLUSTER_BYTES
from neuroplay.operation import backups, schema

if TYPE_CHECKING:
    from neuroplay.bootstrap import Container
    from neuroplay.config import Settings
    from neuroplay.core.entities.erasure import Erasure

UNPACKED = 12
"""Bytes that a byte of a backup takes on disk once restored, with indexes; 7 were measured
(`benchmarks restore`), and a database that has been written to has some air."""

Report = Callable[[str], None]
"""Is told what the drill is doing."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Drill:
    """What a drill found.

    `seconds` are those of each step, in order. `differences` counts parts of progress that do not
    follow from the sessions, `unbooked` sessions that were counted and are in no book, `returned`
    erased students who are there.
    """

    head: backups.Head
    contents: Contents
    erased: int
    differences: int
    unbooked: int
    returned: int
    finished_at: datetime
    seconds: dict[str, float] = field(default_factory=dict)

    @property
    def is_good(self) -> bool:
        return not (self.differences or self.unbooked or self.returned)

    @property
    def rpo_s(self) -> float:
        """Of how many seconds the games would be lost if the database were lost now."""
        return (self.finished_at - self.head.taken_at).total_seconds()

    @property
    def rto_s(self) -> float:
        """Seconds until the backup can be served."""
        return sum(self.seconds[step] for step in ("start", "restore", "migrate"))


def space_needed(file: Path) -> int:
    """Bytes of disk that a drill of this backup takes, estimated generously."""
    return NEW_CLUSTER_BYTES + UNPACKED * file.stat().st_size


def drill(
    settings: Settings,
    file: Path,
    *,
    erasures: Sequence[Erasure],
    folder: Path,
    report: Report = lambda _: None,
) -> Drill:
    """Restore `file` into a private database below `folder`. Everything is removed afterwards.

    Raises CannotStart if the disk is too small, BackupFailed, OSError.
    """
    from neuroplay.bootstrap import now

    head = backups.head_of(file)
    folders.need_space(
        folder, space_needed(file), hint="Free some space, or give another folder with --in"
    )
    watch = Stopwatch()
    report("Starting a private database")
    with private_database(settings, folder) as container:
        watch.lap("start")
        report("Restoring")
        erased = backups.restore(container.engine, file, erasures=erasures, progress=lambda _: None)
        watch.lap("restore")
        report("Migrating")
        schema.migrate(container, schema.look(container), lambda _: None)
        watch.lap("migrate")
        report("Checking the books")
        found = Drill(
            head=head,
            contents=backups.contents(container.engine),
            erased=erased,
            differences=_differences(container, report),
            unbooked=unbooked(container.engine),
            returned=backups.returned(container.engine, erasures),
            finished_at=now(),
            seconds=watch.seconds,
        )
        watch.lap("check")
    return found


class Stopwatch:
    """Seconds of the steps of something, by their names."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._since = time.monotonic()

    def lap(self, step: str) -> None:
        now = time.monotonic()
        self.seconds[step], self._since = now - self._since, now


@contextmanager
def private_database(settings: Settings, folder: Path) -> Iterator[Container]:
    """A container on a new, empty database of its own below `folder`."""
    with tempfile.TemporaryDirectory(prefix="neuroplay-drill-", dir=folder) as made:
        home = Path(made) / "home"
        with backups.alone(replace(settings, home=home, database_url="")) as container:
            yield container


def record(settings: Settings, found: Drill, *, who: str) -> None:
    """Note a good drill in the database of the settings. Raises NeuroPlayError."""
    details = {"rpo_seconds": round(found.rpo_s), "rto_seconds": round(found.rto_s, 1)}
    with backups.readable(settings) as container:
        upkeep.note(container.engine, "drill", who=who, details=details)


def _differences(container: Container, report: Report) -> int:
    found = 0
    for count, student_id in enumerate(container.recompute.students(), start=1):
        found += len(container.recompute.execute(student_id, correct=False))
        report(f"Checking the books: {count} of the students")
    return found
