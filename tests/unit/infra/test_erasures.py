"""The erasure ledger as a file."""

from __future__ import annotations

import os
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from neuroplay.core.entities.erasure import Erased, Erasure
from neuroplay.infra import erasures
from neuroplay.infra.erasures import (
    LedgerFailed,
    append,
    complete,
    make_room,
    read,
    recorder,
)

NOON = datetime(2026, 11, 28, 12, tzinfo=UTC)


def erasure(number: int = 12) -> Erasure:
    created = NOON - timedelta(days=30, microseconds=number)
    return Erasure(kind="student", number=number, created_at=created, erased_at=NOON)


times = st.timedeltas(timedelta(0), timedelta(days=9999)).map(lambda passed: NOON + passed)
some = st.lists(
    st.builds(
        Erasure,
        kind=st.sampled_from(get_args(Erased)),
        number=st.integers(1, 2**31 - 1),
        created_at=times,
        erased_at=times,
    )
)


@given(first=some, second=some)
def test_what_is_appended_is_read_back_in_order(tmp_path_factory, first, second):
    file = tmp_path_factory.mktemp("home") / "erasures.txt"
    append(file, first)
    append(file, second)
    assert read(file) == first + second


def test_a_ledger_has_ids_and_times_and_only_its_owner_reads_it(tmp_path):
    file = tmp_path / "not yet" / "erasures.txt"
    append(file, [erasure()])
    assert file.read_text().splitlines()[1] == (
        "student 12 2026-10-29T11:59:59.999988+00:00 2026-11-28T12:00:00+00:00"
    )
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_file_that_nobody_has_written_is_no_ledger_yet(tmp_path):
    file = tmp_path / "erasures.txt"
    make_room(file)
    assert read(file) is None
    append(file, [erasure(1)])
    make_room(file)
    assert read(file) == [erasure(1)]
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_line_that_a_crash_cut_off_anywhere_hides_none_before_or_after(tmp_path):
    whole = tmp_path / "whole.txt"
    append(whole, [erasure(1), erasure(2)])
    content = whole.read_bytes()
    last = content.rindex(b"student 2")
    for end in range(last, len(content)):
        cut = tmp_path / f"{end}.txt"
        cut.write_bytes(content[:end])
        assert read(cut) == [erasure(1)]
        append(cut, [erasure(3)])
        append(cut, [erasure(4)])
        assert read(cut) == [erasure(1), erasure(3), erasure(4)]


def test_no_ledger_is_something_else_than_an_empty_one(tmp_path):
    assert read(tmp_path / "erasures.txt") is None
    complete(tmp_path / "erasures.txt", [])
    assert read(tmp_path / "erasures.txt") == []


def test_a_copy_gets_only_what_it_lacks(tmp_path):
    copy = tmp_path / "erasures.txt"
    append(copy, [erasure(1), erasure(2)])
    complete(copy, [erasure(2), erasure(3)])
    assert read(copy) == [erasure(1), erasure(2), erasure(3)]


@pytest.mark.parametrize(
    "line",
    [
        "student",
        "teacher 1 2026-01-01T00:00:00+00:00 2026-01-01T00:00:00+00:00",
        "student one 2026-01-01T00:00:00+00:00 2026-01-01T00:00:00+00:00",
        "student 1 2026-01-01T00:00:00 2026-01-01T00:00:00+00:00",
        "student 1 yesterday 2026-01-01T00:00:00+00:00",
        "\x00\x00\x00",
    ],
)
def test_a_damaged_line_is_told_and_never_skipped(tmp_path, line):
    file = tmp_path / "erasures.txt"
    append(file, [erasure()])
    with file.open("a") as opened:
        opened.write(f"{line}\n")
    with pytest.raises(LedgerFailed, match="line 3 of the erasure ledger"):
        read(file)


def test_a_ledger_that_cannot_be_written_says_why(tmp_path):
    (tmp_path / "erasures.txt").mkdir()
    with pytest.raises(LedgerFailed, match="cannot be written: is a directory"):
        append(tmp_path / "erasures.txt", [erasure()])
    with pytest.raises(LedgerFailed, match="cannot be read: is a directory"):
        read(tmp_path / "erasures.txt")


def test_a_ledger_has_a_largest_size(tmp_path, monkeypatch):
    file = tmp_path / "erasures.txt"
    append(file, [erasure()])
    monkeypatch.setattr(erasures, "MOST_BYTES", file.stat().st_size + 10)
    with pytest.raises(LedgerFailed, match="larger than"):
        append(file, [erasure()])
    assert read(file) == [erasure()]
    os.truncate(file, 10_000)
    with pytest.raises(LedgerFailed, match="larger than"):
        read(file)


def test_an_erasure_is_recorded_beside_the_last_backup_as_well(tmp_path):
    home, disk = tmp_path / "home", tmp_path / "disk"
    for folder in (home, disk):
        folder.mkdir()
    record = recorder(home / "erasures.txt", home)
    record([erasure(1)])
    erasures.remember_folder(home, disk)
    assert erasures.last_folder(home) == disk
    record([erasure(2)])
    assert read(home / "erasures.txt") == [erasure(1), erasure(2)]
    assert read(disk / "erasures.txt") == [erasure(2)]


@pytest.mark.parametrize("away", [True, False])
def test_a_backup_disk_that_is_away_or_broken_stops_no_erasure(tmp_path: Path, away):
    home, disk = tmp_path / "home", tmp_path / "disk"
    home.mkdir()
    erasures.remember_folder(home, disk)
    if not away:
        (disk / "erasures.txt").mkdir(parents=True)
    recorder(home / "erasures.txt", home)([erasure()])
    assert read(home / "erasures.txt") == [erasure()]
    assert disk.exists() is not away


def test_a_copy_belongs_to_whoever_writes_the_ledger(tmp_path, monkeypatch):
    """Where root makes the backup, the account that serves goes on writing beside it."""
    given = []
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(os, "chown", lambda file, *owner: given.append((file, *owner)))
    ledger, copy = tmp_path / "erasures.txt", tmp_path / "disk" / "erasures.txt"
    erasures.share(copy, ledger)
    assert given == [], "nobody writes a ledger yet"
    append(ledger, [erasure()])
    given.clear()
    erasures.share(copy, ledger)
    assert given == [(copy, ledger.stat().st_uid, ledger.stat().st_gid)]


def test_a_shell_without_a_home_remembers_no_folder_and_makes_none(tmp_path):
    erasures.remember_folder(tmp_path / "none", tmp_path)
    assert erasures.last_folder(tmp_path / "none") is None
    assert not (tmp_path / "none").exists()
