"""A picture of a school's years: the size of each table by month, and answers by year, as SVG."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape

WIDTH, LEFT, RIGHT, TOP = 900, 64, 190, 84
HEIGHT, GAP = 220, 64

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

MONTHS_A_YEAR = 13
"""Of four weeks each, so that each year ends on the same day of the week."""

Line = tuple[str, Sequence[tuple[float, float]]]
"""A name, and points of (year, value)."""


@dataclass(frozen=True, kw_only=True)
class Month:
    """Megabytes of each table with its indexes at the end of a month."""

    megabytes: Mapping[str, float]

    def __str__(self) -> str:
        return ", ".join(f"{name} {size:.1f} MB" for name, size in self.megabytes.items())


def picture(
    months: Sequence[Month], answers: Mapping[str, Sequence[float]], children: int, about: str
) -> str:
    """The SVG. `answers` are milliseconds of processor time at the end of each year, `about` is the
    line below the title."""
    tables = [
        (name, [((n + 1) / MONTHS_A_YEAR, month.megabytes[name]) for n, month in enumerate(months)])
        for name in months[0].megabytes
    ]
    times = [
        (name, [(n + 1.0, took) for n, took in enumerate(values)])
        for name, values in answers.items()
    ]
    return (
        "\n".join(
            _drawn(
                f"{children} children, ten games a day, with retention",
                about,
                [
                    ("tables with their indexes, MB, by year", tables),
                    ("processor time of an answer, ms, at the end of each year", times),
                ],
            )
        )
        + "\n"
    )


def _drawn(title: str, about: str, panels: Sequence[tuple[str, Sequence[Line]]]) -> Iterator[str]:
    height = TOP + len(panels) * (HEIGHT + GAP)
    yield (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" '
        f'role="img" aria-label="{escape(title)}">'
    )
    yield f"<style>{STYLE}</style>"
    yield f'<rect class="paper" width="{WIDTH}" height="{height}"/>'
    yield f'<text class="title" x="{LEFT}" y="30">{escape(title)}</text>'
    yield f'<text x="{LEFT}" y="50">{escape(about)}</text>'
    for number, (name, lines) in enumerate(panels):
        yield from _panel(TOP + number * (HEIGHT + GAP), name, lines)
    yield "</svg>"


def _panel(top: float, name: str, lines: Sequence[Line]) -> Iterator[str]:
    end = max(year for _, points in lines for year, _ in points)
    step = _step(max(value for _, points in lines for _, value in points))
    most = step * math.ceil(max(value for _, points in lines for _, value in points) / step)
    wide = WIDTH - LEFT - RIGHT

    def place(year: float, value: float) -> str:
        return f"{LEFT + year / end * wide:.1f},{top + HEIGHT - value / most * HEIGHT:.1f}"

    yield f'<text class="name" x="{LEFT}" y="{top - 10}">{escape(name)}</text>'
    for tick in range(round(most / step) + 1):
        y = top + HEIGHT - tick * step / most * HEIGHT
        yield f'<line class="grid" x1="{LEFT}" x2="{LEFT + wide}" y1="{y:.1f}" y2="{y:.1f}"/>'
        yield f'<text x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{tick * step:g}</text>'
    for year in range(math.ceil(end) + 1):
        x = LEFT + min(year / end, 1) * wide
        yield f'<text x="{x:.1f}" y="{top + HEIGHT + 18}" text-anchor="middle">{year}</text>'
    last = top
    by_end = sorted(range(len(lines)), key=lambda n: -lines[n][1][-1][1])
    for number in by_end:
        label, points = lines[number]
        drawn = " ".join(place(*point) for point in points)
        dashes = DASHES[number % len(DASHES)]
        yield f'<polyline class="line" stroke-dasharray="{dashes}" points="{drawn}"/>'
        # Labels of lines that end close together stand below each other.
        y = max(top + HEIGHT - points[-1][1] / most * HEIGHT + 4, last + 14)
        yield f'<text x="{LEFT + wide + 8}" y="{y:.1f}">{escape(label)}</text>'
        last = y


def _step(most: float) -> float:
    """A round number by which a scale up to `most` has four to ten lines."""
    power = 10.0 ** math.floor(math.log10(most / 4)) if most > 0 else 1.0
    return next(power * n for n in (1, 2, 5, 10) if most / (power * n) <= 8)
