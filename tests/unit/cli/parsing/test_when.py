from __future__ import annotations

from datetime import UTC, datetime

import pytest

from cli.output.errors import CommandError
from cli.parsing.when import point_in_time

NOW = datetime(2026, 11, 20, 14, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("90s", datetime(2026, 11, 20, 13, 58, 30, tzinfo=UTC)),
        ("2h", datetime(2026, 11, 20, 12, 0, tzinfo=UTC)),
        ("3d", datetime(2026, 11, 17, 14, 0, tzinfo=UTC)),
        ("1W", datetime(2026, 11, 13, 14, 0, tzinfo=UTC)),
        ("2026-11-20T11:03-03:00", datetime(2026, 11, 20, 14, 3, tzinfo=UTC)),
        ("2026-11-20T14:03Z", datetime(2026, 11, 20, 14, 3, tzinfo=UTC)),
    ],
)
def test_a_point_in_time_is_understood_as_typed(typed, meant):
    assert point_in_time(typed, option="--since", now=NOW) == meant


def test_a_day_is_that_day_on_this_machine():
    assert point_in_time("2026-11-20", option="--since") == datetime(2026, 11, 20).astimezone(UTC)


def test_nothing_typed_is_no_time():
    assert point_in_time(None, option="--since") is None


@pytest.mark.parametrize("typed", ["yesterday", "", "2026-13-01", "-3d", "9999999d", "1h30m"])
def test_anything_else_is_a_usage_error_that_names_the_option(typed):
    with pytest.raises(CommandError) as refused:
        point_in_time(typed, option="--since", now=NOW)

    assert refused.value.code == 2
    assert refused.value.message.startswith("--since: ")


@pytest.mark.parametrize("typed", ["999999w", "0001-01-01"])
def test_a_time_before_the_calendar_began_is_a_usage_error(typed):
    with pytest.raises(CommandError) as refused:
        point_in_time(typed, option="--since", now=NOW)

    assert refused.value.code == 2
