from __future__ import annotations

import pytest

from neuroplay.core.entities.adult import AdultPrincipal, AdultRole
from neuroplay.core.errors import NotFound
from neuroplay.core.use_cases.reach import own_class, own_student
from tests.builders import SmallClass, a_class
from tests.fakes.unit_of_work import FakeStore

NUMBERS_OF_NOTHING = [-1, 0, 99, 2**31, 10**30]


@pytest.fixture
def store() -> FakeStore:
    return FakeStore()


@pytest.fixture
def school(store: FakeStore) -> SmallClass:
    return a_class(store)


@pytest.fixture
def other(store: FakeStore, school: SmallClass) -> tuple[int, int]:
    """The numbers of another class, and of a child in it."""
    with store() as uow:
        class_id = uow.classes.add("4B", "B4B4B").class_id
        student_id = uow.students.add(class_id, "Caio", "cat").student_id
        uow.commit()
    return class_id, student_id


def teacher(*class_ids: int) -> AdultPrincipal:
    return AdultPrincipal(
        adult_id=7, name="Rita", role=AdultRole.TEACHER, class_ids=frozenset(class_ids)
    )


OFFICE = AdultPrincipal(adult_id=8, name="Office", role=AdultRole.SCHOOL)


def test_a_teacher_reaches_the_own_class_and_its_children(store, school):
    with store() as uow:
        assert own_class(uow, teacher(school.class_id), school.class_id).name == "3A"
        student, school_class = own_student(uow, teacher(school.class_id), school.ana)
        assert (student.nickname, school_class.class_id) == ("Ana", school.class_id)


def test_the_school_reaches_every_class(store, school, other):
    class_id, student_id = other
    with store() as uow:
        assert own_class(uow, OFFICE, class_id).name == "4B"
        assert own_student(uow, OFFICE, student_id)[0].nickname == "Caio"
        assert own_student(uow, OFFICE, school.bia)[1].name == "3A"


def test_what_is_anothers_and_what_does_not_exist_are_told_alike(store, school, other):
    class_id, student_id = other
    with store() as uow:
        adult = teacher(school.class_id)
        told = set()
        for number in [class_id, *NUMBERS_OF_NOTHING]:
            with pytest.raises(NotFound) as refused:
                own_class(uow, adult, number)
            told.add((refused.value.code, refused.value.message, refused.value.hint))
        for number in [student_id, *NUMBERS_OF_NOTHING]:
            with pytest.raises(NotFound) as refused:
                own_student(uow, adult, number)
            told.add((refused.value.code, refused.value.message, refused.value.hint))
        assert len(told) == 1


def test_the_audit_names_an_adult_by_number():
    assert OFFICE.who == "adult:8"
