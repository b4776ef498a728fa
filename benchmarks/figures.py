"""How a figure is taken and shown: several runs, the median, the spread, and the aim beside it."""

from __future__ import annotations

import json
import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One measured quantity. `values` are the counted runs, in `unit`."""

    name: str
    unit: str
    values: tuple[float, ...]
    aim: float | None = None
    """None: there to compare with."""

    more_is_better: bool = False

    @property
    def median(self) -> float:
        return statistics.median(self.values)

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


def machine() -> str:
    """One line that says on what the figures were taken."""
    memory_gib = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    commit = subprocess.run(
        ["git", "describe", "--always", "--dirty"], capture_output=True, text=True, check=False
    ).stdout.strip()
    return (
        f"{os.cpu_count()} cores, {memory_gib:.0f} GiB, {platform.system()} {platform.release()}, "
        f"Python {platform.python_version()}, commit {commit or 'unknown'}"
    )


def show(figures: Sequence[Figure], *, as_json: bool) -> None:
    """Print a table for people, or one JSON document."""
    if as_json:
        rows = [
            {
                "name": f.name,
                "unit": f.unit,
                "median": f.median,
                "min": min(f.values),
                "max": max(f.values),
                "runs": len(f.values),
                "aim": f.aim,
                "reached": f.reached,
            }
            for f in figures
        ]
        json.dump({"machine": machine(), "figures": rows}, sys.stdout, indent=2)
        print()
        return
    from rich.console import Console
    from rich.table import Table

    table = Table(title=machine(), title_justify="left")
    for heading in ("figure", "median", "min", "max", "runs", "aim", ""):
        table.add_column(heading, justify="left" if heading == "figure" else "right")
    for f in figures:
        sign = ">=" if f.more_is_better else "<="
        table.add_row(
            f.name,
            f"{f.median:.3g} {f.unit}",
            f"{min(f.values):.3g}",
            f"{max(f.values):.3g}",
            str(len(f.values)),
            "" if f.aim is None else f"{sign} {f.aim:g} {f.unit}",
            {True: "reached", False: "MISSED", None: ""}[f.reached],
        )
    Console().print(table)
