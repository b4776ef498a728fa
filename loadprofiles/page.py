"""The report as one HTML file: no scripts, no other files, charts as SVG."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

WIDTH, HEIGHT, LEFT, BOTTOM, TOP = 720, 170, 56, 24, 12
COLOURS = ("#2563a8", "#c2571a", "#8a2f7f")
MARKS = {"ok": "ok", "warn": "warn", "fail": "fail", "not judged": "not judged"}

STYLE = """
:root { color-scheme: light dark; --ink: #1d2433; --paper: #fbfaf7; --line: #d8d5cc;
  --soft: #6a7080; --ok: #1f7a3d; --warn: #9a6200; --fail: #b3261e; }
@media (prefers-color-scheme: dark) { :root { --ink: #e9e7e1; --paper: #15181f;
  --line: #343a46; --soft: #9aa1b0; --ok: #67c587; --warn: #e0a84a; --fail: #ff8a80; } }
body { margin: 0 auto; padding: 24px 16px 48px; max-width: 1520px; background: var(--paper);
  color: var(--ink); font: 15px/1.5 system-ui, sans-serif; }
h1 { font-size: 22px; margin: 0 0 4px; } h2 { font-size: 16px; margin: 28px 0 8px; }
p { margin: 4px 0; } .soft { color: var(--soft); }
.verdict { font-size: 20px; font-weight: 700; margin: 12px 0; }
.pass, .ok { color: var(--ok); } .fail { color: var(--fail); } .warn, .void { color: var(--warn); }
.wide { overflow-x: auto; }
table { border-collapse: collapse; } th, td { padding: 4px 14px 4px 0; text-align: left;
  border-bottom: 1px solid var(--line); } td.n, th.n { text-align: right; }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 560px), 1fr));
  gap: 20px; }
