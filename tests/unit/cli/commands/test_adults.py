from __future__ import annotations

import json
import re

import pytest

from tests.contract.test_passkeys import a_key
from tests.unit.cli.documented import promised, shape


@pytest.fixture(autouse=True)
def classes(store, run):
    for name in ("3A", "4B"):
        run("class", "create", name, "--students", "2")


@pytest.fixture
def rita(run):
    """Rita's invitation, as `adult invite --json` told it."""
    ran = run("adult", "invite", "Rita Machado", "--class", "3A", "--json")
    assert ran.code == 0, ran.err
    return json.loads(ran.out)


def test_an_invitation_is_a_link_that_works_once(rita, store):
    assert shape(rita) == shape(promised("adult invite"))
    assert re.fullmatch(r"http://[^/]+/teacher#join=\S+", rita["link"])
    (link,) = store.tables.adult_links.values()
    assert link.used_at is None


def test_an_invitation_is_shown_to_people(run):
    ran = run("adult", "invite", "Rita", "--class", "3A")
    assert ran.code == 0
    assert "Link for Rita (id:1), once, until" in ran.out
    assert "/teacher#join=" in ran.out
    assert "a guess" in ran.err


def test_on_a_terminal_the_link_is_a_qr_code_too(run, monkeypatch):
    monkeypatch.setattr("cli.commands.adults.is_terminal", lambda: True)
    ran = run("adult", "invite", "Rita", "--class", "3A")
    assert "▀" in ran.out
    assert "█" in ran.out


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["Rita"], 1, "Add --class CLASS, or --role school"),
        (["Rita", "--role", "owner"], 2, "Choose one of: teacher, school"),
        (["Rita", "--class", "9Z"], 1, "9Z"),
        (["Rita", "--role", "school", "--class", "3A"], 1, "every class"),
        (["7", "--class", "3A"], 1, "is a number"),
        (["rita machado", "--class", "3A"], 1, "adult reset"),
    ],
)
def test_an_invitation_that_makes_no_sense_is_refused(rita, run, arguments, code, words):
    ran = run("adult", "invite", *arguments)
    assert ran.code == code
    assert words in ran.err


def test_adults_are_listed_with_their_state(rita, run, store):
    ran = run("adult", "list", "--json")
    listed = json.loads(ran.out)
    assert shape(listed["adults"][0]).keys() == shape(promised("adult list"))["adults"][0].keys()
    assert [(one["name"], one["state"]) for one in listed["adults"]] == [
        ("Rita Machado", "invited")
    ]
    store.clock.forward(86_400)
    assert "late" in run("adult", "list").out
    run("adult", "end", "Rita Machado", "--yes")
    assert "ended" in run("adult", "list").out


def test_nobody_was_invited_yet(run):
    assert "adult invite NAME --class CLASS" in run("adult", "list").out


def test_an_adult_is_shown(rita, run):
    ran = run("adult", "show", "rita machado")
    assert ran.code == 0
    assert "Rita Machado (id:1)" in ran.out
    assert "3A" in ran.out
    assert json.loads(run("adult", "show", "id:1", "--json").out)["id"] == 1
    bare = run("adult", "show", "1")
    assert (bare.code, "use id:1" in bare.err) == (1, True)


def test_a_teachers_classes_are_changed(rita, run):
    ran = run("adult", "classes", "Rita Machado", "--add", "4B", "--remove", "3A")
    assert ran.out.strip() == "Rita Machado now sees 4B."
    run("adult", "classes", "Rita Machado", "--remove", "4B")
    assert json.loads(run("adult", "show", "Rita Machado", "--json").out)["classes"] == []
    assert run("adult", "classes", "Rita Machado").code == 2


def test_a_new_link_is_as_an_invitation(rita, run, store):
    store.clock.forward(86_400)
    ran = run("adult", "reset", "Rita Machado", "--json")
    assert shape(json.loads(ran.out)) == shape(promised("adult invite"))
    assert "invited" in run("adult", "list").out


def test_all_sign_ins_end(rita, run):
    ran = run("adult", "sign-out", "Rita Machado", "--json")
    assert json.loads(ran.out) == {"id": 1, "ended": 0}


@pytest.fixture
def passkeys(rita, store):
    """Rita's, of two devices."""
    with store() as uow:
        for number, name in enumerate(("School laptop", "Phone")):
            uow.passkeys.add(1, name, a_key(number))
        uow.passkeys.note_use(2, 0)
        uow.commit()


def test_passkeys_are_shown(passkeys, run):
    shown = run("adult", "show", "Rita Machado").out
    assert re.search(r"passkey 1 +School laptop, added \S+ \S+, not used yet", shown)
    assert re.search(r"passkey 2 +Phone, added .+, last used ", shown)
    document = json.loads(run("adult", "show", "Rita Machado", "--json").out)
    assert [one["name"] for one in document["passkeys"]] == ["School laptop", "Phone"]
    assert "key" not in json.dumps(document).replace("passkey", "")


def test_one_passkey_or_all_are_removed(passkeys, run, store):
    one = run("adult", "remove-passkeys", "Rita Machado", "--passkey", "2", "--json")
    assert shape(json.loads(one.out)) == shape(promised("adult remove-passkeys"))
    assert list(store.tables.adult_passkeys) == [1]
    gone = run("adult", "remove-passkeys", "Rita Machado", "--passkey", "2")
    assert (gone.code, "no such passkey" in gone.err) == (1, True)
    done = run("adult", "remove-passkeys", "rita machado", "--as", "Prof. Ana")
    assert done.out.strip() == "Removed 1 passkey of Rita Machado."
    assert store.tables.adult_passkeys == {}
    assert "Prof. Ana" in store.tables.audit[-1]["who"]


@pytest.mark.parametrize("command", ["end", "erase"])
def test_an_account_goes_only_after_a_question(rita, run, store, command):
    asked = run("adult", command, "Rita Machado")
    assert asked.code == 2
    assert "needs confirmation" in asked.err
    assert store.tables.adults[1].ended_at is None
    done = run("adult", command, "Rita Machado", "--yes")
    assert done.code == 0
    assert (1 in store.tables.adults) == (command == "end")
