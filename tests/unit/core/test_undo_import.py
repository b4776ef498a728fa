from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from neuroplay.core.errors import NotFound, Refused
from neuroplay.core.rules.roster import LARGEST_CLASS
from neuroplay.core.use_cases.archive_class import ArchiveClass
from neuroplay.core.use_cases.undo_import import ListImports
from tests.unit.core.rosters import RosterSchool
from tests.unit.core.samples import record

TWO = "RA;Nome;Turma\n10001;Ana;3A\n10002;Bia;3A\n"


def test_undoing_removes_who_was_added_and_puts_back_who_was_changed() -> None:
    school = RosterSchool()
    school.apply(TWO, None)
    moved = "RA;Nome;Turma\n10001;Clara;3A\n10002;Bia;3B\n10003;Caio;3B\n10004;Dora;3A\n"
    made = school.apply(moved, None)
    undone = school.undo(made.import_id)
    assert (undone.removed, undone.back, undone.classes, undone.left) == (2, 2, ["3B"], [])
    assert school.nicknames("3A") == ["Ana", "Bia"]
    assert [one.name for one in school.store.tables.classes.values()] == ["3A"]
    erased = [(one.kind, one.number) for one in school.ledger.erasures]
    assert erased == [("student", 3), ("student", 4), ("class", 2)]
    last = school.store.tables.audit[-1]
    assert (last["who"], last["what"], last["target"]) == ("eva", "import undone", "import 2")
    # The hashes are back, too.
    assert school.apply(moved, None).counts["changed"] == 2


def test_who_signed_in_or_played_is_left_and_named() -> None:
    school = RosterSchool()
    made = school.apply("Nome\nAna\nBia\nCaio\nDora\n")
    caio = made.added[0].student.student_id
    school.send(record(1), student=caio)
    undone = school.undo(made.import_id)
    assert undone.removed == 1
    assert [(one.student_id, one.nickname, one.reason) for one in undone.left] == [
        (caio, "Caio", "signed in or played")
    ]
    assert school.nicknames() == ["Ana", "Bia", "Caio"]


def test_what_was_changed_since_stays() -> None:
    school = RosterSchool()
    school.apply("RA;nickname\n10001;Ana\n10002;Bia\n")
    made = school.apply("RA;nickname\n10001;Clara\n10002;Dora\n10003;Eva\n10004;Fabi\n")
    with school.store() as uow:
        other = uow.classes.add("3B", "B0000").class_id
        uow.students.rename(school.ana, "Foguete", "fox")
        uow.students.rename(made.added[0].student.student_id, "Bia", "cat")
        uow.students.move(made.added[1].student.student_id, other)
        uow.commit()
    undone = school.undo(made.import_id)
    assert (undone.removed, undone.back) == (1, 1)
    assert sorted((one.nickname, one.reason) for one in undone.left) == [
        ("Fabi", "moved since"),
        ("Foguete", "changed since"),
    ]
    assert school.nicknames("3A") == ["Foguete", "Bia"]
    assert school.nicknames("3B") == ["Fabi"]


def test_a_nickname_that_another_child_has_now_does_not_come_back() -> None:
    school = RosterSchool()
    school.apply("RA;nickname\n10001;Ana\n10002;Bia\n")
    made = school.apply("RA;nickname\n10001;Clara\n10002;Bia\n")
    with school.store() as uow:
        uow.students.add(school.class_id, "ana", "fox")
        uow.commit()
    (left,) = school.undo(made.import_id).left
    assert (left.nickname, left.reason) == ("Clara", "another child has the nickname now")


def test_a_nickname_of_a_child_who_stays_does_not_come_back_to_another() -> None:
    school = RosterSchool()
    school.apply("RA;nickname\n10001;Ana\n10002;Bia\n")
    made = school.apply("RA;nickname\n10001;Clara\n10002;Bia\n10003;Ana\n")
    school.send(record(1), student=made.added[0].student.student_id)
    left = school.undo(made.import_id).left
    assert [(one.nickname, one.reason) for one in left] == [
        ("Clara", "another child has the nickname now"),
        ("Ana", "signed in or played"),
    ]
    assert sorted(school.nicknames()) == ["Ana", "Bia", "Clara"]


@pytest.mark.parametrize("names", [("Ana", "Bia"), ("Bia", "Ana")])
def test_who_is_left_keeps_the_nickname_from_whoever_had_it_before(names: tuple[str, str]) -> None:
    school = RosterSchool()
    first, second = names
    school.apply(f"RA;nickname\n10001;{first}\n10002;{second}\n")
    made = school.apply(f"RA;nickname\n10001;{second}\n10002;Clara\n")
    with school.store() as uow:
        uow.students.add(school.class_id, first, "fox")
        uow.commit()
    undone = school.undo(made.import_id)
    assert sorted(one.nickname for one in undone.left) == sorted([second, "Clara"])
    assert sorted(school.nicknames()) == ["Ana", "Bia", "Clara"]


