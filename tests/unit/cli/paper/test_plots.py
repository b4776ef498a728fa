from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cli.paper.plots import HEIGHT, MOST_STEPS, Frame, bar_plot, line_plot, step, ticks


def frame(days: int = 7, **changes: Any) -> Frame:
    known: dict[str, Any] = {
        "key": "p",
        "title": "Level",
        "about": "From 1 to 3",
        "width": 345,
        "days": [f"{day + 1:02}/11" for day in range(days)],
        "lowest": 0,
        "highest": 10,
        "ticks": [(0, "0"), (10, "10")],
    }
    return Frame(**(known | changes))


def parsed(svg: str) -> ElementTree.Element:
    return ElementTree.fromstring(svg)  # noqa: S314 - ours


def centres(svg: str) -> list[tuple[float, float]]:
    return [(float(c.attrib["cx"]), float(c.attrib["cy"])) for c in parsed(svg).iter("circle")]


def labels(svg: str) -> list[str]:
    return [str(one.text) for one in parsed(svg).iter("text")]


def test_a_line_has_a_point_for_each_day_with_a_value_and_goes_through_them():
    svg = line_plot(frame(4), [2, None, 10, 0])
    (x1, y1), (x2, y2), (x3, y3) = centres(svg)
    assert x3 - x2 == pytest.approx((x2 - x1) / 2, abs=0.2)
    assert y2 < y1 < y3
    assert f'points="{x1},{y1} {x2},{y2} {x3},{y3}"' in svg


def test_a_single_value_is_a_point_without_a_line_and_no_value_is_an_empty_plot():
    alone = line_plot(frame(), [None, 5, *[None] * 5])
    assert (len(centres(alone)), "polyline" in alone) == (1, False)
    assert centres(line_plot(frame(), [None] * 7)) == []


def test_a_mark_is_a_level_line_at_its_value():
    svg = line_plot(frame(), [5] * 7, mark=5)
    (mark,) = [one for one in parsed(svg) if one.attrib.get("class") == "mark"]
    assert mark.attrib["y1"] == mark.attrib["y2"] == str(centres(svg)[0][1])


def test_a_bar_stands_on_the_axis_and_is_as_high_as_its_value():
    bars = [
        (float(one.attrib["y"]), float(one.attrib["height"]))
        for one in parsed(bar_plot(frame(3), [10, 0, 5])).iter("rect")
    ]
    (high, whole), (low, half) = bars
    assert high + whole == low + half == frame().y(0)
    assert whole == pytest.approx(2 * half, abs=0.2)


def test_texts_are_escaped_and_say_what_is_seen():
    texts: dict[str, Any] = {"title": "<b> & \"c\" 'd'", "about": "</desc><script>"}
    svg = line_plot(frame(**texts, ticks=[(0, "<0"), (10, "&")]), [1] * 7)
    root = parsed(svg)
    assert (root[0].text, root[1].text) == (texts["title"], texts["about"])
    assert root.attrib["aria-labelledby"] == root[0].attrib["id"]
    assert root.attrib["aria-describedby"] == root[1].attrib["id"]
    assert {"<0", "&"} <= set(labels(svg))


@pytest.mark.parametrize("days", [7, 28, 56, 182])
@pytest.mark.parametrize("width", [345, 700])
def test_labels_of_days_do_not_overlap_and_the_last_day_has_one(days, width):
    svg = bar_plot(frame(days, width=width, ticks=[]), [1] * days)
    shown = labels(svg)
    assert shown[-1] == frame(days).days[-1]
    places = [float(one.attrib["x"]) for one in parsed(svg).iter("text")]
    assert all(b - a >= 5 * 6.5 for a, b in pairwise(places))
    assert places[0] >= 5 * 6.5 / 2
    assert places[-1] + 5 * 6.5 / 2 <= width


@given(
    values=st.lists(st.none() | st.floats(0, 10), min_size=1, max_size=200),
    width=st.integers(200, 900),
)
def test_whatever_is_drawn_is_well_formed_and_inside(values, width):
    one = frame(len(values), width=width)
    for x, y in centres(line_plot(one, values)):
        assert 0 < x < width
        assert 0 < y < HEIGHT
    for bar in parsed(bar_plot(one, [value or 0 for value in values])).iter("rect"):
        assert float(bar.attrib["x"]) > 0
        assert float(bar.attrib["height"]) >= 0
    assert not re.search(r"nan|inf", line_plot(one, values))


def test_a_range_without_extent_can_be_drawn():
    assert len(centres(line_plot(frame(1, lowest=3, highest=3, ticks=[(3, "3")]), [3]))) == 1


@pytest.mark.parametrize(
    ("lowest", "highest", "expected"),
    [
        (0, 7, [0, 2, 4, 6, 7]),
        (1, 20, [1, 5, 10, 15, 20]),
        (0, 1, [0, 1]),
        (0, 40, [0, 10, 20, 30, 40]),
        (0, 99, [0, 50, 99]),
    ],
)
def test_an_axis_has_both_ends_and_round_numbers_between(lowest, highest, expected):
    assert ticks(lowest, highest) == expected


@given(lowest=st.integers(0, 50), extent=st.integers(1, 5000))
def test_numbers_on_an_axis_are_few_rise_and_are_not_near_each_other(lowest, extent):
    found = ticks(lowest, lowest + extent)
    assert (found[0], found[-1]) == (lowest, lowest + extent)
    assert len(found) <= MOST_STEPS + 2
    apart = [b - a for a, b in pairwise(found)]
    assert min(apart) >= min(extent, step(extent) / 2)
