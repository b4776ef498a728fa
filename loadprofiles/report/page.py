"""The report as one HTML file: no scripts, no other files, charts as SVG.

A chart stretches with the page; its labels are HTML beside it, so that they stay readable on a
phone. Lines differ by colour and by dashes, and the figures of each stand below in words.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

WIDTH, HEIGHT = 1000, 200
"""Of a chart's own units."""

MOST_SERIES = 3
TICKS = (1.0, 0.5, 0.0)
ROUND = (1.0, 1.2, 1.6, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0, 12.0)
"""Tops of a scale whose halves are round as well."""

SIGNS = {"ok": "✓", "warn": "!", "fail": "✗", "not judged": "–"}
VERDICTS = {
    "pass": "✓ Passed",
    "fail": "✗ Failed",
    "void": "! Void: this run says nothing about the server",
}

STYLE = """
:root { color-scheme: light dark; --ink: #1d2433; --paper: #fbfaf7; --line: #d8d5cc;
  --soft: #5b6272; --ramp: #eceae3; --ok: #1f7a3d; --warn: #8a5800; --fail: #b3261e;
  --s0: #1f5fa8; --s1: #b4470e; --s2: #8a2f7f; }
@media (prefers-color-scheme: dark) { :root { --ink: #e9e7e1; --paper: #15181f;
  --line: #3a4150; --soft: #a3aaba; --ramp: #20252f; --ok: #67c587; --warn: #e0a84a;
  --fail: #ff8a80; --s0: #7db4f0; --s1: #f0a060; --s2: #dd8fd2; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink);
  font: 15px/1.5 system-ui, "Segoe UI", "DejaVu Sans", sans-serif; overflow-wrap: anywhere; }
main { margin: 0 auto; padding: 24px 16px 48px; max-width: 1400px; }
h1 { font-size: 22px; margin: 0 0 4px; } h2 { font-size: 17px; margin: 32px 0 8px; }
p { margin: 4px 0; max-width: 80ch; } .soft { color: var(--soft); }
.verdict { font-size: 20px; font-weight: 700; margin: 12px 0 4px; }
ul.reasons { margin: 4px 0; padding-left: 20px; }
.pass, .ok { color: var(--ok); } .fail { color: var(--fail); } .warn, .void { color: var(--warn); }
td.fail, td.warn { font-weight: 700; } td.fail, td.warn, td.ok, .n { white-space: nowrap; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: 4px 16px 4px 0; text-align: left; vertical-align: top;
  border-bottom: 1px solid var(--line); font-weight: 400; overflow-wrap: normal; }
thead th { color: var(--soft); font-size: 13px; } .n { text-align: right; }
tbody th { min-width: 10em; }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 540px), 1fr));
  gap: 28px 32px; }
figure { margin: 0; min-width: 0; } figcaption { font-weight: 700; margin-bottom: 6px; }
figcaption span { font-weight: 400; color: var(--soft); }
.plot { display: grid; grid-template-columns: 64px 1fr; font-size: 12px; color: var(--soft); }
.ys, .xs { position: relative; } .xs { grid-column: 2; height: 20px; }
.ys span { position: absolute; right: 8px; transform: translateY(-50%); white-space: nowrap; }
.xs span { position: absolute; top: 3px; transform: translateX(-50%); white-space: nowrap; }
.xs span:first-child { transform: none; } .xs span:last-child { transform: translateX(-100%); }
svg.chart { display: block; width: 100%; height: 170px; overflow: visible; }
svg * { vector-effect: non-scaling-stroke; }
.grid { stroke: var(--line); stroke-width: 1; } .ramp { fill: var(--ramp); }
.limit { stroke: var(--fail); stroke-width: 1.5; stroke-dasharray: 1 5; stroke-linecap: round; }
.s { fill: none; stroke-width: 1.8; stroke-linejoin: round; stroke-linecap: round; }
.s0 { stroke: var(--s0); } .s1 { stroke: var(--s1); stroke-dasharray: 8 4; }
.s2 { stroke: var(--s2); stroke-dasharray: 2 4; }
.keys { margin: 4px 0 0 64px; padding: 0; list-style: none; font-size: 13px; }
.keys svg { width: 30px; height: 10px; margin-right: 8px; vertical-align: middle; }
@media (max-width: 600px) { .keys { margin-left: 0; } .xs .between { display: none; }
  th, td { padding-right: 10px; font-size: 13px; } tbody th { min-width: 6em; }
  tbody th { overflow-wrap: anywhere; }
  .plot { grid-template-columns: 52px 1fr; } }
@media print { .charts { display: block; } figure { break-inside: avoid; margin-bottom: 16px; } }
"""


@dataclass(frozen=True, kw_only=True)
class Chart:
    """One quantity over time. `lines` are (name in the timeline, label); `factor` brings a value
    to `unit`; `limit` names the threshold that is drawn where it lies on the scale."""

    title: str
    lines: Sequence[tuple[str, str]]
    unit: str = ""
    factor: float = 1.0
    limit: str = ""


