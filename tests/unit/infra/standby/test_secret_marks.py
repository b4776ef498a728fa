"""Which secret a standby's database needed, and when."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from neuroplay.infra.standby import secret_marks

MONDAY = datetime(2026, 11, 23, tzinfo=UTC)
DAY = timedelta(days=1)


def test_the_mark_of_any_time_is_known(tmp_path):
    for day, mark in enumerate(["one", "one", "two", "two", "one"]):
        secret_marks.note(tmp_path, mark, MONDAY + day * DAY)
    assert secret_marks.at(tmp_path, None) == "one"
    found = [secret_marks.at(tmp_path, MONDAY + day * DAY) for day in range(-1, 6)]
    assert found == [None, "one", "one", "two", "two", "one", "one"]


def test_what_is_noted_every_minute_is_written_once(tmp_path):
    secret_marks.note(tmp_path, "one", MONDAY)
    before = (tmp_path / secret_marks.FILE).stat()
    secret_marks.note(tmp_path, "one", MONDAY + DAY)
    assert (tmp_path / secret_marks.FILE).stat() == before


@pytest.mark.parametrize("text", ["", "{", "[1]", "[{}]", '[{"mark": "one", "since": "x"}]', "7"])
def test_a_damaged_record_stops_no_restore_and_is_begun_anew(tmp_path, text):
    (tmp_path / secret_marks.FILE).write_text(text)
    assert secret_marks.at(tmp_path, None) is None
    secret_marks.note(tmp_path, "one", MONDAY)
    assert secret_marks.at(tmp_path, None) == "one"


def test_a_folder_of_an_earlier_release_has_no_record(tmp_path):
    assert secret_marks.at(tmp_path, None) is None
