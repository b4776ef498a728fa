"""Plots by day as inline SVG, for a page that needs nothing from elsewhere. Each has a title and a
description for those who do not see it; all texts are escaped."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from itertools import count

HEIGHT = 132
_LEFT, _RIGHT, _TOP, _BOTTOM = 38, 20, 8, 22
MOST_STEPS = 4
_CHARACTER = 7
"""The width of a letter of a label, about."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Frame:
    """What is around a plot: `key` is unique on the page, `days` are the labels of all days, of
    which as many are shown as there is room for, and `ticks` those of the vertical axis, by
    value. The axis goes from `lowest` to `highest`. Lengths are in units of the viewBox."""

    key: str
    title: str
    about: str
    width: int
    days: Sequence[str]
    lowest: float
    highest: float
    ticks: Sequence[tuple[float, str]]

    def x(self, day: float) -> float:
        """The middle of a day, by its place in `days`."""
        return round(_LEFT + (day + 0.5) * self.day_width, 1)

    def y(self, value: float) -> float:
        share = (value - self.lowest) / (self.highest - self.lowest or 1)
        return round(HEIGHT - _BOTTOM - share * (HEIGHT - _TOP - _BOTTOM), 1)

    @property
    def day_width(self) -> float:
        return (self.width - _LEFT - _RIGHT) / max(len(self.days), 1)


def line_plot(frame: Frame, values: Sequence[float | None], *, mark: float | None = None) -> str:
    """A point for each day that has a value, and a line through them. `mark` is a level line."""
    points = [(frame.x(day), frame.y(one)) for day, one in enumerate(values) if one is not None]
    drawn = []
    if mark is not None:
        drawn.append(_level("mark", frame, mark))
    if len(points) > 1:
        drawn.append(f'<polyline class="line" points="{" ".join(f"{x},{y}" for x, y in points)}"/>')
    drawn += [f'<circle class="point" cx="{x}" cy="{y}" r="3"/>' for x, y in points]
    return _svg(frame, "".join(drawn))


def bar_plot(frame: Frame, values: Sequence[float]) -> str:
    """A bar for each day whose value is above `lowest`."""
    wide = round(frame.day_width * 0.7, 1)
    floor = frame.y(frame.lowest)
    return _svg(
        frame,
        "".join(
            f'<rect class="bar" x="{round(frame.x(day) - wide / 2, 1)}" y="{frame.y(one)}"'
            f' width="{wide}" height="{round(floor - frame.y(one), 1)}"/>'
            for day, one in enumerate(values)
            if one > frame.lowest
        ),
    )


def step(extent: float) -> int:
    """The least of 1, 2, 5, 10, 20 ... of which at most MOST_STEPS are in `extent`."""
    sizes = (digit * int(10**power) for power in count() for digit in (1, 2, 5))
    return next(size for size in sizes if extent <= MOST_STEPS * size)


def ticks(lowest: int, highest: int) -> list[int]:
    """Numbers for an axis: both ends, and multiples of a step between that are not near them."""
    apart = step(highest - lowest)
    inner = range(lowest - lowest % apart, highest, apart)
    near = apart / 2
    return [lowest, *(n for n in inner if lowest + near <= n <= highest - near), highest]


def _svg(frame: Frame, drawn: str) -> str:
    key = escape(frame.key)
    return (
        f'<svg class="plot" viewBox="0 0 {frame.width} {HEIGHT}" role="img"'
        f' aria-labelledby="{key}-title" aria-describedby="{key}-about"><title id="{key}-title">'
        f'{escape(frame.title)}</title><desc id="{key}-about">{escape(frame.about)}</desc>'
        f"{_axes(frame)}{drawn}</svg>"
    )


def _axes(frame: Frame) -> str:
    levels = "".join(
        _level("grid", frame, value) + _label(_LEFT - 5, frame.y(value) + 4, "end", text)
        for value, text in frame.ticks
    )
    return levels + "".join(
        _label(frame.x(day), HEIGHT - 6, "middle", frame.days[day]) for day in _labelled(frame)
    )


def _labelled(frame: Frame) -> range:
    """The days that have a label: evenly apart, with room between, and the last one."""
    longest = max(map(len, frame.days), default=0)
    every = max(1, round((longest + 2) * _CHARACTER / frame.day_width + 0.5))
    return range((len(frame.days) - 1) % every, len(frame.days), every)


def _level(kind: str, frame: Frame, value: float) -> str:
    y = frame.y(value)
    return f'<line class="{kind}" x1="{_LEFT}" x2="{frame.width - _RIGHT}" y1="{y}" y2="{y}"/>'


def _label(x: float, y: float, anchor: str, text: str) -> str:
    return f'<text x="{x}" y="{y}" text-anchor="{anchor}">{escape(text)}</text>'
