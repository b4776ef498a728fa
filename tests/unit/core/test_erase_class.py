from __future__ import annotations

import pytest

from neuroplay.core.entities.actor import Operator
from neuroplay.core.errors import NotFound
from neuroplay.core.use_cases.erase_class import EraseClass
from tests.unit.core.samples import School, create


def test_an_erased_class_is_gone_and_the_audit_says_so() -> None:
    school = School()
    made = create(school).execute("1B", 45)
    heard: list[int] = []
    erase = EraseClass(uow=school.store, clock=school.clock, record_erasures=school.ledger)
    removed = erase.execute("1B", by=Operator("eva"), progress=heard.append)
    assert removed["students"] == 45
    assert heard == [20, 40, 45]
    tables = school.store.tables
    assert {one.name for one in tables.classes.values()} == {"3A"}
    assert len(tables.students) == 2
    last = tables.audit[-1]
    assert (last["who"], last["what"]) == ("eva", "class erased")
    assert last["target"] == f"class {made.school_class.class_id}"
    kept = [(one.kind, one.number) for one in school.ledger.erasures]
    students = sorted(card.student.student_id for card in made.students)
    assert kept == [*(("student", one) for one in students), ("class", made.school_class.class_id)]
    with pytest.raises(NotFound):
        erase.execute("1B")


def test_a_class_that_was_erased_halfway_can_be_erased_again() -> None:
    school = School()
    create(school).execute("1B", 45)
    erase = EraseClass(uow=school.store, clock=school.clock, record_erasures=school.ledger)

    def stop(done: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        erase.execute("1B", progress=stop)
    assert len(school.store.tables.students) == 2 + 25
    erase.execute("1B")
    assert len(school.store.tables.students) == 2
