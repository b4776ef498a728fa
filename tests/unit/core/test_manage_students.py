from __future__ import annotations

from datetime import date
from uuid import UUID

import pytest

from neuroplay.core.entities.inbox_filter import InboxFilter
from neuroplay.core.entities.principal import NewToken
from neuroplay.core.errors import NotFound, Refused, SettingsError
from neuroplay.core.use_cases import manage_students
from neuroplay.core.use_cases.manage_students import (
    EraseStudent,
    ExportStudent,
    ListStudents,
    ResetCard,
    ShowStudent,
)
from tests.builders import DEVICE, a_holder
from tests.fakes.services import NOON
from tests.unit.core.samples import School, record


def played_school() -> School:
    school = School()
    for number in range(5):
        school.send(record(number, score=-1 if number == 4 else 100, secret_note="kept"))
    school.send(record(9), student=school.bia)
    school.drain()
    return school


def test_students_are_listed_of_one_class_or_of_all() -> None:
    school = School()
    with school.store() as uow:
        other = uow.classes.add("1B", "WWWWW").class_id
        uow.students.add(other, "Caio", "cat")
        uow.commit()
    students = ListStudents(uow=school.store)
    assert [s.nickname for s in students.execute()] == ["Caio", "Ana", "Bia"]
    assert [s.nickname for s in students.execute("3A")] == ["Ana", "Bia"]


def test_a_student_is_shown_with_progress() -> None:
    school = played_school()
    assert ShowStudent(uow=school.store).execute(school.ana).progress.sessions == 4


def test_nobody_is_found_under_an_unknown_id() -> None:
    school = School()
    for use_case in (
        ShowStudent(uow=school.store),
        ExportStudent(uow=school.store),
        EraseStudent(uow=school.store, record_erasures=school.ledger),
    ):
        with pytest.raises(NotFound):
            use_case.execute(99)
    with pytest.raises(NotFound):
        ResetCard(uow=school.store, secrets=school.secrets).execute(99)


def test_an_export_holds_everything_page_by_page(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(manage_students, "EXPORT_PAGE", 2)
    school = played_school()
    found = ExportStudent(uow=school.store, clock=school.clock).execute(school.ana)
    assert found.progress.student.nickname == "Ana"
    assert found.school_class is not None
    assert found.school_class.name == "3A"
    assert len(found.sessions) == len(found.received) == 5
    assert {item.payload["secret_note"] for item in found.received} == {"kept"}
    assert {item.state for item in found.received} == {"processed", "invalid"}
    assert found.progress.student.progress.play_days == {date(2026, 11, 24)}
    assert found.devices[0].pending == 0
    assert set(found.attempts) == {item.inbox_id for item in found.received}


def test_an_export_holds_sign_ins_attempts_and_what_operators_did() -> None:
    school = played_school()
    with school.store() as uow:
        uow.tokens.add(
            [
                NewToken(
                    token_id=UUID(int=7),
                    token_hash=b"t" * 32,
                    holder=a_holder(school.ana),
                    device_id=DEVICE,
                    secret_mark="mark",
                    now=school.clock.now,
                )
            ]
        )
        (first, *_) = uow.inbox.list(InboxFilter(student_id=school.ana))
        uow.inbox.dismiss([first.inbox_id], now=NOON, release="2.5.0", who="eva", reason="a test")
        for student, what in ((school.ana, "card reset"), (school.bia, "of another child")):
            uow.audit.add(who="eva", what=what, target=f"student {student}", details={}, now=NOON)
        uow.commit()
    found = ExportStudent(uow=school.store, clock=school.clock).execute(school.ana)
    assert [one.device_id for one in found.sign_ins] == [DEVICE]
    assert found.attempts[first.inbox_id][-1].who == "eva"
    assert [(one.who, one.what) for one in found.decisions] == [
        ("eva", "card reset"),
        ("operator", "student exported"),
    ]


def test_a_reset_card_is_in_the_audit_without_its_code() -> None:
    school = School()
    (made,) = ResetCard(uow=school.store, secrets=school.secrets).execute(school.ana).students
    [entry] = school.store.tables.audit
    assert (entry["what"], entry["target"]) == ("card reset", f"student {school.ana}")
    assert made.card_code not in str(entry)


def test_of_two_new_cards_at_once_the_second_is_refused() -> None:
    school = School()
    seen = school.student().card_version
    reset = ResetCard(uow=school.store, secrets=school.secrets)
    reset.execute(school.ana, seen_version=seen)
    with pytest.raises(Refused) as refused:
        reset.execute(school.ana, seen_version=seen)
    assert refused.value.code == "card_changed"
    assert school.student().card_version == 2
    assert len(school.store.tables.audit) == 1


def test_erasing_leaves_nothing_of_the_child_and_everything_of_the_others() -> None:
    school = played_school()
    erase = EraseStudent(uow=school.store, clock=school.clock, record_erasures=school.ledger)
    removed = erase.execute(school.ana).rows
    tables = school.store.tables
    assert removed["sync_inbox"] == 5
    assert removed["game_sessions"] == 4
    assert list(tables.students) == [school.bia]
    assert {item.student_id for item in tables.inbox.values()} == {school.bia}
    assert len(tables.sessions) == 1
    assert "Ana" not in str(tables.audit)
    assert tables.audit[-1]["what"] == "student erased"


def test_an_erasure_is_in_the_ledger_with_what_tells_the_child_from_a_later_one() -> None:
    school = played_school()
    created = school.student().created_at
    erase = EraseStudent(uow=school.store, clock=school.clock, record_erasures=school.ledger)
    erase.execute(school.ana)
    [kept] = school.ledger.erasures
    assert (kept.kind, kept.number) == ("student", school.ana)
    assert (kept.created_at, kept.erased_at) == (created, school.clock.now)


def test_nobody_is_erased_whom_the_ledger_could_not_keep() -> None:
    school = played_school()
    school.ledger.broken = SettingsError("the disk is full")
    erase = EraseStudent(uow=school.store, record_erasures=school.ledger)
    with pytest.raises(SettingsError):
        erase.execute(school.ana)
    assert school.student().progress.sessions == 4
