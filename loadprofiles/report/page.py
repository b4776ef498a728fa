"""The report as one HTML file: no scripts, no other files, charts as SVG.

Charts scale with the page; their labels are HTML, so that they stay readable on a phone. Lines
differ in colour and dashes, and a legend gives the mean and maximum of each. `page.html` is the
template.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import jinja2

from loadprofiles.report.words import machine

WIDTH, HEIGHT = 1000, 200
"""Size of a chart's view box."""

MOST_SERIES = 3
TICKS = (1.0, 0.5, 0.0)
TIMES = (0, 25, 50, 75, 100)
"""Positions of the time labels, in percent; narrow screens show every other one."""

ROUND = (1.0, 1.2, 1.6, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0, 12.0)
"""Maxima of a scale; half of each is a round number, too."""

SIGNS = {"ok": "✓", "warn": "!", "fail": "✗", "not judged": "–"}
VERDICTS = {
    "pass": "✓ Passed",
    "graceful": "! Machine too slow, but no game was lost",
    "fail": "✗ Failed",
    "void": "! Void: not a valid measurement",
}


@dataclass(frozen=True, kw_only=True)
class Chart:
    """One quantity over time. `lines` are (name in the timeline, label); `factor` converts a value
    to `unit`; `limit` names a threshold, which is drawn if it is within the scale."""

    title: str
    lines: Sequence[tuple[str, str]]
    unit: str = ""
    factor: float = 1.0
    limit: str = ""


CHARTS = (
    Chart(title="Requests per second", lines=(("rps", "requests"),), limit="rps"),
    Chart(title="Active students", lines=(("users", "students"),)),
    Chart(
        title="Response time",
        lines=(("p50_ms", "p50"), ("p95_ms", "p95"), ("p99_ms", "p99")),
        unit=" ms",
        limit="p99_ms",
    ),
    Chart(title="Pending sessions", lines=(("queue", "pending"),), limit="queue"),
    Chart(
        title="CPU",
        lines=(("cpu", "server"), ("generator_cpu", "busiest generator process (of one core)")),
        unit=" %",
        factor=100,
        limit="cpu",
    ),
    Chart(
        title="Server memory",
        lines=(("memory", "used"),),
        unit=" %",
        factor=100,
        limit="memory",
    ),
    Chart(title="Failed requests per sample", lines=(("failures", "failures"),)),
)


def page(document: Mapping[str, Any], rows: Sequence[tuple[str, str, str, str]]) -> str:
    """The report as HTML; `rows` are (name, measured, limit, status) of each threshold."""
    return _template().render(
        run=document,
        where=_where(document),
        verdict=VERDICTS[document["verdict"]],
        machine=machine(document["machine"]),
        thresholds=[(*row[:3], f"{SIGNS[row[3]]} {row[3]}") for row in rows],
        marks=[row[3].split()[0] for row in rows],
        charts=_charts(document),
        width=WIDTH,
        height=HEIGHT,
        endpoints=[
            (
                one["name"],
                f"{one['requests']:,}",
                f"{one['failures']:,}",
                *(_number(one[name]) for name in ("p50_ms", "p95_ms", "p99_ms")),
            )
            for one in document["endpoints"]
        ],
        failed=[(error, f"{count:,}") for error, count in document["errors"].items()],
    )


@cache
def _template() -> jinja2.Template:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        trim_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    environment.filters["count"] = "{:,}".format
    return environment.get_template("page.html")


def _where(document: Mapping[str, Any]) -> str:
    chaos = f", with {document['chaos']}" if document["chaos"] else ""
    judged = "" if document["judged"] == "all" else f", judged by {document['judged']} only"
    users, whole = document["users"], document["profile_users"]
    students = f"{users:,} students" if users == whole else f"{users:,} of {whole:,} students"
    return (
        f"{document['host']}, {document['began_at']}, {students}, "
        f"steady time {document['figures']['steady_s']:.0f} s{chaos}{judged}"
    )


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:,.1f}"