CHARTS = (
    Chart(title="Requests a second", lines=(("rps", "requests"),), limit="rps"),
    Chart(title="Users: students who play", lines=(("users", "students"),)),
    Chart(
        title="Response times",
        lines=(("p50_ms", "p50"), ("p95_ms", "p95"), ("p99_ms", "p99")),
        unit=" ms",
        limit="p99_ms",
    ),
    Chart(title="Queue: pending sessions", lines=(("queue", "pending"),), limit="queue"),
    Chart(
        title="CPU",
        lines=(("cpu", "server"), ("generator_cpu", "busiest generator process, of one core")),
        unit=" %",
        factor=100,
        limit="cpu",
    ),
    Chart(
        title="Memory of the server",
        lines=(("memory", "in use"),),
        unit=" %",
        factor=100,
        limit="memory",
    ),
    Chart(title="Failures in a step", lines=(("failures", "failures"),)),
)


def page(document: Mapping[str, Any], rows: Sequence[tuple[str, str, str, str]]) -> str:
    """The whole report; `rows` are the thresholds as text."""
    verdict = document["verdict"]
    title = f"NeuroPlay load test: {document['profile']}, {verdict}"
    sessions, maker = document["sessions"], document["generator"]
    parts = [
        "<!doctype html>",
        '<html lang="en"><head><meta charset="utf-8">',
        '<meta http-equiv="Content-Security-Policy" '
        "content=\"default-src 'none'; style-src 'unsafe-inline'\">",
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>{escape(title)}</title><style>{STYLE}</style></head><body><main>",
        f"<h1>Load test: {escape(document['profile'])}</h1>",
        f'<p class="soft">{escape(_where(document))}</p>',
        f'<p class="verdict {verdict}">{escape(VERDICTS[verdict])}</p>',
        _reasons(document["reasons"]),
        "<h2>Thresholds</h2>",
        _table(
            "Thresholds",
            ("Threshold", "Seen", "Limit", "Kept"),
            [(*row[:3], f"{SIGNS[row[3]]} {row[3]}") for row in rows],
            marks=[row[3].split()[0] for row in rows],
        ),
        "<h2>The ledger</h2>",
        f"<p>{sessions['acknowledged']:,} sessions were acknowledged, {sessions['stored']:,} are "
        f"stored, {sessions['lost']:,} lost, {sessions['counted_twice']:,} counted twice. "
        f"{sessions['duplicates_sent']:,} were sent again on purpose, and "
        f"{sessions['connections_dropped']:,} connections were dropped after sending.</p>",
        "<h2>Over time</h2>",
        *_charts(document),
        "<h2>By request</h2>",
        '<p class="soft">After the ramp.</p>',
        _table(
            "By request",
            ("Request", "Count", "Failed", "p50 ms", "p95 ms", "p99 ms"),
            [
                (
                    one["name"],
                    f"{one['requests']:,}",
                    f"{one['failures']:,}",
                    *(_number(one[name]) for name in ("p50_ms", "p95_ms", "p99_ms")),
                )
                for one in document["endpoints"]
            ],
        ),
    ]
    if document["errors"]:
        failed = [(error, f"{count:,}") for error, count in document["errors"].items()]
        parts += ["<h2>What failed</h2>", _table("What failed", ("Failure", "Count"), failed)]
    made = (
        f"{maker['machine']}, Python {maker['python']}, Locust {maker['locust']}, "
        f"NeuroPlay {maker['neuroplay']}"
    )
    parts.append(f'<h2>Where the load came from</h2><p class="soft">{escape(made)}</p>')
    return "\n".join([*parts, "</main></body></html>"]) + "\n"


def _where(document: Mapping[str, Any]) -> str:
    chaos = f", with {document['chaos']}" if document["chaos"] else ""
    judged = "" if document["judged"] == "all" else f", judged by {document['judged']} only"
    users, whole = document["users"], document["profile_users"]
    students = f"{users:,} students" if users == whole else f"{users:,} of {whole:,} students"
    return (
        f"{document['host']}, {document['began_at']}, {students}, "
        f"figures over {document['figures']['steady_s']:.0f} s{chaos}{judged}"
    )


def _reasons(reasons: Sequence[str]) -> str:
    if not reasons:
        return ""
    items = "".join(f"<li>{escape(reason)}</li>" for reason in reasons)
    return f'<ul class="reasons">{items}</ul>'


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:,.1f}"


def _table(
    name: str,
    heads: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    marks: Sequence[str] = (),
) -> str:
    """A table whose last cells are of the classes `marks`; without them the cells are numbers."""
    number = "" if marks else ' class="n"'
    head = "".join(
        f'<th scope="col"{number if place else ""}>{escape(text)}</th>'
        for place, text in enumerate(heads)
    )
    body = []
    for place, (first, *cells) in enumerate(rows):
        classes = [number] * len(cells)
        if marks:
            classes[-1] = f' class="{escape(marks[place])}"'
        body.append(
            f'<tr><th scope="row">{escape(first)}</th>'
            + "".join(
                f"<td{kind}>{escape(text)}</td>" for kind, text in zip(classes, cells, strict=True)
            )
            + "</tr>"
        )
    return (
        f'<div class="wide" role="region" aria-label="{escape(name)}" tabindex="0"><table>'
        f"<thead><tr>{head}</tr></thead><tbody>{''.join(body)}</tbody></table></div>"
    )


