"""`neuroplay metrics`: a summary of the server's /metrics."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, redirect_stdout, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.output.errors import CommandError, cannot, red_line
from cli.output.sparkline import Trends
from cli.output.terminal import (
    Json,
    duration,
    flex,
    is_terminal,
    out,
    pairs,
    print_json,
    print_json_line,
    right,
    say,
    table,
)
from cli.server.reach import get
from cli.server.trust import CaCert
from cli.server.watching import watched

if TYPE_CHECKING:
    from neuroplay.metrics_summary import Samples

WINDOW_S = 15.0
"""The period of the figures with --watch; over a shorter one, rates fluctuate."""

MOST_ENDPOINTS = 12

VALUE = 24
"""Width of a figure, in characters; its trend follows."""

BEFORE_TREND = len("requests per second") + 2 + VALUE + 1


def metrics(
    host: Annotated[
        str | None,
        typer.Option("--host", metavar="URL", help="Server to read. Default: this machine's."),
    ] = None,
    watch: Annotated[bool, typer.Option("--watch", help="Repeat until Ctrl-C.")] = False,
    every: Annotated[
        float, typer.Option("--every", min=0.2, max=3600, help="Seconds between two reads.")
    ] = 2.0,
    cacert: CaCert = None,
    as_json: Json = False,
) -> None:
    """Summarise requests, errors and the inbox.

    Also games, workers and the machine. Figures cover the time since the server started, with
    --watch the last 15 seconds, including rates. Exits with 3 if the server does not answer. With
    --watch, --json prints one document per line.

    Example:
        neuroplay metrics
        neuroplay metrics --watch --every 5
        neuroplay metrics --host https://play.school.example --json
    """
    from neuroplay.metrics_summary import summarize

    if watch:
        _watch(host, cacert, every, as_json)
        return
    summary = summarize(_samples(host, cacert))
    if as_json:
        print_json(summary)
    else:
        _show(summary)


def _samples(host: str | None, cacert: Path | None) -> Samples:
    from neuroplay.metrics_summary import Samples

    answer = get("/metrics", host=host, cacert=cacert)
    if answer.status == 401:
        raise cannot(
            f"{answer.url} requires a different token for its metrics",
            hint="Set NEUROPLAY_OPS_TOKEN to the server's token, found in ops.token in its home",
        )
    samples = Samples()
    if answer.status == 200:
        with suppress(ValueError):
            samples = Samples.parse(answer.text)
    if not any(name.startswith("neuroplay_") for name in samples.by_name):
        raise cannot(
            f"{answer.url} has no NeuroPlay metrics (HTTP {answer.status})",
            hint="Check the address and NEUROPLAY_PORT",
        )
    return samples


def _watch(host: str | None, cacert: Path | None, every_s: float, as_json: bool) -> None:
    from neuroplay.metrics_summary import Window

    window = Window(max(WINDOW_S, every_s))
    trends = Trends()
    in_place = not as_json and is_terminal()
    with _screen(in_place=in_place) as show:
        for moment, seen in watched(lambda: window.add(_samples(host, cacert)), every_s):
            if isinstance(seen, CommandError):
                if as_json:
                    print_json_line({"at": moment, "error": seen.message})
                elif in_place:
                    show(moment, seen.message, trends)
                else:
                    red_line(seen.message)
            elif as_json:
                print_json_line({"at": moment, **seen})
            else:
                trends.add(trend_figures(seen))
                show(moment, seen, trends)


@contextmanager
def _screen(*, in_place: bool) -> Iterator[Any]:
    """Yields a function that shows a summary: in place on a terminal, otherwise as a line."""
    if not in_place:
        yield _line
        return
    with out().screen(hide_cursor=True) as screen:
        from rich.text import Text

        def show(moment: str, seen: Mapping[str, Any] | str, trends: Trends) -> None:
            screen.update(Text.from_ansi(watched_page(moment, seen, trends, out().height)))

        yield show


class _Page(io.StringIO):
    """Captures output as if it went to the terminal."""

    def isatty(self) -> bool:
        return True


def watched_page(moment: str, seen: Mapping[str, Any] | str, trends: Trends, height: int) -> str:
    """A summary as a page of `height` lines: problems, figures, and as many endpoints as fit."""
    page = _Page()
    with redirect_stdout(page):
        if isinstance(seen, str):
            say(f"NeuroPlay at {moment}")
            say(seen, style={"fg": "red"})
        else:
            say(f"NeuroPlay at {moment}, the last {seen['window_s'] or 0:.0f} s")
            _show_troubles(seen)
            say()
            _show_figures(seen, trends)
            say()
            room = height - page.getvalue().count("\n") - 3
            _show_requests(seen, most=max(room, 1))
    return page.getvalue().rstrip("\n")


def trend_figures(seen: Mapping[str, Any]) -> dict[str, float | None]:
    together = seen["all"]
    return {
        "requests": together["per_second"],
        "p95": together["p95_ms"],
        "failed": together["failed_share"],
        "games": sum(game["per_minute"] or 0.0 for game in seen["games"]),
        "pending": seen["inbox"].get("pending"),
        "cpu": seen["host"]["cpu"],
        "memory": seen["host"]["memory"],
    }


def _line(moment: str, seen: Mapping[str, Any], _: Trends) -> None:
    together = seen["all"]
    figures = {
        "requests/s": _number(together["per_second"]),
        "p50": _ms(together["p50_ms"]),
        "p95": _ms(together["p95_ms"]),
        "failed": _share(together["failed_share"]),
        "pending": _number(seen["inbox"].get("pending")),
        "workers": _number(seen["workers"]),
        "cpu": _share(seen["host"]["cpu"]),
    }
    say("  ".join((moment, *(f"{name} {value}" for name, value in figures.items()))))


def _show(seen: Mapping[str, Any]) -> None:
    _show_requests(seen, most=MOST_ENDPOINTS)
    say()
    _show_figures(seen, None)
    _show_troubles(seen)


def _show_requests(seen: Mapping[str, Any], *, most: int) -> None:
    rows = seen["requests"]
    if not rows:
        say("No requests yet.")
        return
    shown = rows if len(rows) <= most else rows[: max(most - 1, 1)]
    table(
        [
            flex("ENDPOINT"),
            *map(right, ("REQUESTS", "FAILED", "REQ/S")),
            right("P50 MS", wide=True),
            *map(right, ("P95 MS", "P99 MS")),
        ],
        [
            (
                row["endpoint"],
                row["count"],
                row["failed"],
                *(_number(row[name]) for name in ("per_second", "p50_ms", "p95_ms", "p99_ms")),
            )
            for row in shown
        ],
    )
    if len(shown) < len(rows):
        say(f"... and {len(rows) - len(shown)} more")


def _show_figures(seen: Mapping[str, Any], trends: Trends | None) -> None:
    together = seen["all"]
    inbox = ", ".join(f"{count} {state}" for state, count in seen["inbox"].items() if count)
    games = ", ".join(
        f"{game['count']} {game['game_type']}"
        if game["per_minute"] is None
        else f"{_number(game['per_minute'])} {game['game_type']}"
        for game in seen["games"]
    )
    unsent = seen["devices"]
    rows = [
        ("requests per second", _number(together["per_second"]), "requests"),
        ("response time, p95", _ms(together["p95_ms"]), "p95"),
        ("failed requests", _share(together["failed_share"]), "failed"),
        (_games_name(seen), games or "none", "games"),
        ("inbox", inbox or "empty", "pending"),
        ("oldest pending", duration(seen["oldest_pending_s"] or None), ""),
        ("workers", _number(seen["workers"]), ""),
        ("children online", _number(seen["active_users"]), ""),
        ("unsent on tablets", f"{_number(unsent['sessions'])} on {_number(unsent['holding'])}", ""),
        ("cache hits", _share(seen["cache_hit_rate"]), ""),
        ("CPU", _share(seen["host"]["cpu"]), "cpu"),
        ("memory", _share(seen["host"]["memory"]), "memory"),
        ("disk", _share(seen["host"]["disk"]), ""),
    ]

    def with_trend(value: str, name: str) -> str:
        if trends is None or not name:
            return value
        room = out().width - BEFORE_TREND - max(len(value) - VALUE, 0)
        return f"{value:<{VALUE}} {trends.line(name, room)}".rstrip()

    pairs([(name, with_trend(value, figure)) for name, value, figure in rows])


def _show_troubles(seen: Mapping[str, Any]) -> None:
    for name, up in seen["sources"].items():
        if not up:
            say(f"the {name} does not answer", style={"fg": "red"})
    for error in seen["errors"]:
        say(f"{error['count']} x {error['error_type']} in {error['component']}")


def _games_name(seen: Mapping[str, Any]) -> str:
    return "games" if seen["window_s"] is None else "games per minute"


def _number(value: float | None) -> str:
    if value is None:
        return "-"
    return f"{value:,.0f}" if value >= 100 or value == int(value) else f"{value:.1f}"


def _ms(value: float | None) -> str:
    return "-" if value is None else f"{_number(value)} ms"


def _share(value: float | None) -> str:
    return "-" if value is None else f"{value * 100:.{1 if value < 0.1 else 0}f} %"
