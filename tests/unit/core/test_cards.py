from __future__ import annotations

import pytest

from neuroplay.core.errors import NotFound, Refused
from neuroplay.core.use_cases.cards import ClassCards
from tests.unit.core.samples import School, create


def test_cards_can_be_printed_again_by_name_code_or_id() -> None:
    school = School()
    made = create(school).execute("3B", 2)
    cards = ClassCards(uow=school.store, secrets=school.secrets)
    code = made.school_class.code
    for ref in ("3B", code, f" {code.lower()} ", str(made.school_class.class_id)):
        assert cards.execute(ref) == made


def test_a_class_that_is_not_there_or_not_the_only_one_is_said_clearly() -> None:
    school = School()
    cards = ClassCards(uow=school.store, secrets=school.secrets)
    for ref in ("", "9Z", "99999999999999999999", "é", "\ud800", "3\x00A"):
        with pytest.raises(NotFound):
            cards.execute(ref)
    create(school).execute("3A", 1)
    with pytest.raises(Refused) as refused:
        cards.execute("3A")
    assert refused.value.code == "ambiguous_class"
    assert "A1B2C" in refused.value.hint


def test_cards_of_some_children_are_shown_alone() -> None:
    school = School()
    made = create(school).execute("3B", 3)
    cards = ClassCards(uow=school.store, secrets=school.secrets)
    last = made.students[2]
    assert cards.execute("3B", students=[last.student.student_id]).students == (last,)
    with pytest.raises(NotFound, match=f"student {school.ana} is not in class 3B"):
        cards.execute("3B", students=[last.student.student_id, school.ana])
