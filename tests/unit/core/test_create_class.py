from __future__ import annotations

from typing import Any

import pytest

from neuroplay.core.errors import Refused
from neuroplay.core.rules.codes import normalise_code
from neuroplay.core.use_cases.create_class import new_class_code
from tests.unit.core.samples import School, create


def test_a_class_of_thirty_gets_nicknames_avatars_and_cards() -> None:
    school = School()
    made = create(school).execute("3B", 30)
    assert made.school_class.name == "3B"
    assert normalise_code(made.school_class.code, 5) == made.school_class.code
    students = [card.student for card in made.students]
    assert len({student.nickname for student in students}) == 30
    assert len({card.card_code for card in made.students}) == 30
    assert [s.student_id for s in students] == sorted(s.student_id for s in students)
    assert school.store.opened[-1].committed


def test_nicknames_are_in_the_language_of_the_class() -> None:
    made = create(School()).execute("3B", 6, language="en")
    assert {card.student.nickname.split()[1] for card in made.students} == {
        "Fox",
        "Owl",
        "Turtle",
        "Cat",
        "Rabbit",
        "Bear",
    }


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        (" 3A  manhã ", "3A manhã"),
        ("\ufeff3A\u200b", "3A"),
        ("3A mañana", "3A mañana"),
        ("3A \U0001f469\u200d\U0001f680", "3A \U0001f469\u200d\U0001f680"),
    ],
)
def test_a_class_is_called_as_it_looks(typed: str, kept: str) -> None:
    assert create(School()).execute(typed, 1).school_class.name == kept


def test_nicknames_can_be_given() -> None:
    made = create(School()).execute("3B", [" Ana  Lu ", "Caio"])
    assert [(c.student.nickname, c.student.avatar) for c in made.students] == [
        ("Ana Lu", "fox"),
        ("Caio", "owl"),
    ]


@pytest.mark.parametrize(
    ("name", "students", "language", "code"),
    [
        ("", 3, "pt-BR", "bad_class_name"),
        ("x" * 61, 3, "pt-BR", "bad_class_name"),
        ("3\x00B", 3, "pt-BR", "bad_class_name"),
        ("3B", 0, "pt-BR", "bad_class_size"),
        ("3B", 201, "pt-BR", "bad_class_size"),
        ("3B", [], "pt-BR", "bad_class_size"),
        ("3B", ["Ana", "ana"], "pt-BR", "bad_nickname"),
        ("3B", [""], "pt-BR", "bad_nickname"),
        ("3B", ["a@b.c"], "pt-BR", "bad_nickname"),
        ("3B", 3, "xx", "bad_language"),
    ],
)
def test_what_is_no_class_is_refused_and_nothing_made(
    name: str, students: Any, language: str, code: str
) -> None:
    school = School()
    with pytest.raises(Refused) as refused:
        create(school).execute(name, students, language=language)
    assert refused.value.code == code
    assert len(school.store.tables.classes) == 1


def test_a_class_code_that_is_taken_is_not_given_again() -> None:
    school = School()
    codes = iter(["A1B2C", "A1B2C", "NEW01"])
    made = create(school, new_code=lambda: next(codes)).execute("3B", 1)
    assert made.school_class.code == "NEW01"
    with pytest.raises(Refused) as refused:
        create(school, new_code=lambda: "A1B2C").execute("3C", 1)
    assert refused.value.code == "no_free_code"


def test_new_class_codes_are_crockford_and_differ() -> None:
    codes = {new_class_code() for _ in range(50)}
    assert len(codes) > 45
    assert all(normalise_code(code, 5) == code for code in codes)