def _charts(document: Mapping[str, Any]) -> list[str]:
    if not document["timeline"]:
        return ['<p class="soft">The run was too short for a chart.</p>']
    limits = {one["name"]: one["limit"] for one in document["thresholds"]}
    return [
        '<p class="soft">The shaded time is the ramp, in which students arrive; figures are of '
        "the time after it. A dotted line across is a limit, where it lies on the scale.</p>",
        '<div class="charts">',
        *(
            _Drawing(one, document["timeline"], document["ramp_s"], limits.get(one.limit)).figure()
            for one in CHARTS
        ),
        "</div>",
    ]


class _Drawing:
    """A chart of one run. A gap in a line is a step without a value."""

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

    def figure(self) -> str:
        chart = self._chart
        limit = (
            "" if self._limit is None else f" <span>limit {_told(self._limit, chart.unit)}</span>"
        )
        keys = "".join(
            f"<li>{_key(place)}{escape(label)}: {escape(self._in_words(name))}</li>"
            for place, (name, label) in enumerate(chart.lines)
        )
        ys = "".join(
            f'<span style="top:{(1 - part) * 100:g}%">{_told(self._top * part, chart.unit)}</span>'
            for part in TICKS
        )
        xs = "".join(
            f"<span{' class=' + chr(34) + 'between' + chr(34) if part % 0.5 else ''} "
            f'style="left:{part * 100:g}%">{clock_text(self._span * part)}</span>'
            for part in (0.0, 0.25, 0.5, 0.75, 1.0)
        )
        return (
            f"<figure><figcaption>{escape(chart.title)}{limit}</figcaption>"
            f'<div class="plot"><div class="ys" aria-hidden="true">{ys}</div>{self._svg()}'
            f'<div class="xs" aria-hidden="true">{xs}</div></div>'
            f'<ul class="keys">{keys}</ul></figure>'
        )

    def _svg(self) -> str:
        chart = self._chart
        label = f"{chart.title} over {clock_text(self._span)}, from 0 to " + _told(
            self._top, chart.unit
        )
        drawn = [
            f'<svg class="chart" viewBox="0 0 {WIDTH} {HEIGHT}" preserveAspectRatio="none" '
            f'role="img" aria-label="{escape(label)}">'
        ]
        if self._ramp_s:
            wide = self._x(min(self._ramp_s, self._span))
            drawn.append(f'<rect class="ramp" width="{wide}" height="{HEIGHT}"/>')
        drawn += [_across("grid", self._y(self._top * part)) for part in TICKS]
        if self._limit is not None and self._limit <= self._top:
            drawn.append(_across("limit", self._y(self._limit)))
        for place, (name, _) in enumerate(chart.lines):
            drawn.append(f'<path class="s s{place}" d="{self._path(name)}"/>')
        return "".join([*drawn, "</svg>"])

    def _path(self, name: str) -> str:
        """A stretch of values is a line, a lonely one a dot."""
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

    def _in_words(self, name: str) -> str:
        """Mean and highest after the ramp; of the whole run where there is no such time."""
        points = self._points(name)
        steady = [v for t, v in points if t > self._ramp_s and v is not None and self._ramp_s]
        when, values = "", steady
        if not steady:
            when, values = ", of the whole run", [v for _, v in points if v is not None]
        if not values:
            return "nothing was seen"
        mean, unit = math.fsum(values) / len(values), self._chart.unit
        return f"mean {_told(mean, unit)}, highest {_told(max(values), unit)}{when}"


def _across(kind: str, y: float) -> str:
    return f'<line class="{kind}" x1="0" x2="{WIDTH}" y1="{y}" y2="{y}"/>'


def _key(place: int) -> str:
    return (
        f'<svg viewBox="0 0 30 10" aria-hidden="true"><path class="s s{place}" d="M1 5H29"/></svg>'
    )


def _told(value: float, unit: str) -> str:
    """A value with as many digits as tell something."""
    digits = 0 if value >= 100 or value == round(value) else 1 if value >= 1 else 2
    return f"{value:,.{digits}f}{unit}"


def clock_text(seconds: float) -> str:
    """A moment of a run, as short as it can be told: `90 s`, `5 min`, `1 h 30 min`."""
    whole = round(seconds)
    if whole < 120:
        return f"{whole} s"
    hours, minutes = divmod(round(whole / 60), 60)
    if not hours:
        return f"{whole // 60}:{whole % 60:02} min" if whole % 60 else f"{minutes} min"
    return f"{hours} h {minutes} min" if minutes else f"{hours} h"


def scale_top(value: float) -> float:
    """A round number that is not below `value`, and not far above; at least 1."""
    whole = 10.0 ** math.floor(math.log10(max(value, 1.0)))
    return next(whole * times for times in ROUND if whole * times >= value)
