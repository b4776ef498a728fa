from __future__ import annotations

import pytest

from cli.output.sparkline import sparkline


@pytest.mark.parametrize(
    ("values", "drawn"),
    [([], ""), ([0, 0], "▁▁"), ([0, 50, 100], "▁▅█"), ([3], "█"), ([-1, 1], "▁█")],
)
def test_a_sparkline_reaches_from_nothing_to_the_highest(values: list[float], drawn: str) -> None:
    assert sparkline(values) == drawn
