"""Pictures of measurements as SVG: panels of lines below each other."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape

WIDTH, LEFT, RIGHT, TOP = 900, 64, 190, 84
HEIGHT, GAP = 220, 64

SMALLEST = 1e-300
"""Values below it are drawn as 0."""

STYLE = """
text { font: 12px system-ui, sans-serif; fill: #24292f }
.title { font-size: 18px; font-weight: 600 }
.name { font-size: 14px; font-weight: 600 }
.grid { stroke: #d0d7de }
.line { fill: none; stroke-width: 2; stroke: #0969da }
.paper { fill: #ffffff }
@media (prefers-color-scheme: dark) {
text { fill: #e6edf3 }
.grid { stroke: #3d444d }
.line { stroke: #58a6ff }
.paper { fill: #0d1117 }
}
"""

DASHES = ("none", "8 3", "2 3", "12 4 2 4", "5 5")

Line = tuple[str, Sequence[tuple[float, float]]]
"""A name, and points of (x, y). Neither may be negative."""


@dataclass(frozen=True, kw_only=True)
class Panel:
    """Lines with common scales. The x axis begins at 0 and has round numbers, or, on a logarithmic
    scale, these `ticks`, each with its label."""

    name: str
    lines: Sequence[Line]
    ticks: Sequence[tuple[float, str]] = ()

    def __post_init__(self) -> None:
        if any(x <= 0 for x, _ in self.ticks):
            raise ValueError("a logarithmic scale has no place for 0")

    @property
    def places(self) -> list[tuple[float, str]]:
        """Each tick's place, from 0 to 1, and its label."""
        if self.ticks:
            return [(self.place(x), label) for x, label in self.ticks]
        step = _step(self._end)
        return [(self.place(n * step), f"{n * step:g}") for n in range(int(self._end / step) + 1)]

    def place(self, x: float) -> float:
        """Where on the axis it is, from 0 to 1."""
        if not self.ticks:
            return x / self._end
        first, last = (math.log(self.ticks[n][0]) for n in (0, -1))
        return (math.log(x) - first) / (last - first)

    @property
    def _end(self) -> float:
        return max(x for _, points in self.lines for x, _ in points)


def picture(title: str, about: str, panels: Sequence[Panel]) -> str:
    """The SVG; `about` is the line below the title."""
    return "\n".join(_drawn(title, about, panels)) + "\n"


def _drawn(title: str, about: str, panels: Sequence[Panel]) -> Iterator[str]:
    height = TOP + len(panels) * (HEIGHT + GAP)
    yield (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" '
        f'role="img" aria-label="{escape(title)}">'
    )
    yield f"<style>{STYLE}</style>"
    yield f'<rect class="paper" width="{WIDTH}" height="{height}"/>'
    yield f'<text class="title" x="{LEFT}" y="30">{escape(title)}</text>'
    yield f'<text x="{LEFT}" y="50">{escape(about)}</text>'
    for number, panel in enumerate(panels):
        yield from _panel(TOP + number * (HEIGHT + GAP), panel)
    yield "</svg>"


def _panel(top: float, panel: Panel) -> Iterator[str]:
    lines = panel.lines
    highest = max(value for _, points in lines for _, value in points)
    step = _step(highest)
    most = step * max(math.ceil(highest / step), 1)
    wide = WIDTH - LEFT - RIGHT

    def height(value: float) -> float:
        return top + HEIGHT - value / most * HEIGHT

    yield f'<text class="name" x="{LEFT}" y="{top - 10}">{escape(panel.name)}</text>'
    for tick in range(round(most / step) + 1):
        y = height(tick * step)
        yield f'<line class="grid" x1="{LEFT}" x2="{LEFT + wide}" y1="{y:.1f}" y2="{y:.1f}"/>'
        yield f'<text x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{tick * step:g}</text>'
    for place, label in panel.places:
        x = LEFT + place * wide
        yield (
            f'<text x="{x:.1f}" y="{top + HEIGHT + 18}" text-anchor="middle">{escape(label)}</text>'
        )
    last = top
    by_end = sorted(range(len(lines)), key=lambda n: -lines[n][1][-1][1])
    for number in by_end:
        label, points = lines[number]
        drawn = " ".join(f"{LEFT + panel.place(x) * wide:.1f},{height(y):.1f}" for x, y in points)
        dashes = DASHES[number % len(DASHES)]
        yield f'<polyline class="line" stroke-dasharray="{dashes}" points="{drawn}"/>'
        # Labels of lines that end close together stand below each other.
        y = max(height(points[-1][1]) + 4, last + 14)
        yield f'<text x="{LEFT + wide + 8}" y="{y:.1f}">{escape(label)}</text>'
        last = y


def _step(most: float) -> float:
    """A round number by which a scale up to `most` has four to ten lines."""
    # A quarter of the smallest numbers is 0.
    power = 10.0 ** math.floor(math.log10(most / 4)) if most > SMALLEST else 1.0
    return next(power * n for n in (1, 2, 5, 10) if most / (power * n) <= 8)
