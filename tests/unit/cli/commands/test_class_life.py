from __future__ import annotations

import json
import zipfile
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from cli.operator import operator
from neuroplay.core.entities.student import OutboxReport
from tests.builders import a_principal
from tests.contract.test_figures import count
from tests.contract.test_sessions import session
from tests.fakes.services import NOON
from tests.unit.cli.documented import promised, shape


@pytest.fixture
def class_3a(store, run):
    """A class 3A of two, as `class create --json` told it."""
    return json.loads(run("class", "create", "3A", "--names", "Ana, João", "--json").out)


def last_entry(store):
    return store.tables.audit[-1]


def told(run, *arguments):
    ran = run(*arguments, "--json")
    assert ran.code == 0, ran.err
    return json.loads(ran.out)


def test_a_child_is_added_and_the_card_can_be_printed_alone(store, run, class_3a, tmp_path):
    made = told(run, "student", "add", "3A", "Caio", "--avatar", "owl")
    assert shape(made) == shape(promised("student add"))
    assert (made["nickname"], made["avatar"]) == ("Caio", "owl")
    page = tmp_path / "one.html"
    options = ("--student", str(made["id"]), "--out", str(page))
    printed = told(run, "class", "cards", "3A", *options)
    assert [card["card_code"] for card in printed["cards"]] == [made["card_code"]]
    assert "Caio" in page.read_text()
    assert "João" not in page.read_text()


def test_a_child_without_a_nickname_gets_one(run, class_3a):
    ran = run("student", "add", "3A", "--language", "en")
    assert ran.code == 0
    assert "neuroplay class cards id:1 --student 3" in ran.out


def test_a_card_of_a_child_of_another_class_is_refused(run, class_3a):
    ran = run("class", "cards", "3A", "--student", "99")
    assert (ran.code, ran.err.count("\n")) == (1, 1)
    assert "student 99 is not in class 3A" in ran.err


def test_a_child_is_moved_and_renamed(store, run, class_3a):
    run("class", "create", "3B", "--names", "Bia")
    moved = told(run, "student", "move", "1", "--to", "3B")
    assert shape(moved) == shape(promised("student move"))
    assert (moved["class_id"], moved["class"]) == (2, "3B")
    renamed = told(run, "student", "rename", "id:1", "Ana Lu", "--avatar", "cat")
    assert shape(renamed) == shape(promised("student rename"))
    assert (renamed["nickname"], renamed["avatar"]) == ("Ana Lu", "cat")
    ran = run("student", "rename", "1")
    assert (ran.code, "say what to change" in ran.err) == (2, True)
    ran = run("student", "move", "1", "--to", "9Z")
    assert (ran.code, "there is no class '9Z'" in ran.err) == (1, True)


def test_the_question_of_a_merge_shows_both_children_and_no_is_no(store, run, class_3a):
    progress = replace(store.tables.students[1].progress, sessions=4, xp=120)
    store.tables.students[1] = replace(store.tables.students[1], progress=progress)
    ran = run("student", "merge", "1", "--into", "2")
    assert ran.code == 2  # nobody can confirm
    assert len(store.tables.students) == 2
    done = told(run, "student", "merge", "1", "--into", "2", "--yes")
    assert shape(done) == shape(promised("student merge"))
    assert done["merged"]["nickname"] == "Ana"
    assert list(store.tables.students) == [2]
    ran = run("student", "merge", "2", "--into", "id:2", "--yes")
    assert (ran.code, "same student" in ran.err) == (2, True)


@pytest.mark.parametrize(
    "command", [("show", "1"), ("export", "1"), ("rename", "1", "Bia"), ("move", "1", "--to", "3A")]
)
def test_a_number_of_a_merged_child_is_said_to_be_another_child(store, run, class_3a, command):
    told(run, "student", "merge", "1", "--into", "2", "--yes")

    ran = run("student", *command)

    assert ran.code == 1
    assert "student 1 was merged with student 2. Use 2" in ran.err


def test_children_are_found_whatever_their_accents_with_what_their_tablets_hold(
    store, run, class_3a
):
    with store() as uow:
        report = OutboxReport(pending=3, oldest=NOON)
        uow.devices.report(a_principal(2), report, now=NOON)
        uow.commit()
    found = told(run, "student", "find", "JOAO")
    assert shape(found) == shape(promised("student find"))
    assert [(one["nickname"], one["class"], one["unsent"]) for one in found["students"]] == [
        ("João", "3A", 3)
    ]
    assert "No child has such a nickname" in run("student", "find", "zz").out
    assert run("student", "find", " ").code == 1


