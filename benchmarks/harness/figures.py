"""Measures and prints figures: several runs, median, spread and aim."""

from __future__ import annotations

import json
import math
import statistics
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from benchmarks.harness import machine

if TYPE_CHECKING:
    from rich.table import Table

NO_TERMINAL = 160
"""Columns of a table that is not printed to a terminal."""


@dataclass(frozen=True, kw_only=True)
class Figure:
    """A measured quantity. `values` are those of the counted runs, in `unit`. Without values no aim
    is reached."""

    name: str
    unit: str
    values: tuple[float, ...]
    aim: float | None = None
    """None: for comparison only."""

    more_is_better: bool = False
    note: str = ""

    @property
    def median(self) -> float:
        return statistics.median(self.values) if self.values else math.nan

    @property
    def reached(self) -> bool | None:
        if self.aim is None:
            return None
        return self.median >= self.aim if self.more_is_better else self.median <= self.aim


def seconds(action: Callable[[], object]) -> float:
    """How long `action` takes, in seconds."""
    begun = time.perf_counter()
    action()
    return time.perf_counter() - begun


def repeat(action: Callable[[], float], *, runs: int, warm_up: int = 1) -> tuple[float, ...]:
    """The values of `runs` calls, after `warm_up` calls that are not counted."""
    for _ in range(warm_up):
        action()
    return tuple(action() for _ in range(runs))


def document(figures: Sequence[Figure], header: Mapping[str, Any]) -> dict[str, Any]:
    """The JSON document; null for a figure without values."""
    return {"machine": dict(header), "figures": [_row(figure) for figure in figures]}


def _row(f: Figure) -> dict[str, Any]:
    return {
        "name": f.name,
        "unit": f.unit,
        "median": f.median if f.values else None,
        "min": min(f.values, default=None),
        "max": max(f.values, default=None),
        "runs": len(f.values),
        "values": list(f.values),
        "aim": f.aim,
        "more_is_better": f.more_is_better,
        "reached": f.reached,
        "note": f.note,
    }


def from_row(row: Mapping[str, Any]) -> Figure:
    """Read a figure from a row of `document`."""
    return Figure(
        name=row["name"],
        unit=row["unit"],
        values=tuple(row["values"]),
        aim=row["aim"],
        more_is_better=row["more_is_better"],
        note=row["note"],
    )


def show(figures: Sequence[Figure], header: Mapping[str, Any], *, as_json: bool) -> None:
    """Print a table for people, or one JSON document."""
    if as_json:
        write(document(figures, header))
        return
    from rich.table import Table

    table = Table()
    for heading in ("figure", "median", "min", "max", "runs", "aim", ""):
        table.add_column(heading, justify="left" if heading == "figure" else "right")
    for f in figures:
        table.add_row(
            f.name,
            amount(f.median, f.unit),
            amount(min(f.values, default=math.nan)),
            amount(max(f.values, default=math.nan)),
            str(len(f.values)),
            aim(f),
            word(f),
        )
    print(machine.lines(header))
    print_table(table)
    for f in figures:
        if f.note:
            print(f"{f.name}: {f.note}")


def print_table(table: Table) -> None:
    """Print a table as wide as the terminal, or NO_TERMINAL."""
    from rich.console import Console

    console = Console()
    Console(width=None if console.is_terminal else NO_TERMINAL).print(table)


def write(found: Mapping[str, Any]) -> None:
    json.dump(found, sys.stdout, indent=2)
    print()


def amount(value: float, unit: str = "") -> str:
    """A value with three digits; `-` for nan."""
    if not math.isfinite(value):
        return "-"
    digits = 2 - math.floor(math.log10(abs(value))) if value else 0
    places = 0 if float(value).is_integer() else max(digits, 0)
    return f"{round(value, digits):,.{places}f} {unit}".rstrip()


def aim(figure: Figure) -> str:
    if figure.aim is None:
        return ""
    sign = ">=" if figure.more_is_better else "<="
    return f"{sign} {figure.aim:,g} {figure.unit}".rstrip()


def word(figure: Figure) -> str:
    return {True: "reached", False: "MISSED", None: ""}[figure.reached]
