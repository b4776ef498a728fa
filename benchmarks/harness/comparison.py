"""Comparison of this tree's figures with a baseline's, measured in turns."""

from __future__ import annotations

import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from benchmarks.harness import machine
from benchmarks.harness.figures import Figure, aim, amount, print_table, word, write


@dataclass(frozen=True, kw_only=True)
class Compared:
    """A figure of both sides. `ratios` are now to baseline, for each run; except runs in which a
    side has no value, a slope is negative, or the baseline is zero."""

    now: Figure
    baseline: Figure
    ratios: tuple[float, ...]

    @property
    def ratio(self) -> float:
        return statistics.median(self.ratios) if self.ratios else math.nan


def compared(turns: Sequence[tuple[Sequence[Figure], Sequence[Figure]]]) -> list[Compared]:
    """Compare (now, baseline) figures of each turn, in the order of the first turn. A figure that
    only one side has is included, without values for the other."""
    names: dict[str, None] = {}
    for both in turns:
        for figures in both:
            names |= dict.fromkeys(figure.name for figure in figures)
    return [_compared(name, turns) for name in names]


def _compared(name: str, turns: Sequence[tuple[Sequence[Figure], Sequence[Figure]]]) -> Compared:
    sides: tuple[list[Figure], list[Figure]] = ([], [])
    ratios = []
    for both in turns:
        found = [next((one for one in figures if one.name == name), None) for figures in both]
        for side, figure in zip(sides, found, strict=True):
            if figure is not None:
                side.append(figure)
        ours, theirs = (one.median if one is not None else math.nan for one in found)
        if ours >= 0 and theirs > 0:  # also excludes nan
            ratios.append(ours / theirs)
    now, baseline = (_joined(side, sides[0] or sides[1]) for side in sides)
    return Compared(now=now, baseline=baseline, ratios=tuple(ratios))


def _joined(side: Sequence[Figure], like: Sequence[Figure]) -> Figure:
    """One figure with the values of all turns."""
    notes = dict.fromkeys(figure.note for figure in side if figure.note)
    return replace(
        like[0],
        values=tuple(value for figure in side for value in figure.values),
        note="; ".join(notes),
    )


def document(
    rows: Sequence[Compared], header: Mapping[str, Any], baseline_header: Mapping[str, Any]
) -> dict[str, Any]:
    return {
        "machine": dict(header),
        "baseline": dict(baseline_header),
        "figures": [
            {
                "name": row.now.name,
                "unit": row.now.unit,
                "now": _side(row.now),
                "baseline": _side(row.baseline),
                "ratio": row.ratio if row.ratios else None,
                "ratios": list(row.ratios),
                "aim": row.now.aim,
                "more_is_better": row.now.more_is_better,
                "reached": row.now.reached,
            }
            for row in rows
        ],
    }


def _side(figure: Figure) -> dict[str, Any]:
    return {
        "median": figure.median if figure.values else None,
        "values": list(figure.values),
        "note": figure.note,
    }


def show(
    rows: Sequence[Compared],
    header: Mapping[str, Any],
    baseline_header: Mapping[str, Any],
    *,
    as_json: bool,
) -> None:
    """Print a table for people, or one JSON document."""
    if as_json:
        write(document(rows, header, baseline_header))
        return
    from rich.table import Table

    table = Table()
    headings = ("figure", "now", "baseline", "ratio", "min", "max", "runs", "aim", "")
    for heading in headings:
        table.add_column(heading, justify="left" if heading == "figure" else "right")
    for row in rows:
        table.add_row(
            row.now.name,
            amount(row.now.median, row.now.unit),
            amount(row.baseline.median),
            amount(row.ratio),
            amount(min(row.ratios, default=math.nan)),
            amount(max(row.ratios, default=math.nan)),
            str(len(row.ratios)),
            aim(row.now),
            word(row.now),
        )
    other = machine.differences(header, baseline_header)
    print(machine.lines(header))
    print(f"baseline {baseline_header['commit']}{'; ' + other if other else ''}")
    print_table(table)
    for row in rows:
        for side, figure in (("now", row.now), ("baseline", row.baseline)):
            if figure.note:
                print(f"{figure.name}, {side}: {figure.note}")
