from __future__ import annotations

import json
from dataclasses import replace

import pytest

from tests.unit.cli.documented import promised, shape


@pytest.fixture
def roster(tmp_path):
    """Writes a file into the working folder."""

    def write(text: str, name: str = "3B.csv") -> str:
        (tmp_path / name).write_text(text, encoding="utf-8-sig")
        return name

    return write


def nicknames(store) -> list[str]:
    return [one.nickname for one in store.tables.students.values()]


def test_a_roster_makes_a_class_named_as_its_file(store, run, roster):
    ran = run("class", "import", roster("nickname;avatar\nAna;owl\nJoão;\n"), "--json")

    assert ran.code == 0
    made = json.loads(ran.out)
    assert shape(made) == shape(promised("class import"))
    assert made["class"]["name"] == "3B"
    assert [student["nickname"] for student in made["students"]] == ["Ana", "João"]


def test_what_was_imported_is_shown_with_cards_and_the_way_back(store, run, roster):
    ran = run("class", "import", roster("nickname\nAna\nJoão\n"))

    assert "Imported into 3B: 2 added." in ran.out
    assert "João" in ran.out
    code = next(iter(store.tables.classes.values())).code
    assert f"neuroplay class cards {code}" in ran.err
    assert "neuroplay class undo-import 1" in ran.err


def test_a_roster_that_is_imported_twice_adds_nobody(store, run, roster):
    file = roster("nickname\nAna\nBia\n")
    assert run("class", "import", file).code == 0

    again = run("class", "import", file)

    assert (again.code, again.out) == (0, "Nothing to do: 3B is as in the roster.\n")
    assert json.loads(run("class", "import", file, "--json").out)["import_id"] is None
    assert nicknames(store) == ["Ana", "Bia"]


def test_another_class_of_the_name_is_made_only_if_somebody_says_so(store, run, roster):
    file = roster("nickname\nAna\n")
    run("class", "import", file)

    ran = run("class", "import", file, "--new")

    assert ran.code == 0
    assert "may also mean 3B" in ran.err
    assert len(store.tables.classes) == 2


def test_a_class_that_exists_is_changed_only_after_a_question(store, run, roster):
    run("class", "import", roster("nickname\nAna\nBia\n"))

    ran = run("class", "import", roster("nickname\nAna\nCaio\n"))

    assert ran.code == 2
    assert "added: Caio, line 3" in ran.err
    assert "gone: Bia, not in the roster" in ran.err
    assert nicknames(store) == ["Ana", "Bia"]
    assert run("class", "import", roster("nickname\nAna\nCaio\n"), "--yes").code == 0
    assert nicknames(store) == ["Ana", "Bia", "Caio"]


def test_a_bad_line_is_named_and_nothing_is_imported(store, run, roster):
    file = roster("nickname,avatar\nAna,owl\nBia,dragon\nAna,fox\n")

    ran = run("class", "import", file)

    assert ran.code == 1
    assert "line 3, column B (avatar): unknown avatar 'dragon'" in ran.err
    assert "line 4, column A (nickname): " in ran.err
    assert not store.tables.classes
    assert not store.tables.students


def test_a_roster_from_stdin_needs_a_name(store, run):
    ran = run("class", "import", "-")

    assert ran.code == 2
    assert "--name" in ran.err


def test_a_dry_run_shows_every_line_and_changes_nothing(store, run, roster):
    file = roster("Nome completo\nAna Sá\nAna Reis\n,\n")

    ran = run("class", "import", file, "--dry-run", "--json")

    assert ran.code == 0
    shown = json.loads(ran.out)
    assert shape(shown) == shape(promised("class update"))
    assert [line["nickname"] for line in shown["lines"]] == ["Ana S.", "Ana R."]
    assert not store.tables.classes
    text = run("class", "import", file, "--dry-run")
    assert "added" in text.out
    assert "2 added." in text.out
    assert "whole names become nicknames: 'Ana Sá' is 'Ana S.'" in text.err
    assert run("class", "import", file).code == 2
    assert not store.tables.classes


@pytest.mark.parametrize("command", [["import"], ["update", "3A"]])
def test_a_dry_run_with_bad_lines_exits_with_1(store, run, roster, command):
    run("class", "create", "3A", "--names", "Ana")
    file = roster(f"nickname\nAna\n{'x' * 200}\n")

    ran = run("class", *command, file, "--dry-run")

    assert ran.code == 1
    assert "1 bad" in ran.out


def test_whole_names_are_read_as_the_options_say(store, run, roster):
    file = roster("Aluno\nReis Luz\nSá Bia\n")

    run("class", "import", file, "--order", "last-first", "--full-names", "--yes")

    assert nicknames(store) == ["Luz Reis", "Bia Sá"]
    assert run("class", "import", file, "--order", "backwards").code == 2
    assert run("class", "import", file, "--language", "tlh").code == 2


def test_an_update_shows_who_comes_and_goes_and_asks(store, run, roster):
    run("class", "create", "3A", "--names", "Ana,Bia")
    run("class", "create", "Left", "--names", "Zoe")
    file = roster("nickname\nBia\nCaio\n")

    shown = json.loads(run("class", "update", "3A", file, "--dry-run", "--json").out)
    assert shown["counts"]["gone"] == 1
    asked = run("class", "update", "3A", file)
    assert asked.code == 2
    assert "gone: Ana, not in the roster" in asked.err

    ran = run("class", "update", "3A", file, "--gone-to", "Left", "--yes")

    assert ran.code == 0
    assert "1 added, 1 kept, 1 moved" in ran.out
    left = next(one.class_id for one in store.tables.classes.values() if one.name == "Left")
    students = store.tables.students.values()
    assert [one.nickname for one in students if one.class_id == left] == ["Ana", "Zoe"]


def test_an_encoding_that_was_guessed_is_told(store, run, tmp_path):
    (tmp_path / "3B.csv").write_bytes("Nome\nJoão\n".encode("windows-1252"))

    assert "it was read as windows-1252" in run("class", "import", "3B.csv").err


def test_imports_are_listed_and_undone(store, run, roster):
    assert "No imports" in run("class", "imports").out
    run("class", "import", roster("nickname\nAna\nBia\n"))

    listed = json.loads(run("class", "imports", "--json").out)
    assert shape(listed) == shape(promised("class imports"))
    assert "2 added" in run("class", "imports", "3B").out
    asked = run("class", "undo-import", "1")
    assert asked.code == 2

    ran = run("class", "undo-import", "1", "--yes", "--json")

    assert ran.code == 0
    undone = json.loads(ran.out)
    assert set(undone) == set(promised("class undo-import"))
    assert (undone["removed"], undone["classes"]) == (2, ["3B"])
    assert not store.tables.students
    assert "(erased)" in run("class", "imports").out
    again = run("class", "undo-import", "1", "--yes")
    assert again.code == 1
    assert "undone already" in again.err
    assert run("class", "undo-import", "9", "--yes").code == 1


def test_who_played_since_is_left_and_named(store, run, roster):
    made = json.loads(run("class", "import", roster("nickname\nAna\nBia\n"), "--json").out)
    played = made["students"][1]["id"]
    with store() as uow:
        uow.students.rename(played, "Bia B", "fox")
        one = uow.students.get(played)
        uow.students.save(replace(one, first_sign_in_at=one.created_at))
        uow.commit()

    ran = run("class", "undo-import", "1", "--yes")

    assert "erased 1 student" in ran.out
    assert f"Bia B (id {played}) is left: signed in or played" in ran.out
