from __future__ import annotations

import json

import pytest

from tests.unit.cli.documented import promised, shape


@pytest.fixture
def class_3a(store, run):
    """A class 3A of two, as `class create --json` told it."""
    return json.loads(run("class", "create", "3A", "--names", "Ana, João", "--json").out)


def test_a_class_is_made_with_a_card_for_each_student(store, run):
    ran = run("class", "create", "3A", "--students", "30", "--json")

    assert ran.code == 0
    made = json.loads(ran.out)
    assert shape(made) == shape(promised("class create"))
    assert made["class"]["name"] == "3A"
    assert len(made["students"]) == 30
    assert len({student["card_code"] for student in made["students"]}) == 30


def test_a_class_is_shown_to_people_with_codes_in_fives(store, run):
    ran = run("class", "create", "3A", "--names", "Ana")

    assert ran.code == 0
    code = next(iter(store.tables.classes.values())).code
    assert f"class code {code}" in ran.out
    assert "Ana" in ran.out
    assert f"Print the cards: neuroplay class cards {code}" in ran.err


@pytest.mark.parametrize(
    ("options", "code", "words"),
    [
        ([], 2, "--students N or --names"),
        (["--students", "3", "--names", "Ana"], 2, "--students N or --names"),
        (["--names", " , "], 2, "no name"),
        (["--students", "0"], 2, "--students"),
        (["--students", "201"], 2, "--students"),
        (["--students", "3", "--language", "tlh"], 2, "--language"),
        (["--names", "Ana,ana"], 1, "the nickname 'Ana' appears twice"),
    ],
)
def test_a_class_that_cannot_be_made_is_refused_in_one_line(store, run, options, code, words):
    ran = run("class", "create", "3A", *options)

    assert ran.code == code
    assert words in ran.err
    assert ran.err.count("\n") == 1
    assert not store.tables.classes


def test_classes_are_listed_and_an_empty_list_says_what_to_do(store, run):
    assert "neuroplay class create" in run("class", "list").out

    run("class", "create", "3A", "--students", "2")
    found = json.loads(run("class", "list", "--json").out)

    assert shape(found) == shape(promised("class list"))
    assert found["classes"][0]["students"] == 2
    assert "3A" in run("class", "list").out


@pytest.mark.parametrize("ref", ["name", "code", "id"])
def test_cards_are_written_for_a_class_by_name_code_or_id(store, run, class_3a, tmp_path, ref):
    ran = run("class", "cards", str(class_3a["class"][ref]), "--json")

    assert ran.code == 0
    told = json.loads(ran.out)
    assert shape(told) == shape(promised("class cards"))
    assert told["file"] == "cards-3A.html"
    assert (tmp_path / "cards-3A.html").stat().st_mode & 0o777 == 0o600
    card = class_3a["students"][0]["card_code"]
    assert told["cards"][0]["link"].endswith(f"/#card={class_3a['class']['code']}-{card}")


def test_cards_that_only_this_machine_could_open_are_told_of(store, run, class_3a, monkeypatch):
    assert "NEUROPLAY_PUBLIC_URL" in run("class", "cards", "3A").err

    monkeypatch.setenv("NEUROPLAY_PUBLIC_URL", "https://play.school.example")
    assert run("class", "cards", "3A").err == ""


def test_cards_go_where_out_says_or_the_reason_is_told(store, run, class_3a, tmp_path):
    assert run("class", "cards", "3A", "--out", str(tmp_path / "x.html")).code == 0
    assert (tmp_path / "x.html").read_text().startswith("<!doctype html>")

    ran = run("class", "cards", "3A", "--out", str(tmp_path / "none" / "x.html"))
    assert ran.code == 3
    assert "no such file or directory" in ran.err


def test_a_class_that_is_not_there_ends_with_1(store, run):
    ran = run("class", "cards", "9Z")

    assert ran.code == 1
    assert "See: neuroplay class list" in ran.err


def test_students_are_listed_by_class(store, run, class_3a):
    run("class", "create", "3B", "--students", "3")

    assert len(json.loads(run("student", "list", "--json").out)["students"]) == 5
    found = json.loads(run("student", "list", "--class", "3A", "--json").out)
    assert shape(found) == shape(promised("student list"))
    assert [student["nickname"] for student in found["students"]] == ["Ana", "João"]
    assert "João" in run("student", "list").out


def test_a_student_is_shown_with_what_was_reached(store, run, class_3a):
    student = str(class_3a["students"][0]["id"])

    shown = json.loads(run("student", "show", student, "--json").out)

    assert set(shown) == set(promised("student show"))
    assert (shown["xp"], shown["level"]) == (0, 1)
    assert "Ana" in run("student", "show", student).out


@pytest.mark.parametrize("command", ["show", "reset-card", "export", "erase"])
def test_a_student_who_is_not_there_ends_with_1(store, run, command):
    ran = run("student", command, "12")

    assert ran.code == 1
    assert "there is no student 12" in ran.err


@pytest.mark.parametrize("command", ["show", "reset-card", "export", "erase"])
@pytest.mark.parametrize("number", ["0", "-1", "x", "99999999999999"])
def test_what_can_be_no_id_is_a_usage_error(store, run, command, number):
    assert run("student", command, number).code == 2


def test_a_new_card_has_a_new_code(store, run, class_3a):
    student, old = class_3a["students"][0]["id"], class_3a["students"][0]["card_code"]

    ran = run("student", "reset-card", str(student), "--yes", "--json")

    assert ran.code == 0
    made = json.loads(ran.out)
    assert shape(made) == shape(promised("student reset-card"))
    assert made["card_code"] != old


