from __future__ import annotations

import unicodedata
from contextlib import suppress

import pytest

from neuroplay.core.errors import NotFound, Refused
from neuroplay.core.use_cases.erase_class import EraseClass
from neuroplay.core.use_cases.find_people import FindClass, FindStudent, NameClashes, find_class
from tests.fakes.services import FakeClock, FakeLedger
from tests.fakes.unit_of_work import FakeStore


def school(*classes: tuple[str, str]) -> FakeStore:
    """Classes by name and code; their ids are 1, 2, 3 ..."""
    store = FakeStore()
    with store() as uow:
        for name, code in classes:
            uow.classes.add(name, code)
        uow.commit()
    return store


def meant(store: FakeStore, ref: str, *, acting: bool = False) -> str:
    with store() as uow:
        return find_class(uow, ref, acting=acting).name


def refused(store: FakeStore, ref: str) -> Refused:
    with pytest.raises(Refused) as told:
        meant(store, ref, acting=True)
    assert told.value.code == "ambiguous_class"
    return told.value


@pytest.mark.parametrize("acting", [False, True])
@pytest.mark.parametrize(
    ("ref", "name"),
    [
        ("Demo", "Demo"),
        (" Demo ", "Demo"),
        ("DEM00", "Demo"),
        ("dem-oo", "Demo"),
        ("id:1", "Demo"),
        ("ID: 1", "Demo"),
        ("code:dem00", "Demo"),
        ("name:Demo", "Demo"),
        ("name:1", "1"),
        ("id:2", "1"),
    ],
)
def test_a_word_that_means_one_class_is_that_class(ref, name, acting):
    assert meant(school(("Demo", "DEM00"), ("1", "AAAA1")), ref, acting=acting) == name


@pytest.mark.parametrize(
    ("first", "second", "ref"),
    [
        ("Demo", "1", "1"),  # a name that is another's id
        ("Demo", "DEM00", "DEM00"),  # a name that is another's code
        ("Demo", "demoo", "demoo"),  # ... as it is read: O is 0
        ("3A", "3A", "3A"),
        ("3A", "3a", "3A"),
        ("3A", "3 A", "3A"),
        ("3A", "3\u200bA", "3A"),
        ("3A", "\uff13\uff21", "3A"),
        ("Stra\u00dfe", "STRASSE", "STRASSE"),
        ("S\u00e3o", unicodedata.normalize("NFD", "S\u00e3o"), "S\u00e3o"),
    ],
)
def test_what_acts_refuses_a_word_with_two_meanings_and_names_both(first, second, ref):
    code = "DEM00" if first == "Demo" else "AAAA1"
    error = refused(school((first, code), (second, "BBBB2")), ref)

    assert code in error.hint
    assert "BBBB2" in error.hint
    assert "id:1" in error.hint


def test_what_acts_refuses_a_bare_id_and_says_how_to_mean_it():
    store = school(("Demo", "DEM00"))

    assert meant(store, "1") == "Demo"
    assert "id:1" in refused(store, "1").hint
    assert "id:1" in refused(store, "01").hint


def test_what_acts_refuses_a_name_that_is_only_alike():
    store = school(("3A", "AAAA1"))

    assert meant(store, "3 a") == "3A"
    assert "id:1" in refused(store, "3 a").hint
    refused(store, "name:3a")


def test_the_unicode_form_of_a_name_does_not_matter():
    store = school((unicodedata.normalize("NFD", "Jo\u00e3o 1\u00ba"), "AAAA1"))

    meant(store, "Jo\u00e3o 1\u00ba", acting=True)


def test_to_read_a_name_comes_before_a_code_and_a_code_before_an_id():
    store = school(("Demo", "00002"), ("1", "AAAA1"), ("DEM00", "BBBB2"), ("x", "DEM00"))

    assert meant(store, "1") == "1"
    assert meant(store, "DEM00") == "DEM00"
    assert meant(store, "00002") == "Demo"


@pytest.mark.parametrize(
    "ref", ["", "id:", "id:x", "id:0", "id:9", "code:1", "name:", "9Z", "id:1e0"]
)
@pytest.mark.parametrize("acting", [False, True])
def test_a_class_that_is_not_there_is_not_found(ref, acting):
    with pytest.raises(NotFound):
        meant(school(("3A", "AAAA1")), ref, acting=acting)


