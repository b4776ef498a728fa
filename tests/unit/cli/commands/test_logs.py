from __future__ import annotations

import gzip
import os
import re
from itertools import islice
from pathlib import Path
from threading import Timer

import pytest

from neuroplay.operation.logs import follow, last_lines, moment_of


@pytest.mark.parametrize(
    ("line", "moment"),
    [
        ('{"timestamp": "2026-11-23T15:38:03.960417Z"}', "2026-11-23 15:38:03.960417"),
        ("2026-11-23 15:38:03.960 UTC [7] LOG:  ready", "2026-11-23 15:38:03.960"),
        ("2026-11-23 15:38:03,960 INFO spawned", "2026-11-23 15:38:03.960"),
        ("29936:M 23 Nov 2026 15:38:03.960 * Ready", "2026-11-23 15:38:03.960"),
        ("[INFO] Started worker-1", ""),
    ],
)
def test_every_programs_own_way_to_write_a_time_is_read(line: str, moment: str) -> None:
    assert moment_of(line) == moment


def test_lines_of_all_programs_stand_in_the_order_of_their_times(tmp_path: Path) -> None:
    (tmp_path / "api.log").write_text(
        "2026-11-23 10:00:01 one\n  a line without time\n2026-11-23 10:00:03 three\n"
    )
    (tmp_path / "beat.log").write_text("2026-11-23 10:00:02 two\n")
    logs = [(name, tmp_path / f"{name}.log") for name in ("api", "beat", "missing")]
    assert [line.split()[-1] for _, line in last_lines(logs, 10)] == ["one", "time", "two", "three"]
    assert [name for name, _ in last_lines(logs, 1)] == ["beat", "api"]
    assert last_lines(logs, 0) == []


def test_the_end_of_a_big_log_is_found_without_its_beginning(tmp_path: Path) -> None:
    path = tmp_path / "api.log"
    path.write_text("".join(f"line {number} {'x' * 100}\n" for number in range(5000)))
    found = last_lines([("api", path)], 3)
    assert [line.split()[1] for _, line in found] == ["4997", "4998", "4999"]


def test_following_goes_on_over_a_rotation_and_loses_no_line(tmp_path: Path) -> None:
    path = tmp_path / "api.log"
    path.write_text("old\n")

    def write() -> None:
        with path.open("a") as file:
            file.write("first\nsec")
            file.flush()
            file.write("ond\n")
        os.rename(path, tmp_path / "api.log.1")
        path.write_text("third\n")

    timer = Timer(0.1, write)
    timer.start()
    found = [line for _, line in islice(follow([("api", path)]), 3)]
    timer.join()
    assert found == ["first", "second", "third"]


def test_only_matching_lines_are_counted(tmp_path: Path) -> None:
    log = tmp_path / "api.log"
    log.write_text("".join(f"line {n} {'odd' if n % 2 else 'even'}\n" for n in range(100)))
    found = last_lines([("api", log), ("gone", tmp_path / "gone.log")], 2, re.compile("odd"))
    assert found == [("api", "line 97 odd"), ("api", "line 99 odd")]


def test_what_was_rotated_away_is_searched_too_and_stands_in_the_order_of_time(
    tmp_path: Path,
) -> None:
    with gzip.open(tmp_path / "api.log.10.gz", "wt") as old:
        old.write("2026-11-23 09:00:00 odd zero\n")
    (tmp_path / "api.log.2").write_text("2026-11-23 10:00:00 odd one\n")
    (tmp_path / "api.log.1").write_text("2026-11-23 11:00:00 even\n  odd two, without a time\n")
    (tmp_path / "api.log").write_text("2026-11-23 13:00:00 odd four\n")
    (tmp_path / "api.log.bak").write_text("2026-11-23 13:00:00 odd, of somebody else\n")
    (tmp_path / "beat.log").write_text("2026-11-23 12:00:00 odd three\n")
    logs = [(name, tmp_path / f"{name}.log") for name in ("api", "beat")]

    found = [line.strip() for _, line in last_lines(logs, 50, re.compile("odd"))]

    assert [line.partition("odd ")[2].partition(",")[0] for line in found] == [
        "zero",
        "one",
        "two",
        "three",
        "four",
    ]
    assert [line for _, line in last_lines(logs[:1], 1, re.compile("odd"))] == [
        "2026-11-23 13:00:00 odd four"
    ]


def test_a_compressed_log_that_was_cut_off_is_searched_as_far_as_it_goes(tmp_path: Path) -> None:
    (tmp_path / "api.log.1.gz").write_bytes(gzip.compress(b"odd\n" * 9000)[:-20])
    (tmp_path / "api.log").write_text("odd\n")

    assert last_lines([("api", tmp_path / "api.log")], 5, re.compile("odd"))


def test_the_end_of_a_log_that_was_just_rotated_reaches_into_the_one_before(
    tmp_path: Path,
) -> None:
    (tmp_path / "api.log.1").write_text("one\ntwo\n")
    (tmp_path / "api.log").write_text("three\n")

    assert [line for _, line in last_lines([("api", tmp_path / "api.log")], 2)] == ["two", "three"]


def test_a_search_that_finds_nothing_says_so_and_ends_with_1(run, monkeypatch, tmp_path) -> None:
    monkeypatch.setenv("NEUROPLAY_HOME", str(tmp_path))
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "api.log.1").write_text("found\n")
    (tmp_path / "logs" / "api.log").write_text("new\n")

    assert run("logs", "api", "--grep", "found").out == "found\n"
    ran = run("logs", "--grep", "nowhere")
    assert (ran.code, ran.out) == (1, "")
    assert "nowhere" in ran.err