figure { margin: 0; } figcaption { font-weight: 600; } svg { width: 100%; height: auto; }
svg text { fill: var(--soft); font: 11px system-ui, sans-serif; }
svg .grid { stroke: var(--line); } svg .ramp { fill: var(--line); opacity: .35; }
.key { display: inline-block; width: 10px; height: 10px; margin: 0 4px 0 10px; }
"""

CHARTS: Sequence[tuple[str, str, Sequence[tuple[str, str]], float]] = (
    ("Requests a second", "", (("rps", "requests"),), 1),
    (
        "Response times",
        " ms",
        (("p50_ms", "p50"), ("p95_ms", "p95"), ("p99_ms", "p99")),
        1,
    ),
    ("Failures a step", "", (("failures", "failures"),), 1),
    ("Queue: pending sessions", "", (("queue", "pending"),), 1),
    (
        "Processor",
        " %",
        (("cpu", "server"), ("generator_cpu", "generator, of one core")),
        100,
    ),
    ("Memory of the server", " %", (("memory", "in use"),), 100),
    ("Students", "", (("users", "students"),), 1),
)


def page(document: Mapping[str, Any], rows: Sequence[tuple[str, str, str, str]]) -> str:
    """The whole report; `rows` are the thresholds as text."""
    verdict = document["verdict"]
    title = f"NeuroPlay load test: {document['profile']}, {verdict}"
    sessions, maker = document["sessions"], document["generator"]
    parts = [
        "<!doctype html>",
        '<html lang="en"><head><meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>{escape(title)}</title><style>{STYLE}</style></head><body>",
        f"<h1>Load test: {escape(document['profile'])}</h1>",
        f'<p class="soft">{escape(_where(document))}</p>',
        f'<p class="verdict {verdict}">{escape(verdict.upper())}</p>',
        *(f"<p>{escape(reason)}</p>" for reason in document["reasons"]),
        "<h2>Thresholds</h2>",
        _table(("Threshold", "Seen", "Limit", ""), rows, marked=True),
        "<h2>The ledger</h2>",
        f"<p>{sessions['acknowledged']:,} sessions were acknowledged, {sessions['stored']:,} are "
        f"stored, {sessions['lost']:,} lost, {sessions['counted_twice']:,} counted twice. "
        f"{sessions['duplicates_sent']:,} were sent again on purpose, and "
        f"{sessions['connections_dropped']:,} connections were dropped after sending.</p>",
        "<h2>Over time</h2>",
        '<div class="charts">',
        *(_chart(document, *one) for one in CHARTS),
        "</div>",
        "<h2>By request</h2>",
        _table(
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
        parts += ["<h2>What failed</h2>", _table(("Failure", "Count"), failed)]
    parts.append(
        f'<p class="soft">{escape(maker["machine"])}, Python {maker["python"]}, '
        f"Locust {maker['locust']}, NeuroPlay {maker['neuroplay']}</p></body></html>"
    )
    return "\n".join(parts) + "\n"


def _where(document: Mapping[str, Any]) -> str:
    chaos = f", with {document['chaos']}" if document["chaos"] else ""
    judged = "" if document["judged"] == "all" else f", judged by {document['judged']} only"
    return (
        f"{document['host']}, {document['began_at']}, {document['users']:,} students, "
        f"figures over {document['figures']['steady_s']:.0f} s{chaos}{judged}"
    )


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:,.1f}"


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]], *, marked: bool = False) -> str:
    def cell(tag: str, place: int, text: str) -> str:
        kind = ""
        if marked and tag == "td" and place == len(heads) - 1:
            kind = f' class="{escape(text.split()[0])}"'
        elif place and not marked:
            kind = ' class="n"'
        return f"<{tag}{kind}>{escape(text)}</{tag}>"

    lines = [
        "<tr>" + "".join(cell(tag, n, text) for n, text in enumerate(row)) + "</tr>"
        for tag, group in (("th", [heads]), ("td", rows))
        for row in group
    ]
    return f'<div class="wide"><table>{"".join(lines)}</table></div>'


def _chart(
    document: Mapping[str, Any],
    title: str,
    unit: str,
    lines: Sequence[tuple[str, str]],
    factor: float,
) -> str:
    """One quantity over time; the ramp is shaded, a gap is a step without a value."""
    timeline = document["timeline"]
    span = max((row["t"] for row in timeline), default=1.0) or 1.0
    seen = [row[name] * factor for row in timeline for name, _ in lines if row[name] is not None]
    top = _round_up(max(seen, default=1.0))
    plot_w, plot_h = WIDTH - LEFT - 8, HEIGHT - TOP - BOTTOM

    def x(t: float) -> float:
        return round(LEFT + t / span * plot_w, 1)

    def y(value: float) -> float:
        return round(TOP + plot_h - value / top * plot_h, 1)

    drawn = [
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(title)}">',
    ]
    ramp = document["ramp_s"]
    if ramp:
        drawn.append(
            f'<rect class="ramp" x="{LEFT}" y="{TOP}" width="{x(min(ramp, span)) - LEFT:.1f}" '
            f'height="{plot_h}"/>'
        )
    for part in (0.0, 0.5, 1.0):
        drawn.append(
            f'<line class="grid" x1="{LEFT}" x2="{WIDTH - 8}" y1="{y(top * part)}" '
            f'y2="{y(top * part)}"/>'
            f'<text x="{LEFT - 6}" y="{y(top * part) + 4}" text-anchor="end">'
            f"{top * part:,.3g}{unit}</text>"
        )
    for part in (0.0, 0.25, 0.5, 0.75, 1.0):
        drawn.append(
            f'<text x="{x(span * part)}" y="{HEIGHT - 6}" text-anchor="middle">'
            f"{span * part:,.0f} s</text>"
        )
    for (name, _), colour in zip(lines, COLOURS, strict=False):
        for points in _unbroken(timeline, name):
            path = " ".join(f"{x(t)},{y(value * factor)}" for t, value in points)
            drawn.append(
                f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="1.6"/>'
            )
    drawn.append("</svg>")
    keys = "".join(
        f'<span class="key" style="background:{colour}"></span>'
        f'<span class="soft">{escape(label)}</span>'
        for (_, label), colour in zip(lines, COLOURS, strict=False)
        if len(lines) > 1
    )
    return f"<figure><figcaption>{escape(title)}{keys}</figcaption>{''.join(drawn)}</figure>"


def _unbroken(timeline: Sequence[Mapping[str, Any]], name: str) -> list[list[tuple[float, float]]]:
    pieces: list[list[tuple[float, float]]] = [[]]
    for row in timeline:
        if row[name] is None:
            pieces.append([])
        else:
            pieces[-1].append((row["t"], row[name]))
    return [piece for piece in pieces if piece]


def _round_up(value: float) -> float:
    """The next of 1, 2, 5, 10, … that is not below."""
    step = 1.0
    while step < value:
        for times in (2.0, 2.5, 2.0):
            step *= times
            if step >= value:
                return step
    return step
