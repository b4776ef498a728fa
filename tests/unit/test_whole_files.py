from __future__ import annotations

import errno
import os
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread

import pytest

from neuroplay.whole_files import folder_lock, whole_file


def write(target: Path, data: bytes) -> None:
    with whole_file(target) as file:
        file.write(data)


@contextmanager
def disk_of(size: int) -> Iterator[None]:
    """No file may become larger: a write fails in the middle, as on a full disk."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_file_is_private_and_replaces_what_was_there(tmp_path):
    target = tmp_path / "cards.html"
    target.write_text("old")
    target.chmod(0o644)

    write(target, b"new")

    assert target.read_bytes() == b"new"
    assert target.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [target]


@pytest.mark.parametrize("there", [None, "old"])
def test_a_disk_that_fills_leaves_what_was_there_and_nothing_else(tmp_path, there):
    target = tmp_path / "cards.html"
    if there is not None:
        target.write_text(there)

    with disk_of(1000), pytest.raises(OSError, match="large"):
        write(target, b"x" * 5000)

    assert [path.name for path in tmp_path.iterdir()] == ([] if there is None else ["cards.html"])
    assert there is None or target.read_text() == there


def test_a_disk_that_is_full_only_when_it_must_write_for_good_leaves_nothing(tmp_path, monkeypatch):
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("os.fsync", full)

    with pytest.raises(OSError, match="No space"):
        write(tmp_path / "a", b"x")
    assert list(tmp_path.iterdir()) == []


def test_what_is_written_is_not_there_before_it_is_whole(tmp_path):
    with whole_file(tmp_path / "a") as file:
        file.write(b"half")
        file.flush()
        assert not (tmp_path / "a").exists()
    assert (tmp_path / "a").read_bytes() == b"half"


def test_a_link_stays_a_link(tmp_path):
    (tmp_path / "folder").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "folder" / "a")

    write(tmp_path / "link", b"x")

    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "folder" / "a").read_bytes() == b"x"


def test_a_pipe_is_written_straight(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    got: list[bytes] = []
    reader = Thread(target=lambda: got.append(pipe.read_bytes()))
    reader.start()
    write(pipe, b"x")
    reader.join()

    assert got == [b"x"]


def test_a_folder_cannot_be_written_over(tmp_path):
    (tmp_path / "a").mkdir()

    with pytest.raises(IsADirectoryError):
        write(tmp_path / "a", b"x")
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


def test_two_who_write_one_file_do_not_touch_each_others(tmp_path):
    with whole_file(tmp_path / "a") as first, whole_file(tmp_path / "a") as second:
        first.write(b"first")
        second.write(b"second")
    assert (tmp_path / "a").read_bytes() == b"first"
    assert len(list(tmp_path.iterdir())) == 1


def test_a_folder_is_locked_by_one_at_a_time(tmp_path):
    order: list[str] = []

    def second() -> None:
        with folder_lock(tmp_path):
            order.append("second")

    thread = Thread(target=second)
    with folder_lock(tmp_path):
        thread.start()
        thread.join(0.2)
        order.append("first")
    thread.join()

    assert order == ["first", "second"]
