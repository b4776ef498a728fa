"""How a run goes, while it goes: a table in place on a terminal, a line every ten seconds else."""

from __future__ import annotations

import sys
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from cli.commands.metrics import sparkline
from cli.terminal import duration, err, note

if TYPE_CHECKING:
    from rich.console import Group

KEPT = 40


@contextmanager
def shown(title: str) -> Iterator[Callable[[dict[str, Any]], None]]:
    """A way to show look after look, on stderr."""
    from loadprofiles.report import Lines

    if not sys.stderr.isatty():
        yield Lines(note)
        return
    from rich.live import Live

    board = _Board(title)
    with Live(console=err(), refresh_per_second=4, transient=True) as live:

        def show(row: dict[str, Any]) -> None:
            board.add(row)
            live.update(board.draw())

        yield show


class _Board:
    """The last look and what led to it."""

    def __init__(self, title: str) -> None:
        self._title = title
        self._row: dict[str, Any] = {}
        self._trends: dict[str, deque[float]] = {}

    def add(self, row: dict[str, Any]) -> None:
        self._row = {**self._row, **row}
        if row["phase"] in ("ramp", "steady"):
            for name in ("rps", "p95_ms", "queue", "cpu"):
                self._trends.setdefault(name, deque(maxlen=KEPT)).append(row.get(name) or 0.0)

    def draw(self) -> Group:
        from rich.console import Group
        from rich.progress_bar import ProgressBar
        from rich.table import Table

        row, phase = self._row, self._row["phase"]
        grid = Table.grid(padding=(0, 2))
        grid.add_column(style="bold")
        grid.add_column(justify="right", min_width=12)
        grid.add_column(style="dim")
        for name, value, trend in self._rows():
            grid.add_row(name, value, sparkline(self._trends.get(trend, ())) if trend else "")
        total, done = row.get("run_time_s"), row["t"]
        words = {
            "ramp": "students arrive",
            "steady": "measuring",
            "draining": "waiting for the queue to drain",
            "ledger": f"looking up every session: {row.get('done', 0):,} of "
            f"{row.get('students', 0):,} students",
            "done": "done",
        }[phase]
        head = f"[bold]{self._title}[/bold]  {duration(done)}"
        head += f" of {duration(total)}  {words}" if total else f"  {words}"
        if phase == "ledger":
            total, done = row["students"], row["done"]
        bar = ProgressBar(total=total or 1, completed=min(done, total or 1), width=60)
        return Group(head, bar, grid)

    def _rows(self) -> list[tuple[str, str, str]]:
        row = self._row
        return [
            ("students", _number(row.get("users")), ""),
            ("requests", _number(row.get("requests")), ""),
            ("requests a second", _number(row.get("rps")), "rps"),
            ("failed", _number(row.get("failed")), ""),
            ("sessions acknowledged", _number(row.get("acknowledged")), ""),
            ("p50", _number(row.get("p50_ms"), " ms"), ""),
            ("p95", _number(row.get("p95_ms"), " ms"), "p95_ms"),
            ("p99", _number(row.get("p99_ms"), " ms"), ""),
            ("queue", _number(row.get("queue")), "queue"),
            ("server's CPU", _share(row.get("cpu")), "cpu"),
            ("server's memory", _share(row.get("memory")), ""),
            ("generator, of a core", _share(row.get("generator_cpu")), ""),
        ]


def _number(value: float | None, unit: str = "") -> str:
    return "-" if value is None else f"{value:,.0f}{unit}"


def _share(value: float | None) -> str:
    return "-" if value is None else f"{value:.0%}"
