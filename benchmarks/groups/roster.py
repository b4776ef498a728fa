"""A school of 10,000 children in 340 classes: previewed, imported, imported again, and undone.

A CSV file of whole names with registration numbers, and the same as OneRoster, through the use
cases on a private PostgreSQL. The second time nobody is added.
"""

from __future__ import annotations

import io
import time
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from benchmarks.groups.pipeline import store
from benchmarks.harness.figures import Figure, seconds
from benchmarks.harness.options import Options
from neuroplay.core.entities.roster import RosterSource

if TYPE_CHECKING:
    from neuroplay.bootstrap import Container
    from neuroplay.core.use_cases.apply_roster import AppliedRoster

CHILDREN = 10_000
IN_A_CLASS = 30
AIM_S = 10.0

FIRSTS = ("Ana", "Bruno", "Caio", "Davi", "Elisa", "Fábio", "Gabriela", "Heitor", "Inês", "José")
LASTS = ("Silva", "Souza", "Reis", "Lima", "Sá", "Melo", "Ávila", "Nunes", "Prado", "Rocha")

Row = tuple[int, str, str, int]
"""Number, first name, surname, class."""


def measure(options: Options) -> list[Figure]:
    rows = [
        (
            10_000 + n,
            FIRSTS[n % 10],
            f"{LASTS[n // 10 % 10]} {LASTS[n // 100 % 10]}",
            n // IN_A_CLASS,
        )
        for n in range(CHILDREN)
    ]
    times: dict[str, list[float]] = {}
    for name, source in (("CSV", _csv(rows)), ("OneRoster", _oneroster(rows))):
        for run in range(options.runs + 1):
            with store() as container:
                for what, taken, cpu in _steps(container, source):
                    if run:  # the first one warms up
                        about = f"{CHILDREN:,} lines of {name}, {what}"
                        times.setdefault(about, []).append(taken)
                        times.setdefault(f"{about}: CPU of Python", []).append(cpu)
    return [
        Figure(
            name=name,
            unit="s",
            aim=None if "CPU" in name or "imported" not in name else AIM_S,
            values=tuple(found),
        )
        for name, found in times.items()
    ]


def _steps(container: Container, source: RosterSource) -> Iterator[tuple[str, float, float]]:
    """What is done, and its seconds by the clock and of this process."""
    yield "previewed", *_timed(lambda: container.preview_roster.execute(None, source))
    for what, added in (("imported", CHILDREN), ("imported again", 0)):
        done: list[AppliedRoster] = []
        yield what, *_timed(lambda: done.append(_imported(container, source)))  # noqa: B023
        assert len(done[0].added) == added
    (made,) = container.list_imports.execute()
    yield "undone", *_timed(lambda: container.undo_import.execute(made.import_id))
    assert container.list_students.execute() == []


def _timed(action: Callable[[], object]) -> tuple[float, float]:
    begun = time.process_time()
    return seconds(action), time.process_time() - begun


def _imported(container: Container, source: RosterSource) -> AppliedRoster:
    """A preview and its import, as a command does both."""
    preview = container.preview_roster.execute(None, source)
    return container.apply_roster.execute(None, source, preview_id=preview.preview_id)


def _csv(rows: Sequence[Row]) -> RosterSource:
    lines = (f"{number};{first} {last};{_title(own)}" for number, first, last, own in rows)
    return RosterSource(name="school.csv", content=_text(["Matrícula;Nome completo;Turma", *lines]))


def _oneroster(rows: Sequence[Row]) -> RosterSource:
    classes = dict.fromkeys(own for *_, own in rows)
    files = {
        "manifest.csv": ["propertyName,value", "oneroster.version,1.2"],
        "classes.csv": ["sourcedId,title", *(f"c-{own},{_title(own)}" for own in classes)],
        "users.csv": [
            "sourcedId,givenName,familyName",
            *(f"u-{number},{first},{last}" for number, first, last, _ in rows),
        ],
        "enrollments.csv": [
            "sourcedId,classSourcedId,userSourcedId,role",
            *(f"e-{number},c-{own},u-{number},student" for number, _, _, own in rows),
        ],
    }
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, lines in files.items():
            archive.writestr(name, _text(lines))
    return RosterSource(name="export.zip", content=written.getvalue())


def _title(own: int) -> str:
    return f"Class {own}"


def _text(lines: Iterable[str]) -> bytes:
    return "\r\n".join(lines).encode()
