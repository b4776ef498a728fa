"""The progress of a run: a live table on a terminal, otherwise a line every ten seconds."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from cli.output.sparkline import Trends
from cli.output.terminal import duration, err, note

if TYPE_CHECKING:
    from rich.console import Group

NAMES, BAR = 21, 60

WORDS = {
    "starting": "starting the load generator",
    "ramp": "starting students",
    "steady": "measuring",
    "draining": "waiting for the queue to drain",
    "away": "waiting for the server to respond",
    "ledger": "checking every acknowledged session",
    "done": "done",
}


@contextmanager
def shown(title: str) -> Iterator[Callable[[dict[str, Any]], None]]:
    """Yields a function that shows each progress report on stderr."""
    from loadprofiles.report.words import Lines

    if not sys.stderr.isatty():
        yield Lines(note)
        return
    from rich.live import Live

    board = Board(title)
    with Live(board.draw(), console=err(), refresh_per_second=4, transient=True) as live:

        def show(row: dict[str, Any]) -> None:
            board.add(row)
            live.update(board.draw())

        yield show


class Board:
    """The table: the latest figures and their trends."""

    def __init__(self, title: str) -> None:
        self._title = title
        self._row: dict[str, Any] = {"phase": "starting", "t": 0.0}
        self._trends = Trends()

    def add(self, row: dict[str, Any]) -> None:
        # In a long run a row is repeated until the next one is due.
        is_new = "rps" in row and row["t"] != self._row["t"]
        self._row = {**self._row, **row}
        if is_new:
            self._trends.add({name: row.get(name) for name in ("rps", "p95_ms", "queue", "cpu")})

    def draw(self) -> Group:
        """At most 78 columns wide."""
        from rich.console import Group
        from rich.progress_bar import ProgressBar
        from rich.table import Table
        from rich.text import Text

        grid = Table.grid(padding=(0, 2))
        grid.add_column(style="bold", min_width=NAMES, no_wrap=True)
        grid.add_column(justify="right", min_width=12, no_wrap=True)
        grid.add_column(style="dim", no_wrap=True, overflow="crop")
        for name, value, trend in self._rows():
            grid.add_row(name, value, self._trends.line(trend))
        done, total, words = self._progress()
        line = Table.grid()  # a bar alone does not end its line
        line.add_row(ProgressBar(total=total or 1, completed=min(done, total or 1), width=BAR))
        return Group(Text.assemble((self._title, "bold"), f"  {words}"), line, grid)

    def _progress(self) -> tuple[float, float, str]:
        """(done, total, description)."""
        row, phase = self._row, self._row["phase"]
        words = WORDS.get(phase, phase)
        if phase == "ledger":
            done, total = row["done"], row["students"]
            return done, total, f"{words}: {done:,} of {total:,} students"
        done, total = row["t"], row.get("run_time_s") or 0.0
        if phase in ("ramp", "steady"):
            words += f": {duration(done)}" + (f" of {duration(total)}" if total else "")
        return done, total, words

    def _rows(self) -> list[tuple[str, str, str]]:
        row = self._row
        return [
            ("students", _number(row.get("users")), ""),
            ("requests", _number(row.get("requests")), ""),
            ("requests per second", _number(row.get("rps")), "rps"),
            ("failures", _number(row.get("failed")), ""),
            ("sessions acknowledged", _number(row.get("acknowledged")), ""),
            ("response time, p50", _number(row.get("p50_ms"), " ms"), ""),
            ("response time, p95", _number(row.get("p95_ms"), " ms"), "p95_ms"),
            ("response time, p99", _number(row.get("p99_ms"), " ms"), ""),
            ("pending sessions", _number(row.get("queue")), "queue"),
            ("server CPU", _share(row.get("cpu")), "cpu"),
            ("server memory", _share(row.get("memory")), ""),
            ("generator CPU (1 core)", _share(row.get("generator_cpu")), ""),
        ]


def _number(value: float | None, unit: str = "") -> str:
    return "-" if value is None else f"{value:,.0f}{unit}"


def _share(value: float | None) -> str:
    return "-" if value is None else f"{value:.0%}"
