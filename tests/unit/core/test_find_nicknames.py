from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest

from neuroplay.core.entities.student import OutboxReport
from neuroplay.core.errors import Refused
from neuroplay.core.use_cases.archive_class import ArchiveClass
from neuroplay.core.use_cases.find_nicknames import MOST_FOUND, FindNicknames
from tests.fakes.services import NOON
from tests.unit.core.samples import School, create


def found(school: School, word: str) -> list[str]:
    answer = FindNicknames(uow=school.store).execute(word)
    return [one.student.nickname for one in answer.students]


@pytest.mark.parametrize("word", ["jose", "JOSÉ", "Jose\u0301", "é l", "sel", "ｊｏｓｅ"])
def test_a_child_is_found_by_any_part_whatever_its_case_accents_and_spaces(word: str) -> None:
    school = School()
    create(school).execute("4A", ["José Luís", "Joana"])
    assert found(school, word) == ["José Luís"]


@pytest.mark.parametrize("word", ["", "  ", "\u200b", "\u0301"])
def test_nothing_is_no_part_of_a_nickname(word: str) -> None:
    with pytest.raises(Refused) as refused:
        found(School(), word)
    assert refused.value.code == "bad_word"


def test_what_the_tablets_of_a_child_reported_is_summed() -> None:
    school = School()
    with school.store() as uow:
        for number, days in ((1, 2), (2, 1)):
            principal = school.principal(device_id=UUID(int=number))
            report = OutboxReport(pending=number, oldest=NOON)
            uow.devices.report(principal, report, now=NOON - timedelta(days=days))
        uow.commit()
    (ana,) = FindNicknames(uow=school.store).execute("an").students
    assert (ana.unsent, ana.last_heard) == (3, NOON - timedelta(days=1))
    (bia,) = FindNicknames(uow=school.store).execute("bi").students
    assert (bia.unsent, bia.last_heard, bia.school_class.name) == (0, None, "3A")


def test_children_of_archived_classes_come_last_and_too_many_are_counted() -> None:
    school = School()
    create(school).execute("4A", ["Ana B", "Ana A"])
    ArchiveClass(uow=school.store, clock=school.clock).execute("3A", True)
    assert found(school, "ana") == ["Ana A", "Ana B", "Ana"]
    create(school).execute("5A", [f"Zoe {number}" for number in range(MOST_FOUND + 3)])
    answer = FindNicknames(uow=school.store).execute("zoe")
    assert (len(answer.students), answer.more) == (MOST_FOUND, 3)
