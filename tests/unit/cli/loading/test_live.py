from __future__ import annotations

import io

import pytest
from rich.console import Console

from cli.loading import live
from cli.loading.live import Board

ROW = {
    "phase": "steady",
    "t": 10.0,
    "run_time_s": 120,
    "users": 2000,
    "requests": 9876,
    "rps": 987.4,
    "failed": 3,
    "failures": 1,
    "acknowledged": 12345,
    "p50_ms": 4.2,
    "p95_ms": 25.0,
    "p99_ms": 99.0,
    "queue": 812.0,
    "cpu": 0.61,
    "memory": 0.2,
    "generator_cpu": 0.55,
}


def drawn(board, width=80):
    console = Console(file=io.StringIO(), width=width, record=True, force_terminal=True)
    console.print(board.draw())
    return console.export_text().splitlines()


def row_of(lines, name):
    return next(line for line in lines if line.startswith(name))


def test_before_the_first_look_it_says_that_the_generator_starts():
    lines = drawn(Board("loadtest spike"))

    assert lines[0] == "loadtest spike  starting the load generator"
    assert row_of(lines, "requests per second").split()[-1] == "-"


def test_a_look_is_shown_with_its_figures():
    board = Board("loadtest spike")
    board.add(ROW)

    lines = drawn(board)

    assert lines[0] == "loadtest spike  measuring: 10 s of 2 min"
    for name, value in {
        "students": "2,000",
        "requests per second": "987",
        "sessions acknowledged": "12,345",
        "response time, p99": "99 ms",
        "pending sessions": "812",
        "server CPU": "61%",
        "generator CPU (1 core)": "55%",
    }.items():
        assert value in row_of(lines, name)


def test_an_hour_of_looks_fits_into_80_columns():
    board = Board("loadtest monday")
    for second in range(3600):
        board.add({**ROW, "t": float(second), "rps": second, "requests": 10**7 + second})

    lines = drawn(board)

    assert max(map(len, lines)) <= 78
    assert len(lines) == 14
    assert "…" not in "".join(lines)


def test_a_narrow_terminal_cuts_trends_and_no_figure():
    board = Board("loadtest spike")
    for second in range(100):
        board.add({**ROW, "t": float(second)})

    lines = drawn(board, width=50)

    assert max(map(len, lines)) <= 50
    assert "987" in row_of(lines, "requests per second")


def test_a_look_that_is_told_again_is_no_new_point_of_a_trend():
    board = Board("loadtest soak")
    board.add({**ROW, "rps": 1.0})
    board.add({**ROW, "rps": 2.0, "t": 11.0})
    board.add({**ROW, "rps": 2.0, "t": 11.0})

    assert row_of(drawn(board), "requests per second").split()[-1] == "▅█"


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ({"phase": "ramp", "t": 3.0, "run_time_s": 120}, "starting students: 3 s of 2 min"),
        ({"phase": "draining", "queue": 12, "t": 121.0}, "waiting for the queue to drain"),
        (
            {"phase": "ledger", "done": 1500, "students": 2000, "t": 121.0},
            "checking every acknowledged session: 1,500 of 2,000 students",
        ),
        ({"phase": "done", "verdict": "pass", "t": 130.0}, "done"),
        ({"phase": "another", "t": 1.0}, "another"),
    ],
)
def test_each_phase_is_told_in_words(row, words):
    board = Board("loadtest spike")
    board.add(ROW)
    board.add(row)

    assert drawn(board)[0] == f"loadtest spike  {words}"


def test_without_a_terminal_there_is_a_line_every_ten_seconds_and_at_each_new_phase(capsys):
    with live.shown("loadtest normal") as show:
        for second in range(1, 26):
            show({**ROW, "phase": "ramp" if second < 5 else "steady", "t": float(second)})
        show({"phase": "ledger", "done": 10, "students": 20, "t": 26.0})
        show({"phase": "done", "verdict": "pass", "t": 27.0})

    said = capsys.readouterr()
    assert said.out == ""
    assert [line.split()[:3] for line in said.err.splitlines()] == [
        ["1", "s", "ramp"],
        ["5", "s", "steady"],
        ["15", "s", "steady"],
        ["25", "s", "steady"],
        ["26", "s", "ledger"],
    ]
