from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from benchmarks.harness.picture import HEIGHT, LEFT, RIGHT, TOP, WIDTH, Panel, picture

AMOUNTS = st.floats(min_value=0, max_value=1e9, allow_nan=False)
POINTS = st.lists(st.tuples(AMOUNTS, AMOUNTS), min_size=1, max_size=9)


def points_of(drawn: str) -> list[tuple[float, float]]:
    found = re.findall(r'points="([^"]*)"', drawn)
    return [(float(x), float(y)) for one in found for x, y in (at.split(",") for at in one.split())]


@example([[(0.0, 5e-324)]])
@given(st.lists(POINTS, min_size=1, max_size=4))
def test_no_point_is_ever_outside_its_panel(found: list[list[tuple[float, float]]]) -> None:
    lines = [(f"line {n}", [(x + 1, y) for x, y in points]) for n, points in enumerate(found)]
    for x, y in points_of(picture("title", "about", [Panel(name="panel", lines=lines)])):
        assert LEFT <= x <= WIDTH - RIGHT
        assert TOP <= y <= TOP + HEIGHT


def test_names_are_escaped_and_the_picture_is_xml() -> None:
    drawn = picture("a < b", "c & d", [Panel(name="e > f", lines=[("<g>", [(1, 1), (2, 0)])])])
    words = [one.text for one in ElementTree.fromstring(drawn).iter() if one.text]  # noqa: S314 - our own
    assert {"a < b", "c & d", "e > f", "<g>"} <= set(words)


def test_a_scale_of_ticks_is_logarithmic() -> None:
    ticks = [(10, "ten"), (100, "hundred"), (1000, "thousand")]
    panel = Panel(name="panel", lines=[("line", [(10, 1), (1000, 2)])], ticks=ticks)
    assert [label for _, label in panel.places] == ["ten", "hundred", "thousand"]
    assert [place for place, _ in panel.places] == pytest.approx([0, 0.5, 1])
    with pytest.raises(ValueError, match="0"):
        Panel(name="panel", lines=[], ticks=[(0, "nothing"), (1, "one")])
