"""What of the door's cuts becomes a line in the log."""

from __future__ import annotations

from typing import Any

import pytest

from neuroplay.api.door import record
from neuroplay.api.door.connection import Stage
from neuroplay.api.door.record import LOG_EVERY_S, LOG_FROM, Record
from neuroplay.infra.monitoring.saturation import Saturation
from tests.counts import counted

NOBODY = dict.fromkeys(Stage, 0)


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    said: list[dict[str, Any]] = []

    class Log:
        def warning(self, event: str, **values: Any) -> None:
            said.append({"event": event, **values})

    monkeypatch.setattr(record, "log", Log())
    return said


def test_many_cuts_are_a_line_a_reason_with_where_most_came_from(
    lines: list[dict[str, Any]],
) -> None:
    noted = Record(Saturation())
    for number in range(300):
        noted.cut("slow_body", "192.0.2.1" if number % 3 else "192.0.2.2")
        noted.cut("malformed", None)
    noted.update(100.0, NOBODY)
    assert lines == [
        {
            "event": "connections cut",
            "reason": "slow_body",
            "count": 300,
            "most_from": "192.0.2.1",
            "of_these": 200,
        },
        {"event": "connections cut", "reason": "malformed", "count": 300},
    ]


def test_the_next_line_waits(lines: list[dict[str, Any]]) -> None:
    noted = Record(Saturation())
    for moment in range(30):
        noted.cut("slow_head", "192.0.2.1")
        noted.update(100.0 + moment, NOBODY)
    assert len(lines) == 30 / LOG_EVERY_S
    assert sum(line["count"] for line in lines) <= 30


@pytest.mark.parametrize("reason", sorted(LOG_FROM))
def test_a_browser_that_connects_ahead_is_no_news(lines: list[dict[str, Any]], reason: str) -> None:
    noted = Record(Saturation())
    noted.cut(reason, "192.0.2.1")
    noted.update(100.0, NOBODY)
    assert lines == []
    for _ in range(100):
        noted.cut(reason, "192.0.2.1")
    noted.update(200.0, NOBODY)
    assert len(lines) == 1


def test_ten_thousand_addresses_are_not_all_kept(lines: list[dict[str, Any]]) -> None:
    noted = Record(Saturation())
    for number in range(10_000):
        for _ in range(1 if number < 100 else 2):  # one more that is kept would be the first named
            noted.cut("address_full", f"192.0.{number >> 8}.{number & 255}")
    noted.report()
    assert [line["of_these"] for line in lines] == [1]


def test_a_request_waits_or_is_answered() -> None:
    noted = Record(Saturation())
    noted.update(100.0, {**NOBODY, Stage.ANSWERING: 40}, waiting=8)
    for stage, count in (("waiting", 8), ("answering", 32)):
        assert counted("neuroplay_api_connections", stage=stage) == count


def test_requests_turned_away_are_counted_together_and_are_one_line(
    lines: list[dict[str, Any]],
) -> None:
    saturation = Saturation()
    noted = Record(saturation)
    before = counted("neuroplay_api_turned_away_total", reason="waited")
    for _ in range(1000):
        noted.turned_away("waited", "192.0.2.1")
    assert not saturation
    noted.update(100.0, NOBODY)
    assert saturation
    assert counted("neuroplay_api_turned_away_total", reason="waited") == before + 1000
    assert [(line["event"], line["count"]) for line in lines] == [("requests refused", 1000)]
