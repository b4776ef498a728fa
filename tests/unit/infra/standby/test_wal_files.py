"""Names of WAL files, and gaps between them."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from neuroplay.infra.standby import wal_files


def name(number: int, timeline: int = 1) -> str:
    high, low = divmod(number, wal_files.PER_HIGH)
    return f"{timeline:08X}{high:08X}{low:08X}"


def test_the_number_goes_on_where_the_last_group_of_digits_is_full():
    assert wal_files.number_of("000000010000000100000000") == (
        wal_files.number_of("0000000100000000000000FF") + 1
    )


@given(first=st.integers(0, 1000), count=st.integers(1, 30))
def test_consecutive_files_have_no_gap(first, count):
    names = [name(first + one) for one in range(count)]
    assert wal_files.gap_after(names, name(first)) is None


@given(first=st.integers(0, 1000), count=st.integers(3, 30), data=st.data())
def test_the_file_before_a_missing_one_is_named(first, count, data):
    missing = data.draw(st.integers(1, count - 2))
    names = [name(first + one) for one in range(count) if one != missing]
    assert wal_files.gap_after(names, name(first)) == name(first + missing - 1)


def test_without_the_first_file_nothing_can_be_replayed():
    assert wal_files.gap_after([name(5)], name(4)) == ""


def test_a_restore_reads_no_older_file_and_nothing_else_in_the_folder():
    names = [name(3), name(4), f"{name(5)}.partial", "00000002.history", "notes.txt"]
    assert wal_files.from_file(names, name(4)) == [name(4), f"{name(5)}.partial"]
    assert wal_files.before(names, name(4)) == [name(3)]
    assert [one for one in names if wal_files.is_history(one)] == ["00000002.history"]
