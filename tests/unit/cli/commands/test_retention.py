"""How long games are kept, at the command line."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from tests.fakes.services import NOON
from tests.unit.cli.documented import promised, shape
from tests.unit.core.samples import School, record


@pytest.fixture
def school(store) -> School:
    """3A of two, of whom Ana played three games a hundred days ago."""
    school = School()
    school.send(*(record(number) for number in range(3)))
    school.drain()
    store.tables = school.store.tables
    store.clock.now = NOON + timedelta(days=100)
    return school


def test_an_operator_looks_and_then_removes_what_is_not_kept(store, school, run):
    looked = run("db", "retain", "--dry-run", "--json")
    assert (looked.code, len(store.tables.inbox)) == (0, 3)
    found = json.loads(looked.out)
    assert shape(found) == shape(promised("db retain"))
    assert (found["dry_run"], found["raw"], found["sessions"]) == (True, 3, 0)
    ran = run("db", "retain")
    assert (ran.code, store.tables.inbox) == (0, {})
    assert ran.out == "Removed 0 traces and 3 records, and folded 0 games.\n"
    assert run("db", "retain", "--dry-run").out == (
        "0 traces and 0 records would go, and 0 games would be folded.\n"
    )


def test_the_settings_say_how_long(store, school, run, monkeypatch):
    monkeypatch.setenv("NEUROPLAY_RAW_DAYS", "never")
    assert json.loads(run("db", "retain", "--json").out)["raw"] == 0
    monkeypatch.setenv("NEUROPLAY_RAW_DAYS", "0.5")
    refused = run("db", "retain")
    assert refused.code == 3
    assert "NEUROPLAY_RAW_DAYS: it must be a whole number from 1 to 3650, or never" in refused.err


def test_a_class_may_keep_them_for_another_time(store, school, run):
    ran = run("class", "set", "3A", "--raw-days", "never", "--keep-months", "12")
    assert ran.out == "Class 3A keeps records for ever, keeps games for 12 months.\n"
    assert json.loads(run("db", "retain", "--json").out)["raw"] == 0
    told = json.loads(run("class", "set", "3A", "--raw-days", "usual", "--json").out)
    assert shape(told) == shape({**promised("class set"), "raw_days": None})
    assert json.loads(run("db", "retain", "--json").out)["raw"] == 3
    (listed,) = json.loads(run("class", "list", "--json").out)["classes"]
    assert (listed["raw_days"], listed["keep_months"]) == (None, 12)


@pytest.mark.parametrize(
    ("options", "code", "words"),
    [
        ([], 2, "say what to set"),
        (["--raw-days", "0"], 2, "--raw-days: '0' is not a number from 1, never or usual"),
        (["--keep-months", "soon"], 2, "--keep-months: 'soon'"),
        (["--keep-months", "2"], 1, "3 to 240 months"),
    ],
)
def test_a_time_that_is_none_is_refused_in_one_line(store, school, run, options, code, words):
    ran = run("class", "set", "3A", *options)
    assert ran.code == code
    assert words in ran.err
    assert ran.err.count("\n") == 1