def test_an_export_is_a_private_file_of_json(store, run, class_3a, tmp_path):
    student = str(class_3a["students"][0]["id"])

    ran = run("student", "export", student, "--out", "ana.json", "--json")

    assert json.loads(ran.out) == {"id": int(student), "file": "ana.json"}
    assert (tmp_path / "ana.json").stat().st_mode & 0o777 == 0o600
    written = json.loads((tmp_path / "ana.json").read_text())
    assert written["student"]["nickname"] == "Ana"
    assert json.loads(run("student", "export", student).out).keys() == written.keys()


def test_erasing_asks_and_without_anyone_to_answer_names_yes(store, run, class_3a):
    student = str(class_3a["students"][0]["id"])

    ran = run("student", "erase", student)

    assert ran.code == 2
    assert "--yes" in ran.err
    assert int(student) in store.tables.students


def test_erasing_with_yes_removes_the_student_and_counts_what_went(store, run, class_3a):
    student = class_3a["students"][0]["id"]

    ran = run("student", "erase", str(student), "--yes", "--json")

    assert ran.code == 0
    told = json.loads(ran.out)
    assert told["id"] == student
    assert all(isinstance(count, int) for count in told["removed"].values())
    assert student not in store.tables.students


def test_a_store_that_is_away_ends_with_3_and_says_how_to_start(store, run, monkeypatch):
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.delenv("REDIS_URL", raising=False)
    store.away = True

    for line in (["class", "list"], ["student", "show", "1"], ["sync", "status"], ["sync", "list"]):
        ran = run(*line)
        assert ran.code == 3
        assert ran.out == ""
        assert "Run: neuroplay serve" in ran.err


def test_a_class_is_erased_with_all_its_students_and_nobody_else(store, run, class_3a):
    run("class", "create", "3B", "--names", "Caio")

    ran = run("class", "erase", "3A", "--yes", "--json")

    assert ran.code == 0
    told = json.loads(ran.out)
    assert told["class"] == class_3a["class"]
    assert (told["students"], told["removed"]["students"]) == (2, 2)
    assert [student.nickname for student in store.tables.students.values()] == ["Caio"]
    assert [one.name for one in store.tables.classes.values()] == ["3B"]


def test_erasing_a_class_asks(store, run, class_3a):
    ran = run("class", "erase", "3A")

    assert ran.code == 2
    assert "--yes" in ran.err
    assert len(store.tables.students) == 2


def test_a_class_named_as_anothers_id_is_never_erased_for_it(store, run, class_3a):
    """`class erase 1 --yes` given twice erased the class named 1, then the one whose id is 1."""
    number = str(class_3a["class"]["id"])
    made = run("class", "create", number, "--names", "X")
    assert "may also mean 3A" in made.err

    for _ in range(3):
        ran = run("class", "erase", number, "--yes")
        assert (ran.code, ran.out) == (1, "")
        assert f"id:{number}" in ran.err
    assert len(store.tables.classes) == 2

    other = next(one for one in store.tables.classes.values() if one.name == number)
    assert run("class", "erase", f"id:{other.class_id}", "--yes").code == 0
    assert [one.name for one in store.tables.classes.values()] == ["3A"]
    ran = run("class", "erase", number, "--yes")
    assert ran.code == 1
    assert f"use id:{number}" in ran.err
    assert len(store.tables.classes) == 1


def test_a_name_that_exists_or_can_be_misread_gets_a_word_and_a_prefix_is_refused(store, run):
    run("class", "create", "3A", "--students", "1")

    assert "may also mean 3A (id:1" in run("class", "create", "3A", "--students", "1").err
    assert "may also mean" in run("class", "create", "3 a", "--students", "1").err
    assert "looks like an id" in run("class", "create", "77", "--students", "1").err
    assert "looks like a class code" in run("class", "create", "Verde", "--students", "1").err
    ran = run("class", "create", "id:5", "--students", "1")
    assert ran.code == 1
    assert "must not begin with id:" in ran.err


def test_replaying_a_class_wants_a_sure_word_too(store, run, class_3a):
    number = str(class_3a["class"]["id"])

    ran = run("sync", "replay", "--class", number)

    assert ran.code == 1
    assert f"use id:{number}" in ran.err
    assert run("sync", "replay", "--class", f"id:{number}").code == 0
    assert run("sync", "list", "--class", number).code == 0


def test_the_question_before_a_class_goes_names_what_it_is(store, run, class_3a, monkeypatch):
    asked = []
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("typer.confirm", lambda question, **_: asked.append(question))

    assert run("class", "erase", "3A").code == 1
    code = class_3a["class"]["code"]
    assert asked == [
        f"Permanently erase class 3A (id:1, code {code}) with its 2 students and 0 games?"
    ]
    assert len(store.tables.classes) == 1


def test_one_student_is_said_to_be_one(store, run):
    run("class", "create", "3B", "--students", "1")

    assert "Erased class 3B with its 1 student.\n" in run("class", "erase", "3B", "--yes").out


@pytest.mark.parametrize("command", ["erase", "reset-card"])
def test_a_number_that_is_a_nickname_too_is_refused_by_what_destroys(store, run, command):
    run("class", "create", "3A", "--names", "Ana,1")

    ran = run("student", command, "1", "--yes")
    assert ran.code == 1
    assert "Use id:1 or id:2" in ran.err
    assert len(store.tables.students) == 2
    assert run("student", command, "id:1", "--yes").code == 0