def test_a_class_that_is_gone_takes_nobody_back_and_one_with_children_stays() -> None:
    school = RosterSchool()
    school.apply("RA;Nome;Turma\n10001;Ana;3A\n10002;Bia;3A\n10009;Zoe;3C\n", None)
    made = school.apply("RA;Nome;Turma\n10001;Ana;3A\n10002;Bia;3A\n10009;Zoe;3B\n", None)
    with school.store() as uow:
        (empty,) = [one for one, count in uow.classes.all() if not count]
        uow.classes.remove(empty.class_id)
        uow.commit()
    undone = school.undo(made.import_id)
    assert [one.reason for one in undone.left] == ["its class was erased"]
    assert undone.classes == []
    assert school.nicknames("3B") == ["Zoe"]


def moved_by_an_import() -> tuple[RosterSchool, int | None]:
    """3A with Ana and Bia, and 3C with Zoe; an import moved Bea and Caio from 3C to 3A."""
    school = RosterSchool()
    stay = "RA;Nome;Turma\n10001;Ana;3A\n10002;Zoe;3C\n"
    school.apply(f"{stay}10003;Bea;3C\n10004;Caio;3C\n", None)
    made = school.apply(f"{stay}10003;Bea;3A\n10004;Caio;3A\n", None)
    assert sorted(school.nicknames("3A")) == ["Ana", "Bea", "Bia", "Caio"]
    return school, made.import_id


def test_no_more_children_come_back_to_a_class_than_it_can_have() -> None:
    school, import_id = moved_by_an_import()
    with school.store() as uow:
        (its_class,) = [one.class_id for one, _ in uow.classes.all() if one.name == "3C"]
        for number in range(LARGEST_CLASS - 2):
            uow.students.add(its_class, f"Child {number}", "fox")
        uow.commit()
    undone = school.undo(import_id)
    assert undone.back == 1
    assert [(one.nickname, one.reason) for one in undone.left] == [("Caio", "its class is full")]
    assert len(school.nicknames("3C")) == LARGEST_CLASS


def test_nobody_comes_back_to_an_archived_class() -> None:
    school, import_id = moved_by_an_import()
    ArchiveClass(uow=school.store, clock=school.clock).execute("3C", True)
    undone = school.undo(import_id)
    assert (undone.back, undone.classes) == (0, [])
    assert {one.reason for one in undone.left} == {"its class is archived"}


def test_a_student_who_was_erased_since_is_no_matter() -> None:
    school = RosterSchool()
    made = school.apply("nickname\nAna\nBia\nCaio\n")
    with school.store() as uow:
        uow.students.erase(made.added[0].student.student_id)
        uow.commit()
    undone = school.undo(made.import_id)
    assert (undone.removed, undone.left) == (0, [])


def test_an_import_is_undone_once_and_within_thirty_days() -> None:
    school = RosterSchool()
    first = school.apply("nickname\nAna\nBia\nCaio\n")
    second = school.apply("nickname\nAna\nBia\nCaio\nDora\n")
    school.undo(first.import_id)
    with pytest.raises(Refused) as refused:
        school.undo(first.import_id)
    assert refused.value.code == "already_undone"
    school.clock.now += timedelta(days=31)
    with pytest.raises(Refused) as late:
        school.undo(second.import_id)
    assert late.value.code == "too_late"
    with pytest.raises(NotFound):
        school.undo(99)


def test_nothing_is_undone_if_the_erasures_cannot_be_recorded() -> None:
    school = RosterSchool()
    made = school.apply("nickname\nAna\nBia\nCaio\n")
    school.ledger.broken = OSError("disk full")
    with pytest.raises(OSError, match="disk full"):
        school.undo(made.import_id)
    assert school.nicknames() == ["Ana", "Bia", "Caio"]


def test_imports_are_listed_by_class() -> None:
    school = RosterSchool()
    first = school.apply("nickname\nAna\nBia\nCaio\n")
    second = school.apply("nickname\nZoe\n", None, name="3B.csv")
    listed = ListImports(uow=school.store)
    assert [one.import_id for one in listed.execute()] == [second.import_id, first.import_id]
    assert [one.import_id for one in listed.execute("3A")] == [first.import_id]
    assert listed.one(1).who == "eva"
    with pytest.raises(NotFound):
        listed.one(9)


CHILDREN = st.lists(
    st.tuples(
        st.integers(10_000, 10_005), st.sampled_from("ABCDEF"), st.sampled_from(["3A", "3B"])
    ),
    unique_by=(lambda one: one[0], lambda one: one[1]),
    min_size=1,
)


@settings(max_examples=60)
@given(first=CHILDREN, second=CHILDREN)
def test_an_import_that_is_undone_leaves_everything_as_it_was(
    first: list[tuple[int, str, str]], second: list[tuple[int, str, str]]
) -> None:
    def text(children: list[tuple[int, str, str]]) -> str:
        return "RA;nickname;Turma\n" + "".join(f"{n};Child {a};{c}\n" for n, a, c in children)

    school = RosterSchool()
    school.apply(text(first), None)
    before = school.store.tables.copy()
    preview = school.preview(text(second), None)
    if not preview.can_apply:
        return
    made = school.apply(text(second), None)
    if made.import_id is None:
        return
    undone = school.undo(made.import_id)
    after = school.store.tables
    assert undone.left == []
    assert after.students == before.students
    assert after.roster_keys == before.roster_keys
    assert {i: replace(one, code="") for i, one in after.classes.items()} == {
        i: replace(one, code="") for i, one in before.classes.items()
    }
