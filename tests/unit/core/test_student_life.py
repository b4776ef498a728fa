from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from random import Random
from typing import Any

import pytest

from neuroplay.core.entities.actor import OPERATOR, Operator
from neuroplay.core.entities.student import Student
from neuroplay.core.errors import NotFound, Refused
from neuroplay.core.rules.nicknames import AVATARS
from neuroplay.core.rules.roster import LARGEST_CLASS
from neuroplay.core.use_cases.cards import ClassCards
from neuroplay.core.use_cases.reach import hold_student
from neuroplay.core.use_cases.student_life import AddStudent, MoveStudent, RenameStudent
from tests.unit.core.samples import School, create, record


def add(school: School) -> AddStudent:
    return AddStudent(
        uow=school.store, clock=school.clock, secrets=school.secrets, random=Random(1)
    )


def move(school: School) -> MoveStudent:
    return MoveStudent(uow=school.store, clock=school.clock)


def rename(school: School) -> RenameStudent:
    return RenameStudent(uow=school.store, clock=school.clock)


def added(school: School, ref: str, nickname: str | None, **options: Any) -> Student:
    (card,) = add(school).execute(ref, nickname, **options).students
    return card.student


def last_entry(school: School) -> tuple[object, ...]:
    last = school.store.tables.audit[-1]
    return last["who"], last["what"], last["target"], last["details"]


def test_a_child_who_comes_in_may_has_a_card_of_the_class() -> None:
    school = School()
    (made,) = add(school).execute("3A", " Caio ", avatar="Raposa", by=Operator("eva")).students
    assert (made.student.nickname, made.student.avatar) == ("Caio", "fox")
    target = f"student {made.student.student_id}"
    assert last_entry(school) == ("eva", "student added", target, {"class": school.class_id})
    shown = ClassCards(uow=school.store, secrets=school.secrets).execute("3A")
    assert shown.students[-1] == made


def test_avatars_are_given_in_turn() -> None:
    school = School()
    made = [added(school, "3A", name) for name in ("Caio", "Duda")]
    assert [one.avatar for one in made] == [AVATARS[2], AVATARS[3]]


def test_a_child_without_a_nickname_gets_one_that_nobody_has() -> None:
    school = School()
    made = [added(school, "3A", None, language="en") for _ in range(4)]
    assert len({one.nickname for one in made}) == 4
    assert all(one.nickname.split()[1].lower() == one.avatar for one in made)


@pytest.mark.parametrize(
    ("ref", "nickname", "options", "code"),
    [
        ("3A", "", {}, "bad_nickname"),
        ("3A", "a@b.c", {}, "bad_nickname"),
        ("3A", "x" * 25, {}, "bad_nickname"),
        ("3A", "ana", {}, "nickname_taken"),
        ("3A", "Caio", {"avatar": "dragon"}, "bad_avatar"),
        ("3A", None, {"language": "xx"}, "bad_language"),
        ("1", "Caio", {}, "ambiguous_class"),
    ],
)
def test_what_is_no_child_of_the_class_is_not_added(
    ref: str, nickname: Any, options: dict[str, Any], code: str
) -> None:
    school = School()
    with pytest.raises(Refused) as refused:
        add(school).execute(ref, nickname, **options)
    assert refused.value.code == code
    assert len(school.store.tables.students) == 2
    assert school.store.tables.audit == []


def test_a_full_class_takes_nobody() -> None:
    school = School()
    create(school).execute("4A", LARGEST_CLASS)
    with pytest.raises(Refused) as refused:
        add(school).execute("4A", "Caio")
    assert refused.value.code == "class_full"
    with pytest.raises(Refused) as refused:
        move(school).execute(school.ana, "4A")
    assert refused.value.code == "class_full"


