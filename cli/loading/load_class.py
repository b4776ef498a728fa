"""Creates and erases load classes: students for one load test."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cli.files.written import write_private
from cli.operator import operator
from cli.output.errors import CommandError, cannot, reason
from cli.output.terminal import Step, note, progress
from cli.server.reach import system
from neuroplay.core.entities.actor import Operator
from neuroplay.core.rules.nesting import read_json
from neuroplay.whole_files import read_whole

if TYPE_CHECKING:
    from neuroplay.bootstrap import Container

CLASS = 30
"""Students per class, as in a school, since the cost of a leaderboard depends on its class."""


LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
"""First sign-in of the students, so that their games may lie anywhere in the past."""


def make(container: Container, students: int) -> dict[str, Any]:
    """Create classes with `students` in total; returns their roster. On an error, erases what was
    created."""
    made: dict[str, Any] = {"classes": []}
    name = f"load test {datetime.now(UTC):%Y-%m-%d %H:%M:%S}"
    try:
        with progress("Creating the load class", total=students) as step:
            for start in range(0, students, CLASS):
                count = min(CLASS, students - start)
                one = container.create_class.execute(
                    f"{name} {start // CLASS + 1}",
                    count,
                    by=Operator(operator()),
                    first_sign_in_at=LONG_AGO,
                )
                made["classes"].append(
                    {
                        "class": {
                            "id": one.school_class.class_id,
                            "name": one.school_class.name,
                            "code": one.school_class.code,
                        },
                        "students": [
                            {"id": each.student.student_id, "card_code": each.card_code}
                            for each in one.students
                        ],
                    }
                )
                step(start + count)
    except BaseException:
        # By name, since the last class may be stored although `execute` has not returned.
        found = [
            (one.code, count)
            for one, count in container.list_classes.execute()
            if one.name.startswith(f"{name} ")
        ]
        _erase(container, found)
        raise
    return made


def erase(container: Container, roster: dict[str, Any]) -> int:
    """Erase the classes of a roster that still exist; returns how many students were erased."""
    return _erase(
        container, [(one["class"]["code"], len(one["students"])) for one in roster["classes"]]
    )


def _erase(container: Container, classes: Sequence[tuple[str, int]]) -> int:
    """Erase classes, given as (code, number of students)."""
    from neuroplay.core.errors import NotFound

    gone = 0
    with progress("Erasing the load class", total=sum(count for _, count in classes)) as step:
        for code, _ in classes:
            report = partial(_add, step, gone)
            with suppress(NotFound):
                removed = container.erase_class.execute(
                    f"code:{code}", by=Operator(operator()), progress=report
                )
                gone += removed.get("students", 0)
    return gone


def _add(step: Step, before: int, done: int) -> None:
    step(before + done)


def read(file: Path) -> dict[str, Any]:
    """Read a roster that `make` created. Raises CommandError."""
    try:
        document = read_json(read_whole(file))
        return {
            "classes": [
                {"class": {"code": str(one["class"]["code"])}, "students": list(one["students"])}
                for one in document["classes"]
            ]
        }
    except OSError as error:
        raise cannot(f"cannot read {file}: {reason(error)}") from error
    except (ValueError, KeyError, TypeError):
        raise CommandError(
            f"{file} is not the roster of a load class",
            hint="Create one: neuroplay loadtest roster FILE",
        ) from None


@contextmanager
def for_a_run(students: int, file: Path) -> Iterator[dict[str, Any]]:
    """Yields the roster of a load class, which is erased after the block. Meanwhile the roster is
    also in `file`, so that `loadtest roster FILE --erase` can erase the class if we are killed."""
    with system() as container:
        roster = make(container, students)
    try:
        write_private(file, json.dumps(roster).encode())
        yield roster
    finally:
        try:
            with system() as container:
                erase(container, roster)
            file.unlink(missing_ok=True)
        except BaseException:
            note(f"The load class was not erased. Run: neuroplay loadtest roster {file} --erase")
            raise
