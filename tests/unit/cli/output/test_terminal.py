from __future__ import annotations

import io
import json
from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID

import pytest
from rich.console import Console

from cli.output import terminal
from cli.output.errors import CommandError
from cli.output.terminal import Column
from neuroplay.core.entities.sync_item import InboxState

SESSION = UUID("0190b0a5-0000-7000-8000-000000000001")


class Typed(io.StringIO):
    """Keys on a terminal."""

    def isatty(self) -> bool:
        return True


def test_json_away_from_a_terminal_is_one_line_with_utc_times_and_ids_as_text(capsys):
    at = datetime(2026, 11, 20, 11, 3, tzinfo=timezone(timedelta(hours=-3)))

    terminal.print_json({"id": SESSION, "at": at, "state": InboxState.HELD, "name": "João"})

    printed = capsys.readouterr().out
    assert printed.count("\n") == 1
    assert json.loads(printed) == {
        "id": str(SESSION),
        "at": "2026-11-20T14:03:00Z",
        "state": "held",
        "name": "João",
    }


def test_a_table_away_from_a_terminal_is_plain_and_cuts_nothing(capsys):
    terminal.table(
        [
            "SESSION",
            Column(name="TRIES", right=True),
            Column(name="WHY", flex=True),
        ],
        [(SESSION, 3, "w" * 200), (None, 12, "")],
    )

    printed = capsys.readouterr().out
    assert str(SESSION) in printed
    assert "w" * 200 in printed
    assert not set(printed) & set("│┃━─\x1b")
    lines = printed.splitlines()
    assert lines[0].split() == ["SESSION", "TRIES", "WHY"]
    assert lines[2].split() == ["-", "12", "-"]


def test_a_nickname_cannot_steer_the_terminal():
    assert terminal.plain("a\x1b[2Jb\nc") == "a [2Jb c"


def test_yes_needs_nobody_to_answer():
    terminal.confirm("Erase?", yes=True)


def test_without_a_terminal_a_question_is_refused_with_2_and_yes_is_named(monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO("y\n"))

    with pytest.raises(CommandError) as refused:
        terminal.confirm("Erase?", yes=False)

    assert refused.value.code == 2
    assert "--yes" in refused.value.hint


def test_no_is_an_answer_that_ends_with_1(monkeypatch):
    monkeypatch.setattr("sys.stdin", Typed("n\n"))

    with pytest.raises(CommandError) as refused:
        terminal.confirm("Erase?", yes=False)

    assert refused.value.code == 1


def test_yes_at_the_terminal_goes_on(monkeypatch):
    monkeypatch.setattr("sys.stdin", Typed("y\n"))

    terminal.confirm("Erase?", yes=False)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (None, "-"),
        (0, "0 s"),
        (42.9, "42 s"),
        (200, "3 min 20 s"),
        (3600, "1 h"),
        (18720, "5 h 12 min"),
        (273600, "3 d 4 h"),
    ],
)
def test_a_duration_reads_as_people_say_it(seconds, words):
    assert terminal.duration(seconds) == words


def test_quick_work_shows_no_progress(capsys):
    with terminal.progress("Migrating", total=2) as step:
        step(1)
        step(2, text="Migrating: the rest")

    assert capsys.readouterr() == ("", "")


def test_a_time_is_shown_in_utc():
    assert terminal.plain(datetime(2026, 1, 2, 3, 4, 5, 6, tzinfo=UTC)) == "2026-01-02 03:04:05Z"


@pytest.mark.parametrize("width", [20, 40, 80, 200])
def test_a_table_on_a_terminal_of_any_width_keeps_ids_whole(monkeypatch, capsys, width):
    screen = io.StringIO()
    console = Console(file=screen, width=width, force_terminal=True, color_system=None)
    monkeypatch.setattr(terminal, "is_terminal", lambda: True)
    monkeypatch.setattr(terminal, "out", lambda: console)

    terminal.table(["SESSION", Column(name="WHY", flex=True)], [(SESSION, "[red]held[/red] " * 9)])

    shown = screen.getvalue() + capsys.readouterr().out
    assert str(SESSION) in shown
    assert "[red]" in shown


def test_slow_work_away_from_a_terminal_tells_once_how_long_it_took(capsys, monkeypatch):
    monkeypatch.setattr(terminal, "SLOW_S", -1.0)

    with terminal.progress("Migrating"):
        pass

    assert capsys.readouterr().err == "Migrating: done in 0.0 s\n"


def test_progress_that_fails_lets_the_error_through(capsys):
    with pytest.raises(ZeroDivisionError), terminal.progress("Migrating"):
        raise ZeroDivisionError

    assert capsys.readouterr().err == ""


@pytest.fixture
def screen(monkeypatch):
    """A terminal of so many columns; gives what was printed."""

    def of(width: int, columns, rows) -> list[str]:
        shown = io.StringIO()
        console = Console(file=shown, width=width, highlight=False, force_terminal=False)
        monkeypatch.setattr(terminal, "out", lambda: console)
        monkeypatch.setattr(terminal, "is_terminal", lambda: True)
        monkeypatch.setattr(terminal, "say", lambda text="", **_: print(text, file=shown))
        terminal.table(columns, rows)
        return shown.getvalue().splitlines()

    return of


COLUMNS = (
    Column(name="N", right=True),
    Column(name="CHILD", flex=True),
    Column(name="PLAYED"),
    Column(name="SESSION", wide=True),
    Column(name="WHY", flex=True, below=True),
)
ROWS = [
    (1, "Raposa Feliz", "2026-11-20", SESSION, "inhumanly_fast_answers"),
    (22, "a very long nickname that some child has", "2026-11-21", SESSION, ""),
]


def test_a_wide_terminal_shows_every_column(screen):
    lines = screen(160, COLUMNS, ROWS)

    assert sum(str(SESSION) in line for line in lines) == 2
    assert any("Raposa Feliz" in line and "inhumanly_fast_answers" in line for line in lines)


@pytest.mark.parametrize("width", [40, 50, 60, 80])
def test_a_narrow_terminal_leaves_ids_out_and_breaks_no_date_and_nothing_is_too_long(screen, width):
    lines = screen(width, COLUMNS, ROWS)

    assert max(map(len, lines)) <= width
    text = "\n".join(lines)
    assert str(SESSION) not in text
    assert "2026-11-20" in text
    assert "2026-11-21" in text
    assert "inhumanly_fast_answers" in text
    assert "Raposa Feliz" in text


def test_wide_characters_take_two_cells(screen):
    columns = (Column(name="CHILD", flex=True), Column(name="GAME"), Column(name="X", below=True))

    lines = screen(30, columns, [("\u5c0f\u72d0\u72f8", "cyber_runner", "y" * 40)])

    assert lines[1] == "\u5c0f\u72d0\u72f8    cyber_runner" or "cyber_runner" in lines[1]
    assert "".join(line.strip() for line in lines[2:]) == "y" * 40
