from __future__ import annotations

import json
import math
from typing import Any

import pytest

from benchmarks.harness.figures import Figure, amount, document, from_row, repeat, show

HEADER: dict[str, Any] = {
    "processors": 2,
    "processor": "A Processor",
    "memory_gib": 24.0,
    "kernel": "Linux 6.1",
    "load_before": 0.1,
    "python": "3.11.7",
    "postgresql": "18.4",
    "valkey": "9.1.2",
    "packages": {"granian": "2.8.7", "locust": None},
    "commit": "abc1234",
    "dirty": True,
    "synchronous_commit": "on",
}


def figure(*values: float, **more: Any) -> Figure:
    return Figure(**{"name": "f", "unit": "ms", "values": values} | more)


def test_the_median_is_held_against_the_aim() -> None:
    assert figure(1, 9, 2, aim=2).reached is True
    assert figure(1, 9, 3, aim=2).reached is False
    assert figure(1, 9, 3, aim=2, more_is_better=True).reached is True
    assert figure(1).reached is None


def test_what_was_not_seen_reaches_no_aim() -> None:
    assert math.isnan(figure().median)
    assert figure(aim=0).reached is False
    assert figure(aim=0, more_is_better=True).reached is False
    assert figure().reached is None


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0 ms"),
        (0.03512, "0.0351 ms"),
        (9.996, "10.00 ms"),
        (31, "31 ms"),
        (1414.2, "1,410 ms"),
        (62_701.3, "62,700 ms"),
        (-12.34, "-12.3 ms"),
        (math.nan, "-"),
    ],
)
def test_an_amount_has_three_digits(value: float, text: str) -> None:
    assert amount(value, "ms") == text


def test_a_figure_comes_back_from_its_row() -> None:
    for one in (figure(1.5, 2.5, aim=3, note="why"), figure(aim=1, more_is_better=True)):
        (row,) = document([one], HEADER)["figures"]
        assert from_row(json.loads(json.dumps(row, allow_nan=False))) == one


def test_the_json_document_carries_machine_and_versions(capsys: pytest.CaptureFixture[str]) -> None:
    show([figure(1, 2, 3, aim=5)], HEADER, as_json=True)
    found = json.loads(capsys.readouterr().out)
    assert found["machine"] == HEADER
    (row,) = found["figures"]
    assert (row["median"], row["min"], row["max"], row["reached"]) == (2, 1, 3, True)
    assert row["values"] == [1, 2, 3]


def test_the_table_has_the_header_the_aim_and_the_note(
    capsys: pytest.CaptureFixture[str],
) -> None:
    show([figure(7, aim=5, note="it rained"), figure(name="unseen")], HEADER, as_json=False)
    text = capsys.readouterr().out
    for words in ("commit abc1234, tree dirty", "A Processor", "<= 5 ms", "MISSED", "it rained"):
        assert words in text


def test_a_warm_up_is_not_counted() -> None:
    calls = iter(range(10))
    assert repeat(lambda: float(next(calls)), runs=3) == (1.0, 2.0, 3.0)