def _charts(document: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The charts as the template needs them; empty if the run has no timeline."""
    if not document["timeline"]:
        return []
    limits = {one["name"]: one["limit"] for one in document["thresholds"]}
    return [
        _Drawing(one, document["timeline"], document["ramp_s"], limits.get(one.limit)).drawn()
        for one in CHARTS
    ]


class _Drawing:
    """A chart of one run. Samples without a value are gaps in its line."""

    def __init__(
        self,
        chart: Chart,
        timeline: Sequence[Mapping[str, Any]],
        ramp_s: float | None,
        limit: float | None,
    ) -> None:
        self._chart, self._timeline = chart, timeline
        self._ramp_s = ramp_s or 0.0
        self._limit = None if limit is None else limit * chart.factor
        self._span = max((row["t"] for row in timeline), default=0.0) or 1.0
        seen = [v for name, _ in chart.lines for _, v in self._points(name) if v is not None]
        self._top = scale_top(max(seen, default=1.0))

    def _points(self, name: str) -> list[tuple[float, float | None]]:
        factor = self._chart.factor
        return [
            (row["t"], None if row[name] is None else row[name] * factor) for row in self._timeline
        ]

    def drawn(self) -> dict[str, Any]:
        chart, top, limit = self._chart, self._top, self._limit
        return {
            "title": chart.title,
            "limit": "" if limit is None else _quantity(limit, chart.unit),
            "limit_y": None if limit is None or limit > top else self._y(limit),
            "label": f"{chart.title} over {clock_text(self._span)}, from 0 to "
            + _quantity(top, chart.unit),
            "ramp": self._ramp_s and self._x(min(self._ramp_s, self._span)),
            "grid": [self._y(top * part) for part in TICKS],
            "ys": [(f"{(1 - part) * 100:g}", _quantity(top * part, chart.unit)) for part in TICKS],
            "xs": [(f"{part:g}", clock_text(self._span * part / 100)) for part in TIMES],
            "lines": [
                {"label": label, "words": self._statistics(name), "path": self._path(name)}
                for name, label in chart.lines
            ],
        }

    def _path(self, name: str) -> str:
        """The line as an SVG path; a single value between gaps is a dot."""
        steps, begins = [], True
        for t, value in self._points(name):
            if value is None:
                begins = True
                continue
            at = f"{self._x(t)} {self._y(value)}"
            steps.append(f"M{at}h0" if begins else f"L{at}")
            begins = False
        return "".join(steps)

    def _x(self, t: float) -> float:
        return round(t / self._span * WIDTH, 1)

    def _y(self, value: float) -> float:
        return round(HEIGHT - value / self._top * HEIGHT, 1)

    def _statistics(self, name: str) -> str:
        """Mean and maximum after the ramp, or of the whole run if it has no steady time."""
        points = self._points(name)
        steady = [v for t, v in points if t > self._ramp_s and v is not None and self._ramp_s]
        when, values = "", steady
        if not steady:
            when, values = " (whole run)", [v for _, v in points if v is not None]
        if not values:
            return "no data"
        mean, unit = math.fsum(values) / len(values), self._chart.unit
        return f"mean {_quantity(mean, unit)}, maximum {_quantity(max(values), unit)}{when}"


def _quantity(value: float, unit: str) -> str:
    """A value with its unit, rounded to about two significant digits."""
    digits = 0 if value >= 100 or value == round(value) else 1 if value >= 1 else 2
    return f"{value:,.{digits}f}{unit}"


def clock_text(seconds: float) -> str:
    """Time since the start, as `90 s`, `2:30 min`, `5 min` or `1 h 30 min`."""
    whole = round(seconds)
    if whole < 120:
        return f"{whole} s"
    hours, minutes = divmod(round(whole / 60), 60)
    if not hours:
        return f"{whole // 60}:{whole % 60:02} min" if whole % 60 else f"{minutes} min"
    return f"{hours} h {minutes} min" if minutes else f"{hours} h"


def scale_top(value: float) -> float:
    """The maximum of a scale: a round number, at least 1 and `value`, and not far above."""
    whole = 10.0 ** math.floor(math.log10(max(value, 1.0)))
    return next(whole * times for times in ROUND if whole * times >= value)
