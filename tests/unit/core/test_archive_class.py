from __future__ import annotations

import pytest

from neuroplay.core.entities.actor import Operator
from neuroplay.core.errors import NotFound, Refused
from neuroplay.core.use_cases.archive_class import ArchiveClass
from neuroplay.core.use_cases.cards import ClassCards
from neuroplay.core.use_cases.class_life import ListClasses
from neuroplay.core.use_cases.erase_class import EraseClass
from neuroplay.core.use_cases.find_people import FindClass, NameClashes
from neuroplay.core.use_cases.manage_students import ListStudents
from neuroplay.core.use_cases.read_progress import ReadLeaderboard
from neuroplay.core.use_cases.student_life import AddStudent, MoveStudent
from tests.fakes.services import NOON
from tests.unit.core.samples import School, create, record


def archive(school: School, ref: str = "3A", *, archived: bool = True) -> None:
    ArchiveClass(uow=school.store, clock=school.clock).execute(ref, archived, by=Operator("eva"))


def names(school: School, *, archived: bool | None = False) -> list[str]:
    found = ListClasses(uow=school.store).execute(archived=archived)
    return [one.name for one, _ in found]


def test_an_archived_class_is_listed_only_if_asked_for_and_comes_back_as_it_was() -> None:
    school = School()
    create(school).execute("4A", 1)
    before = school.store.tables.classes[school.class_id]
    archive(school)
    assert names(school) == ["4A"]
    assert names(school, archived=True) == ["3A"]
    assert names(school, archived=None) == ["3A", "4A"]
    assert school.store.tables.classes[school.class_id].archived_at == NOON
    assert {one.nickname for one in ListStudents(uow=school.store).execute()}.isdisjoint(
        {"Ana", "Bia"}
    )
    assert len(ListStudents(uow=school.store).execute("3A")) == 2

    archive(school, f"id:{school.class_id}", archived=False)
    assert names(school) == ["3A", "4A"]
    assert school.store.tables.classes[school.class_id] == before
    last_two = [(one["who"], one["what"]) for one in school.store.tables.audit[-2:]]
    assert last_two == [("eva", "class archived"), ("eva", "class brought back")]


def test_to_archive_twice_is_to_archive_once() -> None:
    school = School()
    archive(school, "A1B2C")
    school.clock.forward(60)
    archive(school, "A1B2C")
    assert school.store.tables.classes[school.class_id].archived_at == NOON
    assert len(school.store.tables.audit) == 1


def test_games_that_a_tablet_still_has_count_but_there_is_no_leaderboard() -> None:
    school = School()
    archive(school)
    school.send(record(0))
    school.drain()
    assert school.student().progress.sessions == 1
    board = ReadLeaderboard(uow=school.store, clock=school.clock)
    with pytest.raises(Refused) as refused:
        board.execute(school.principal(), "cyber_runner")
    assert refused.value.code == "leaderboard_off"


def test_an_archived_class_takes_no_children() -> None:
    school = School()
    caio = create(school).execute("4A", ["Caio"]).students[0].student
    archive(school)
    ref = f"id:{school.class_id}"
    add = AddStudent(uow=school.store, clock=school.clock, secrets=school.secrets)
    with pytest.raises(Refused) as refused:
        add.execute(ref, "Duda")
    assert refused.value.code == "class_archived"
    with pytest.raises(Refused) as refused:
        MoveStudent(uow=school.store, clock=school.clock).execute(caio.student_id, ref)
    assert refused.value.code == "class_archived"


def test_the_name_of_a_class_means_that_of_this_year() -> None:
    school = School()
    archive(school)
    found = FindClass(uow=school.store)
    cards = ClassCards(uow=school.store, secrets=school.secrets)
    assert cards.execute("3a").school_class.class_id == school.class_id  # there is no other
    new = create(school).execute("3A", 1).school_class
    assert NameClashes(uow=school.store).execute(new) == ()
    assert found.one("3A") == new
    assert cards.execute("3A").school_class == new
    assert found.one("A1B2C").class_id == found.one(f"id:{school.class_id}").class_id
    assert found.one("A1B2C").class_id == school.class_id


@pytest.mark.parametrize("ref", ["3A", "3a", "name:3A"])
def test_the_same_order_given_again_never_reaches_the_class_of_another_year(ref: str) -> None:
    school = School()
    archive(school)
    create(school).execute("3A", 1)
    erase = EraseClass(uow=school.store, clock=school.clock, record_erasures=school.ledger)
    if ref != "3a":
        erase.execute(ref)
    else:
        erase.execute("3A")
    with pytest.raises(Refused) as refused:
        erase.execute(ref)
    assert refused.value.code == "ambiguous_class"
    assert f"id:{school.class_id}" in refused.value.hint
    assert names(school, archived=None) == ["3A"]
    with pytest.raises(NotFound):
        erase.execute("9Z")