def test_a_class_is_renamed_and_archived_and_brought_back(store, run, class_3a):
    renamed = told(run, "class", "rename", "3A", "4A")
    assert shape(renamed) == shape(promised("class rename"))
    archived = told(run, "class", "archive", "4A")
    assert shape(archived) == shape(promised("class archive"))
    assert told(run, "class", "list") == {"classes": []}
    assert [one["name"] for one in told(run, "class", "list", "--archived")["classes"]] == ["4A"]
    ran = run("class", "archive", "4A", "--undo")
    assert (ran.code, "use id:1" in ran.err) == (1, True)
    assert told(run, "class", "archive", "id:1", "--undo")["archived_at"] is None
    assert "No class is archived" in run("class", "list", "--archived").out


def test_a_renamed_class_that_sounds_like_another_is_warned_of(run, class_3a):
    run("class", "create", "4A", "--names", "Bia")
    ran = run("class", "rename", "3A", "4 a")
    assert ran.code == 0
    assert "may also mean 4A" in ran.err


def test_a_leaderboard_is_turned_off_and_on(store, run, class_3a):
    done = told(run, "class", "set", "3A", "--board", "off")
    assert shape(done) == shape(promised("class set"))
    assert done["leaderboard"] is False
    assert "has a leaderboard" in run("class", "set", "3A", "--board", "on").out
    ran = run("class", "set", "3A", "--board", "maybe")
    assert (ran.code, "is not on or off" in ran.err) == (2, True)


def test_devices_are_those_of_one_class(store, run, class_3a):
    run("class", "create", "3B", "--names", "Bia")
    with store() as uow:
        for student in (1, 3):
            report = OutboxReport(pending=3, oldest=NOON)
            uow.devices.report(a_principal(student), report, now=NOON)
        uow.commit()
    assert len(told(run, "sync", "devices")["devices"]) == 2
    (one,) = told(run, "sync", "devices", "--class", "3B")["devices"]
    assert one["nickname"] == "Bia"
    for option in ("--signed-in", "--revoke=6f1c2d3e-0000-4000-8000-000000000001"):
        ran = run("sync", "devices", "--class", "3B", option)
        assert (ran.code, "--class does not go with" in ran.err) == (2, True)


@pytest.mark.parametrize(
    "arguments",
    [
        ("class", "rename", "3A", "4A"),
        ("class", "archive", "3A"),
        ("class", "set", "3A", "--board", "off"),
        ("class", "create", "4A", "--students", "1"),
        ("class", "erase", "3A", "--yes"),
        ("student", "add", "3A", "Caio"),
        ("student", "rename", "1", "Caio"),
        ("student", "merge", "1", "--into", "2", "--yes"),
        ("student", "reset-card", "1", "--yes"),
        ("student", "erase", "1", "--yes"),
    ],
)
def test_the_audit_names_for_whom_support_acts(store, run, class_3a, arguments):
    assert run(*arguments, "--as", " Prof.  Ana").code == 0
    assert last_entry(store)["who"] == f"{operator()} (as Prof. Ana)"
    assert last_entry(store)["at"]


def test_without_as_the_audit_names_the_operator_alone(store, run, class_3a):
    run("class", "archive", "3A")
    assert last_entry(store)["who"] == operator()


@pytest.mark.parametrize("name", [" ", "x" * 61, "a\x00b"])
def test_nobody_acts_for_what_is_no_name(store, run, class_3a, name):
    entries = len(store.tables.audit)
    ran = run("class", "archive", "3A", "--as", name)
    assert (ran.code, "--as" in ran.err) == (2, True)
    assert len(store.tables.audit) == entries


def test_what_a_class_played_is_written_for_a_spreadsheet(store, run, class_3a, tmp_path):
    target = tmp_path / "3A.zip"
    done = told(run, "class", "export", "3A", "--out", str(target))
    assert shape(done) == shape(promised("class export"))
    assert (done["students"], done["games"]) == (2, 0)
    assert target.stat().st_mode & 0o077 == 0
    with zipfile.ZipFile(target) as archive:
        assert sorted(archive.namelist()) == [
            "children.csv",
            "class.json",
            "days.csv",
            "sessions.csv",
        ]
    assert run("class", "export", "9Z").code == 1


