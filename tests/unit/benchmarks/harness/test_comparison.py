from __future__ import annotations

import json
import math

import pytest

from benchmarks.harness.comparison import compared, document, show
from benchmarks.harness.figures import Figure
from tests.unit.benchmarks.harness.test_figures import HEADER


def rate(*values: float, name: str = "rate", note: str = "") -> Figure:
    return Figure(name=name, unit="req/s", values=values, aim=100, more_is_better=True, note=note)


def test_a_ratio_is_taken_run_by_run() -> None:
    (row,) = compared(
        [([rate(100)], [rate(50)]), ([rate(90)], [rate(60)]), ([rate(10)], [rate(5)])]
    )
    assert row.ratios == (2, 1.5, 2)
    assert row.ratio == 2
    assert row.now.values == (100, 90, 10)
    assert row.baseline.values == (50, 60, 5)


def test_a_run_of_several_values_gives_the_ratio_of_their_medians() -> None:
    (row,) = compared([([rate(10, 20, 90)], [rate(5, 40, 10)])])
    assert row.ratios == (2,)


def test_a_run_in_which_one_side_saw_nothing_has_no_ratio() -> None:
    (row,) = compared([([rate()], [rate(50)]), ([rate(80)], [rate(40)]), ([rate(1)], [rate(0)])])
    assert row.ratios == (2,)


def test_slopes_that_fall_have_no_ratio() -> None:
    (row,) = compared([([rate(-5)], [rate(50)]), ([rate(80)], [rate(-40)]), ([rate(0)], [rate(2)])])
    assert row.ratios == (0,)


def test_a_figure_of_one_side_alone_is_shown_beside_nothing() -> None:
    new, old = compared([([rate(1, name="new")], [rate(2, name="old")])])
    assert (new.now.values, new.baseline.values) == ((1,), ())
    assert (old.now.values, old.baseline.values) == ((), (2,))
    assert math.isnan(new.ratio)
    assert math.isnan(old.ratio)


def test_notes_are_told_once_for_each_side() -> None:
    (row,) = compared(
        [([rate(1, note="late")], [rate(1)]), ([rate(1, note="late")], [rate(1, note="lost")])]
    )
    assert (row.now.note, row.baseline.note) == ("late", "lost")


def test_both_sides_and_their_ratio_are_told(capsys: pytest.CaptureFixture[str]) -> None:
    rows = compared([([rate(150)], [rate(100, note="slow")])])
    then = {**HEADER, "commit": "0ldc0de", "packages": {"granian": "2.5.0"}}
    show(rows, HEADER, then, as_json=False)
    text = capsys.readouterr().out
    for words in ("150 req/s", "1.50", "baseline 0ldc0de; granian 2.5.0 (2.8.7 now)", "slow"):
        assert words in text
    found = json.loads(json.dumps(document(rows, HEADER, then), allow_nan=False))
    assert found["baseline"]["commit"] == "0ldc0de"
    assert found["figures"][0]["ratios"] == [1.5]
