"""A full disk only loses lines of a log."""

from __future__ import annotations

import resource
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from neuroplay.infra.supervision.log_file import LogFile


@contextmanager
def no_room() -> Iterator[None]:
    """No file of this process may grow meanwhile."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)


def test_lines_are_added_to_what_is_there_and_nobody_else_reads_them(tmp_path: Path) -> None:
    path = tmp_path / "api.log"
    LogFile(path, backups=1).write(b"one\n")
    LogFile(path, backups=1).write(b"two\n")
    assert path.read_text() == "one\ntwo\n"
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_long_log_is_rotated_and_the_oldest_goes(tmp_path: Path) -> None:
    log = LogFile(tmp_path / "api.log", backups=2, longest=10)
    for number in range(8):
        log.write(f"line {number}\n".encode())
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {
        "api.log.2": "line 2\nline 3\n",
        "api.log.1": "line 4\nline 5\n",
        "api.log": "line 6\nline 7\n",
    }


def test_lines_that_find_no_room_are_lost_and_later_ones_are_written(tmp_path: Path) -> None:
    path = tmp_path / "api.log"
    log = LogFile(path, backups=1)
    log.write(b"before\n")
    with no_room():
        for _ in range(20):
            log.write(b"lost\n")
    log.write(b"after\n")
    assert path.read_text() == "before\nafter\n"


def test_a_log_that_could_not_even_be_opened_is_tried_again(tmp_path: Path) -> None:
    path = tmp_path / "not yet" / "api.log"
    log = LogFile(path, backups=1)
    log.write(b"lost\n")
    path.parent.mkdir()
    log.write(b"written\n")
    assert path.read_text() == "written\n"


def test_a_rotation_that_fails_loses_no_line(tmp_path: Path) -> None:
    path = tmp_path / "api.log"
    (tmp_path / "api.log.1").mkdir()
    (tmp_path / "api.log.1" / "in the way").touch()
    log = LogFile(path, backups=1, longest=10)
    for number in range(9):
        log.write(f"line {number}\n".encode())
    assert path.read_text().count("\n") == 9


@pytest.mark.parametrize("backups", [1, 4])
def test_a_log_that_somebody_removed_is_begun_again(tmp_path: Path, backups: int) -> None:
    path = tmp_path / "api.log"
    log = LogFile(path, backups=backups)
    log.write(b"one\n")
    path.unlink()
    log.write(b"two\n")
    assert path.read_text() == "two\n"
    assert list(tmp_path.iterdir()) == [path]
