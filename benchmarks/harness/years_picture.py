"""A picture of a school's years: the size of each table by month, and answers by year, as SVG."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from benchmarks.harness import picture as drawing
from benchmarks.harness.picture import Panel

MONTHS_A_YEAR = 13
"""Of four weeks each, so that each year ends on the same day of the week."""


@dataclass(frozen=True, kw_only=True)
class Month:
    """Megabytes of each table with its indexes at the end of a month."""

    megabytes: Mapping[str, float]

    def __str__(self) -> str:
        return ", ".join(f"{name} {size:.1f} MB" for name, size in self.megabytes.items())


def picture(
    months: Sequence[Month], answers: Mapping[str, Sequence[float]], children: int, about: str
) -> str:
    """The SVG. `answers` are milliseconds of processor time at the end of each year, `about` is the
    line below the title."""
    tables = [
        (name, [((n + 1) / MONTHS_A_YEAR, month.megabytes[name]) for n, month in enumerate(months)])
        for name in months[0].megabytes
    ]
    times = [
        (name, [(n + 1.0, took) for n, took in enumerate(values)])
        for name, values in answers.items()
    ]
    return drawing.picture(
        f"{children} children, ten games a day, with retention",
        about,
        [
            Panel(name="tables with their indexes, MB, by year", lines=tables),
            Panel(name="processor time of an answer, ms, at the end of each year", lines=times),
        ],
    )