@pytest.mark.parametrize("ref", ["1", "DEM00", "3A", "3a", "id:2", "code:AAAA1", "name:1"])
def test_the_same_order_given_again_never_erases_another_class(ref):
    store = school(("Demo", "DEM00"), ("1", "AAAA1"), ("3A", "BBBB2"), ("3 a", "CCCC3"))
    erase = EraseClass(uow=store, clock=FakeClock(), record_erasures=FakeLedger())
    for _ in range(4):
        with suppress(Refused, NotFound):
            erase.execute(ref)
    assert len(store.tables.classes) >= 3


def test_the_question_knows_students_games_and_what_waits():
    store = school(("3A", "AAAA1"))
    with store() as uow:
        uow.students.add(1, "Ana", "fox")
        uow.commit()

    found = FindClass(uow=store).execute("3A")

    assert (len(found.students), found.games, found.waiting) == (1, 0, 0)


def test_a_number_that_is_another_childs_nickname_is_refused_unless_it_says_that_it_is_an_id():
    store = school(("3A", "AAAA1"))
    with store() as uow:
        uow.students.add(1, "Ana", "fox")
        uow.students.add(1, "1", "owl")
        uow.students.add(1, "3", "cat")
        uow.commit()
    find = FindStudent(uow=store)

    with pytest.raises(Refused) as told:
        find.execute("1")
    assert told.value.code == "ambiguous_student"
    assert "id:1" in told.value.hint
    assert "id:2" in told.value.hint
    assert find.execute("id:1")[0].nickname == "Ana"
    assert find.execute("3")[0].nickname == "3"  # its own nickname
    assert find.execute("2")[0].nickname == "1"
    with pytest.raises(NotFound):
        find.execute("4")


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("3A", "3\u0410"),  # Cyrillic
        ("3A", "3\u0391"),  # Greek
        ("5\u00ba B", "5\u00b0 B"),
        ("5\u00ba B", "5o B"),
        ("5\u00ba B", "5 B"),
        ("3-A", "3_A"),
        ("3-A", "3A"),
        ("\u00c1gua", "Agua"),
        ("Jo's", "Jo\u2019s"),
        ("3-1", "3.1"),
    ],
)
def test_names_that_people_take_for_the_same_are_told_apart_by_nobody(first, second):
    store = school((first, "AAAA1"), (second, "BBBB2"))

    for ref in (first, second, f"name:{first}"):
        assert "BBBB2" in refused(store, ref).hint
    assert meant(store, second) == second


@pytest.mark.parametrize(
    ("first", "second"),
    [("3A", "3"), ("1-11", "11-1"), ("3.1", "31"), ("\U0001f98a A", "\U0001f431 A"), ("+", "-")],
)
def test_names_that_nobody_takes_for_each_other_are_sure(first, second):
    store = school((first, "AAAA1"), (second, "BBBB2"))

    assert meant(store, first, acting=True) == first
    assert meant(store, second, acting=True) == second


@pytest.mark.parametrize("nickname", ["1", "01", "001", "\uff11"])
@pytest.mark.parametrize("word", ["1", "01"])
def test_a_number_is_the_nickname_of_another_with_whatever_zeros(nickname, word):
    store = school(("3A", "AAAA1"))
    with store() as uow:
        for name in ("Ana", nickname):
            uow.students.add(1, name, "fox")
        uow.commit()

    with pytest.raises(Refused):
        FindStudent(uow=store).execute(word)
    assert FindStudent(uow=store).execute(f"id:{word}")[0].nickname == "Ana"


def test_a_class_is_found_alone() -> None:
    assert FindClass(uow=school(("Demo", "DEM00"))).one("Demo").code == "DEM00"


def test_what_else_a_classs_name_means_is_told() -> None:
    store = school(("Demo", "DEM00"), ("1", "AAAA1"), ("2", "AAAA2"))
    clashes = NameClashes(uow=store)
    found = FindClass(uow=store)
    assert clashes.execute(found.one("id:1")) == ()
    assert [one.name for one in clashes.execute(found.one("name:1"))] == ["Demo"]
