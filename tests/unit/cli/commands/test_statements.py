from __future__ import annotations

import json

import pytest

from tests.contract.inbox_steps import NOW
from tests.contract.test_figures import count
from tests.contract.test_sessions import session
from tests.unit.test_xapi import VALID


@pytest.fixture
def played(store, run):
    """Ana and Bia of 3A and Caio of 3B played; one of Ana's rounds is a mismatch."""
    made = json.loads(run("class", "create", "3A", "--names", "Ana,Bia", "--json").out)
    other = json.loads(run("class", "create", "3B", "--names", "Caio", "--json").out)
    ana, bia = (one["id"] for one in made["students"])
    (caio,) = (one["id"] for one in other["students"])
    count(store, session(1, ana), session(2, bia, completed=False), session(3, caio))
    count(store, session(4, ana, ended=NOW.replace(year=2025)), verdict="mismatch")
    return ana


def statements(run, *options: str) -> list[tuple[str, int]]:
    """Who did what in which session."""
    lines = run("sync", "export", "--format", "xapi", *options).out.splitlines()
    found = [json.loads(line) for line in lines]
    for one in found:
        VALID.validate(one)
    return [(one["verb"]["display"]["en"], int(one["id"].replace("-", ""), 16)) for one in found]


def test_each_game_that_counted_is_a_statement(run, played):
    assert statements(run) == [("completed", 1), ("attempted", 2), ("completed", 3)]
    assert statements(run, "--class", "3A") == [("completed", 1), ("attempted", 2)]
    assert statements(run, "--student", str(played)) == [("completed", 1)]
    assert statements(run, "--verdict", "mismatch") == [("completed", 4)]
    assert statements(run, "--played-since", "2999-01-01") == []


def test_a_child_whose_play_is_made_up_gives_no_statement(store, run, played):
    with store() as uow:
        uow.students.mark_made_up([played])
        uow.commit()
    assert statements(run) == [("attempted", 2), ("completed", 3)]
    assert statements(run, "--student", str(played)) == []


def test_statements_go_to_a_file(run, played, tmp_path):
    file = tmp_path / "statements.jsonl"
    done = run("sync", "export", "--format", "xapi", "--out", str(file))
    assert "3 statements" in done.err
    assert len(file.read_text().splitlines()) == 3


@pytest.mark.parametrize("option", [("--state", "held"), ("--error", "x"), ("--json",)])
def test_what_is_of_received_records_alone_is_refused(run, played, option):
    done = run("sync", "export", "--format", "xapi", *option)
    assert done.code == 2
    assert "games that counted" in done.err


def test_an_unknown_format_is_refused(run):
    done = run("sync", "export", "--format", "csv")
    assert (done.code, "records, xapi" in done.err) == (2, True)