def test_what_children_practised_is_written_to_print(store, run, class_3a, tmp_path):
    count(store, session(1, 1, ended=datetime.now(UTC) - timedelta(hours=1)))
    target = tmp_path / "3A.html"
    options = ("--out", str(target), "--language", "es", "--weeks", "2", "--as", "Prof. Ana")
    done = told(run, "class", "report", "3A", *options)
    assert shape(done) == shape(promised("class report"))
    assert (done["students"], done["games"], done["pdf"]) == (2, 1, None)
    assert date.fromisoformat(done["last"]) - date.fromisoformat(done["first"]) == timedelta(13)
    assert target.stat().st_mode & 0o077 == 0
    page = target.read_text()
    assert '<html lang="es">' in page
    assert page.index("Ana") < page.index("João")
    assert last_entry(store)["what"] == "class reported"
    assert last_entry(store)["who"] == f"{operator()} (as Prof. Ana)"
    assert "report-3A.html" in run("class", "report", "3A").out


def test_a_report_is_refused_of_no_class_in_no_language_and_for_no_weeks(run, class_3a, tmp_path):
    assert run("class", "report", "9Z").code == 1
    assert run("class", "report", "3A", "--language", "xx").code == 2
    assert run("class", "report", "3A", "--weeks", "0").code == 2
    assert list(tmp_path.glob("*.html")) == []


def test_without_a_chromium_a_pdf_is_refused_before_anything_is_written(
    store, run, class_3a, tmp_path, monkeypatch
):
    entries = len(store.tables.audit)
    monkeypatch.setenv("PATH", str(tmp_path))
    ran = run("class", "report", "3A", "--pdf", "3A.pdf")
    assert (ran.code, ran.err.count("\n")) == (3, 1)
    assert "apt install chromium" in ran.err
    monkeypatch.setenv("NEUROPLAY_CHROMIUM", "/nowhere/chromium")
    ran = run("class", "report", "3A", "--pdf", "3A.pdf")
    assert (ran.code, "/nowhere/chromium, which is no program" in ran.err) == (3, True)
    assert list(tmp_path.glob("*3A*")) == []
    assert len(store.tables.audit) == entries


def test_the_audit_is_shown_of_a_class_a_child_a_person_and_a_time(store, run, class_3a):
    run("class", "create", "3B", "--names", "Bia")
    run("student", "rename", "1", "Ana Lu", "--as", "Prof. Ana")
    run("class", "archive", "3B")
    found = told(run, "audit", "list")
    assert shape(found) == shape(promised("audit list"))
    whats = [one["what"] for one in found["entries"]]
    assert whats == ["class archived", "student renamed", "class created", "class created"]
    assert len(told(run, "audit", "list", "--class", "3A")["entries"]) == 2
    assert len(told(run, "audit", "list", "--class", "3A", "--student", "1")["entries"]) == 1
    assert len(told(run, "audit", "list", "--student", "3")["entries"]) == 0
    (one,) = told(run, "audit", "list", "--who", "prof. ana")["entries"]
    assert one["target"] == "student 1"
    assert "(as Prof. Ana)" in run("audit", "list", "--student", "1").out
    assert "Nothing was done" in run("audit", "list", "--since", "2999-01-01").out
    assert run("audit", "list", "--since", "soon").code == 2
    assert run("audit", "list", "--class", "9Z").code == 1


@pytest.mark.parametrize(
    ("command", "what", "about"),
    [
        (("class", "cards", "3A"), "cards shown", "class"),
        (("class", "export", "3A"), "class exported", "class"),
        (("student", "show", "1"), "student looked at", "student"),
        (("student", "export", "1"), "student exported", "student"),
        (("sync", "export", "--student", "1"), "records exported", "student"),
        (("sync", "export", "--class", "3A"), "records exported", "class"),
        (("sync", "export"), "records exported", "all students"),
        (("sync", "export", "--format", "xapi", "--class", "3A"), "statements exported", "class"),
        (("sync", "export", "--format", "xapi"), "statements exported", "all students"),
    ],
)
def test_what_shows_or_exports_children_is_in_the_audit(store, run, class_3a, command, what, about):
    assert class_3a["class"]["id"] == 1
    ran = run(*command, "--as", "Prof. Ana")
    assert ran.code == 0, ran.err
    entry = last_entry(store)
    assert (entry["who"], entry["what"]) == (f"{operator()} (as Prof. Ana)", what)
    assert entry["target"] == (about if about == "all students" else f"{about} 1")