def test_a_moved_child_keeps_everything_and_has_a_card_of_the_new_class() -> None:
    school = School()
    school.send(record(0))
    school.drain()
    before = school.student()
    other = create(school).execute("4A", 1).school_class
    moved, now_in = move(school).execute(school.ana, "4A", by=Operator("eva"))
    assert now_in == other
    assert moved == school.student() == replace(before, class_id=other.class_id)
    assert moved.progress.sessions == 1
    about = {"from": school.class_id, "to": other.class_id}
    assert last_entry(school) == ("eva", "student moved", f"student {school.ana}", about)
    cards = ClassCards(uow=school.store, secrets=school.secrets)
    assert cards.execute("4A").students[0].student == moved
    assert [card.student.student_id for card in cards.execute("3A").students] == [school.bia]


def test_classes_are_locked_before_the_child_and_to_move_twice_is_to_move_once() -> None:
    school = School()
    create(school).execute("4A", 1)
    move(school).execute(school.ana, "4A")
    uow = school.store.opened[-1]
    assert uow.classes.locked == [school.class_id, school.class_id + 1]
    assert uow.students.locked == [school.ana]
    entries = len(school.store.tables.audit)
    assert move(school).execute(school.ana, "4A")[0] == school.student()
    assert len(school.store.tables.audit) == entries


def test_no_child_moves_beside_another_of_the_same_nickname() -> None:
    school = School()
    create(school).execute("4A", ["ANA"])
    with pytest.raises(Refused) as refused:
        move(school).execute(school.ana, "4A")
    assert refused.value.code == "nickname_taken"
    assert school.student().class_id == school.class_id
    with pytest.raises(NotFound):
        move(school).execute(99, "4A")
    with pytest.raises(NotFound):
        move(school).execute(school.ana, "9Z")


def test_who_is_moved_by_somebody_else_at_the_same_time_is_not_moved_on() -> None:
    school = School()
    other = create(school).execute("4A", 1).school_class
    with school.store() as uow:
        lock = uow.students.lock

        def moved_just_before(student_ids: Sequence[int]) -> None:
            uow.students.move(school.ana, other.class_id)
            lock(student_ids)

        uow.students.lock = moved_just_before  # type: ignore[method-assign]
        with pytest.raises(Refused) as refused:
            hold_student(uow, OPERATOR, school.ana)
    assert refused.value.code == "student_moved"


@pytest.mark.parametrize(
    ("changes", "shown"),
    [
        ({"nickname": "Ana Lu"}, ("Ana Lu", "fox")),
        ({"avatar": "bear"}, ("Ana", "bear")),
        ({"nickname": "ANA", "avatar": "Bear"}, ("ANA", "bear")),
    ],
)
def test_a_child_has_another_nickname_or_avatar(
    changes: dict[str, str], shown: tuple[str, str]
) -> None:
    school = School()
    before = school.student()
    renamed, _ = rename(school).execute(school.ana, by=Operator("eva"), **changes)
    assert renamed == school.student()
    assert (renamed.nickname, renamed.avatar) == shown
    assert replace(renamed, nickname="Ana", avatar="fox") == before
    assert last_entry(school)[:3] == ("eva", "student renamed", f"student {school.ana}")


def test_the_audit_has_no_nickname() -> None:
    school = School()
    rename(school).execute(school.ana, nickname="Secretina")
    add(school).execute("3A", "Secretino")
    assert "Secret" not in str(school.store.tables.audit)
    assert "Ana" not in str(school.store.tables.audit)


def test_to_rename_to_the_same_changes_nothing() -> None:
    school = School()
    assert rename(school).execute(school.ana, nickname="Ana")[0] == school.student()
    assert rename(school).execute(school.ana)[0] == school.student()
    assert school.store.tables.audit == []


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"nickname": "bia"}, "nickname_taken"),
        ({"nickname": " "}, "bad_nickname"),
        ({"avatar": ""}, "bad_avatar"),
    ],
)
def test_a_nickname_is_told_apart_in_a_class(changes: dict[str, Any], code: str) -> None:
    school = School()
    with pytest.raises(Refused) as refused:
        rename(school).execute(school.ana, **changes)
    assert refused.value.code == code
    assert school.student().nickname == "Ana"
    with pytest.raises(NotFound):
        rename(school).execute(99, nickname="Caio")
