"""A full disk, and a reader who does not read, only lose lines of a log."""

from __future__ import annotations

import fcntl
import os
import resource
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from neuroplay.infra.supervision.log_file import LONGEST_LINE_BYTES, LineCopy, LogFile


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


@pytest.fixture
def reader() -> Iterator[tuple[int, int]]:
    """(read end, write end) of a pipe."""
    ends = os.pipe()
    os.set_blocking(ends[0], False)
    yield ends
    for end in ends:
        with suppress(OSError):
            os.close(end)


@pytest.fixture
def slow_reader(reader: tuple[int, int]) -> tuple[int, int]:
    """The same, with room for 4096 bytes."""
    fcntl.fcntl(reader[1], fcntl.F_SETPIPE_SZ, 4096)
    return reader


def what_was_read(reader: tuple[int, int]) -> bytes:
    try:
        return os.read(reader[0], 1 << 20)
    except BlockingIOError:
        return b""


def test_a_copied_log_has_its_lines_in_both_places(tmp_path: Path, reader: tuple[int, int]) -> None:
    log = LogFile(tmp_path / "api.log", backups=1, copied_to=reader[1])
    log.write(b"one\ntwo\n")
    assert what_was_read(reader) == (tmp_path / "api.log").read_bytes() == b"one\ntwo\n"


def test_the_lines_of_two_programs_do_not_mix(tmp_path: Path, reader: tuple[int, int]) -> None:
    api, worker = (
        LogFile(tmp_path / f"{name}.log", backups=1, copied_to=reader[1])
        for name in ("api", "worker")
    )
    api.write(b"first half, ")
    worker.write(b"whole\nanother ")
    api.write(b"second half\n")
    worker.write(b"one\n")
    assert what_was_read(reader) == b"whole\nfirst half, second half\nanother one\n"


def test_a_full_disk_does_not_keep_lines_from_the_reader(
    tmp_path: Path, reader: tuple[int, int]
) -> None:
    log = LogFile(tmp_path / "api.log", backups=1, copied_to=reader[1])
    log.write(b"before\n")
    with no_room():
        log.write(b"while it is full\n")
    assert what_was_read(reader) == b"before\nwhile it is full\n"


@pytest.mark.timeout(20)
def test_a_reader_that_does_not_read_loses_lines_and_nobody_waits(
    tmp_path: Path, slow_reader: tuple[int, int]
) -> None:
    log = LogFile(tmp_path / "api.log", backups=1, copied_to=slow_reader[1])
    line = b"x" * 2999 + b"\n"
    for _ in range(5):
        log.write(line)
    first = what_was_read(slow_reader)
    assert first.startswith(line)
    log.write(b"later\n")
    read = (first + what_was_read(slow_reader)).split(b"\n")
    assert set(read[:-2]) <= {line[:-1], line[: len(read[-3])]}
    assert read[-2:] == [b"later", b""]
    assert (tmp_path / "api.log").read_bytes() == 5 * line + b"later\n"


def test_a_line_that_was_torn_does_not_spoil_the_next(
    tmp_path: Path, slow_reader: tuple[int, int]
) -> None:
    log = LogFile(tmp_path / "api.log", backups=1, copied_to=slow_reader[1])
    log.write(b"x" * 6000 + b"\n")
    torn = what_was_read(slow_reader)
    assert torn == b"x" * 4096
    log.write(b"next\n")
    assert what_was_read(slow_reader) == b"\nnext\n"


def test_a_line_without_an_end_is_copied_in_parts(slow_reader: tuple[int, int]) -> None:
    copied = LineCopy(slow_reader[1])
    for _ in range(LONGEST_LINE_BYTES // 1000):
        copied.write(b"x" * 1000)
    assert what_was_read(slow_reader) == b""
    copied.write(b"x" * 1000)
    assert what_was_read(slow_reader) == b"x" * 4096


def test_a_reader_that_has_gone_is_no_error(tmp_path: Path, reader: tuple[int, int]) -> None:
    os.close(reader[0])
    log = LogFile(tmp_path / "api.log", backups=1, copied_to=reader[1])
    log.write(b"one\n")
    log.write(b"two\n")
    assert (tmp_path / "api.log").read_bytes() == b"one\ntwo\n"
