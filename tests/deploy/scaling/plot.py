"""A picture of a run: the load, the age of the oldest game, and the pods over time, as SVG."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape

from tests.deploy.scaling.rules import Query
from tests.deploy.scaling.scenario import Outcome, Series

WIDTH, LEFT, RIGHT, TOP = 900, 64, 20, 84
HEIGHT, GAP = 150, 64

STYLE = """
text { font: 12px system-ui, sans-serif; fill: #24292f }
.title { font-size: 18px; font-weight: 600 }
.name { font-size: 14px; font-weight: 600 }
.grid { stroke: #d0d7de }
.limit { stroke: #57606a; stroke-dasharray: 1 3 }
.line { fill: none; stroke-width: 2 }
.one { stroke: #0969da } .other { stroke: #b35900 }
.paper { fill: #ffffff }
@media (prefers-color-scheme: dark) {
text { fill: #e6edf3 }
.grid { stroke: #3d444d }
.limit { stroke: #9198a1 }
.one { stroke: #58a6ff } .other { stroke: #f0883e }
.paper { fill: #0d1117 }
}
"""


@dataclass(frozen=True, kw_only=True)
class Line:
    name: str
    points: Series
    style: str
    dashes: str = "none"
    steps: bool = False


@dataclass(frozen=True, kw_only=True)
class Panel:
    name: str
    lines: Sequence[Line]
    limit: float | None = None


def picture(outcome: Outcome, about: str) -> str:
    """The SVG; `about` is the line below the title."""
    (query,) = [one for one in outcome.rules["worker"].metrics if isinstance(one, Query)]
    panels = [
        Panel(
            name="requests a second",
            lines=[Line(name="", points=outcome.requests, style="one")],
        ),
        Panel(
            name=f"age of the oldest pending game in seconds; a worker for each {query.per_pod:g}",
            lines=[Line(name="", points=outcome.oldest, style="one")],
            limit=query.per_pod,
        ),
        Panel(
            name="pods",
            lines=[
                Line(name="API", points=_pods(outcome, "api"), style="one", steps=True),
                Line(
                    name="workers",
                    points=_pods(outcome, "worker"),
                    style="other",
                    dashes="7 3",
                    steps=True,
                ),
            ],
        ),
    ]
    end = max(when for panel in panels for line in panel.lines for when, _ in line.points)
    return "\n".join(_drawn(panels, end, about)) + "\n"


def _pods(outcome: Outcome, component: str) -> Series:
    return [(when, float(number)) for when, number in outcome.replicas(component)]


def _drawn(panels: Sequence[Panel], end: float, about: str) -> Iterator[str]:
    height = TOP + len(panels) * (HEIGHT + GAP)
    yield (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" '
        f'width="{WIDTH}" height="{height}" role="img" aria-labelledby="title about">'
    )
    yield '<title id="title">How the pods follow the load</title>'
    yield f'<desc id="about">Over time: {"; ".join(escape(one.name) for one in panels)}.</desc>'
    yield f"<style>{STYLE}</style>"
    yield f'<rect class="paper" width="{WIDTH}" height="{height}"/>'
    yield f'<text class="title" x="{LEFT}" y="32">How the pods follow the load</text>'
    yield f'<text x="{LEFT}" y="54">{escape(about)}</text>'
    for number, panel in enumerate(panels):
        yield f'<g transform="translate(0 {TOP + number * (HEIGHT + GAP)})">'
        yield from _panel(panel, end)
        yield "</g>"
    yield "</svg>"


def _panel(panel: Panel, end: float) -> Iterator[str]:
    top = _round_up(max((value for line in panel.lines for _, value in line.points), default=1))
    yield f'<text class="name" x="{LEFT}" y="0">{escape(panel.name)}</text>'
    for part in (0, 0.5, 1):
        y = _y(top * part, top)
        yield f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y}" y2="{y}"/>'
        yield f'<text x="{LEFT - 8}" y="{y + 4}" text-anchor="end">{top * part:g}</text>'
    for when in range(0, int(end) + 1, 60):
        yield f'<text x="{_x(when, end)}" y="{HEIGHT + 20}" text-anchor="middle">{when} s</text>'
    if panel.limit is not None:
        y = _y(panel.limit, top)
        yield f'<line class="limit" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y}" y2="{y}"/>'
    named = [line for line in panel.lines if line.name]
    for number, line in enumerate(named):
        x = LEFT + 90 + 130 * number
        yield (
            f'<line class="line {line.style}" stroke-dasharray="{line.dashes}" '
            f'x1="{x}" x2="{x + 34}" y1="-4" y2="-4"/><text x="{x + 42}" y="0">{line.name}</text>'
        )
    for line in panel.lines:
        points = list(_stepped(line.points)) if line.steps else line.points
        written = " ".join(f"{_x(when, end)},{_y(value, top)}" for when, value in points)
        yield (
            f'<polyline class="line {line.style}" stroke-dasharray="{line.dashes}" '
            f'points="{written}"/>'
        )


def _stepped(points: Series) -> Iterator[tuple[float, float]]:
    """With a corner where the value changes, and without the points between."""
    before: float | None = None
    for when, value in points:
        if before is not None and value != before:
            yield when, before
        if value != before:
            yield when, value
        before = value
    if points:
        yield points[-1]


def _x(when: float, end: float) -> float:
    return round(LEFT + (WIDTH - LEFT - RIGHT) * when / end, 1)


def _y(value: float, top: float) -> float:
    return round(HEIGHT - (HEIGHT - 16) * value / top, 1)


def _round_up(value: float) -> float:
    """The next of 1, 2, 4, 5, 6, 8, 10, 20 and so on."""
    scale = 10.0 ** math.floor(math.log10(value)) if value > 0 else 1.0
    return next(part * scale for part in (1, 2, 4, 5, 6, 8, 10) if part * scale >= value)
