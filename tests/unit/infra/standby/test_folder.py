"""The folder of a standby: what is refused, and what is removed."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta

import pytest

from neuroplay.infra.standby import folder as folders
from neuroplay.infra.standby import plan, wal_files
from neuroplay.infra.standby.folder import StandbyFolder
from neuroplay.infra.supervision.errors import CannotStart

NOW = datetime(2026, 11, 20, 3, tzinfo=UTC)


def add_base(series, name, *, number, kind=plan.FULL, after=None, minute=0):
    (series.base / name).mkdir()
    (series.base / name / "PG_VERSION").write_text("18\n")
    began = NOW + timedelta(minutes=minute)
    base = plan.Base(
        name=name,
        kind=kind,
        after=after,
        start_wal=f"0000000100000000{number:08X}",
        began=began,
        ended=began,
        bytes=3,
    )
    series.record(base)
    return base


def test_an_empty_folder_becomes_the_database_s_and_no_other_s(tmp_path):
    folder = StandbyFolder(tmp_path / "wal")
    os.close(folder.claim("12"))
    assert folder.system == "12"
    os.close(folder.claim("12"))
    with pytest.raises(CannotStart, match="belongs to another database \\(12, and this is 13\\)"):
        folder.claim("13")
    with pytest.raises(CannotStart, match="this is a new one"):
        folder.check(None)


def test_a_file_that_is_too_short_to_go_on_is_removed_only_if_nothing_was_written_to_it(tmp_path):
    folder = StandbyFolder(tmp_path / "wal")
    os.close(folder.claim("12"))
    series = folder.begin_series(NOW, 1)
    whole = bytes(wal_files.FILE_BYTES)
    contents = {"1.partial": whole, "2.partial": b"", "3.partial": b"\0\1", "4": b"\0\0"}
    for name, content in {**contents, "5.partial": whole[1:]}.items():
        (series.wal / name).write_bytes(content)
    series.remove_unfilled()
    assert sorted(os.listdir(series.wal)) == sorted(contents)


def test_a_folder_with_other_files_is_refused_and_keeps_them(tmp_path):
    (tmp_path / "thesis.odt").write_text("mine")
    with pytest.raises(CannotStart, match=r"contains other files \(thesis.odt\)"):
        StandbyFolder(tmp_path).claim("12")
    assert os.listdir(tmp_path) == ["thesis.odt"]


def test_a_fresh_file_system_counts_as_empty(tmp_path):
    (tmp_path / "lost+found").mkdir()
    os.close(StandbyFolder(tmp_path).claim("12"))


def test_a_folder_of_a_disk_that_is_not_mounted_is_not_made(tmp_path):
    with pytest.raises(CannotStart, match="does not exist") as found:
        StandbyFolder(tmp_path / "disk" / "wal").check("12")
    assert found.value.hint == "Is the disk mounted?"
    assert not (tmp_path / "disk").exists()


def test_a_file_in_its_place_is_refused(tmp_path):
    (tmp_path / "wal").write_text("")
    with pytest.raises(CannotStart, match="cannot be written to"):
        StandbyFolder(tmp_path / "wal").check("12")


def test_two_keepers_never_write_to_one_folder(tmp_path):
    folder = StandbyFolder(tmp_path)
    held = folder.claim("12")
    with pytest.raises(CannotStart, match="another process keeps"):
        folder.lock()
    os.close(held)
    os.close(folder.lock())


def test_a_damaged_marker_is_refused(tmp_path):
    (tmp_path / folders.MARKER).write_text("{")
    with pytest.raises(CannotStart, match="cannot be read"):
        StandbyFolder(tmp_path).check("12")


def test_what_is_not_needed_any_more_is_removed_and_nothing_else(tmp_path):
    folder = StandbyFolder(tmp_path)
    os.close(folder.claim("12"))
    old = folder.begin_series(NOW, 1)
    add_base(old, "a-full", number=1)
    new = folder.begin_series(NOW + timedelta(days=1), 1)
    first = add_base(new, "b-full", number=5, minute=1)
    second = add_base(new, "c-full", number=8, minute=2)
    third = add_base(
        new, "d-incremental", number=9, kind=plan.INCREMENTAL, after="c-full", minute=3
    )
    for number in range(5, 11):
        (new.wal / f"0000000100000000{number:08X}").touch()
    (new.wal / "00000002.history").touch()
    (new.base / ".new-e-full").mkdir()

    removed = folder.prune([second, third])

    assert sorted(removed) == sorted([old.path.name, first.name])
    assert [one.path for one in folder.series()] == [new.path]
    assert new.bases() == [second, third]
    assert sorted(os.listdir(new.base)) == sorted(
        [second.name, third.name, f"{second.name}.json", f"{third.name}.json"]
    )
    assert sorted(new.wal_names()) == [
        *(f"0000000100000000{number:08X}" for number in (8, 9, 10)),
        "00000002.history",
    ]


def test_a_base_backup_that_was_interrupted_is_none(tmp_path):
    folder = StandbyFolder(tmp_path)
    os.close(folder.claim("12"))
    series = folder.begin_series(NOW, 1)
    (series.base / "a-full").mkdir()
    assert series.bases() == []


def test_the_system_is_read_from_a_cluster(tmp_path):
    assert folders.system_of(tmp_path) is None
    (tmp_path / "global").mkdir()
    (tmp_path / "global" / "pg_control").write_bytes((7713174653690259182).to_bytes(8, "little"))
    assert folders.system_of(tmp_path) == "7713174653690259182"
