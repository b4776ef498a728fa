from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings

from neuroplay.core.entities.actor import Operator
from neuroplay.core.entities.principal import NewToken, StudentPrincipal, TokenStatus
from neuroplay.core.entities.student import OutboxReport
from neuroplay.core.errors import NotFound, Refused, TransientError
from neuroplay.core.use_cases.archive_class import ArchiveClass
from neuroplay.core.use_cases.manage_students import EraseStudent, ExportStudent
from neuroplay.core.use_cases.merge_students import MergeReport, MergeStudents
from neuroplay.core.use_cases.read_progress import ReadLeaderboard, ReadProgress
from tests.builders import DEVICE, a_holder
from tests.fakes.services import NOON
from tests.fakes.unit_of_work import FakeStore
from tests.merging import Pair, lives
from tests.unit.core.samples import School, create, record


def merge(school: School, merged: int | None = None, into: int | None = None) -> MergeReport:
    use_case = MergeStudents(uow=school.store, clock=school.clock)
    return use_case.execute(merged or school.ana, into=into or school.bia, by=Operator("eva"))


def sign_in(school: School, student_id: int, token_hash: bytes, *, version: int = 1) -> None:
    with school.store() as uow:
        uow.tokens.add(
            [
                NewToken(
                    token_id=UUID(bytes=token_hash[:16]),
                    token_hash=token_hash,
                    holder=a_holder(student_id, card_version=version),
                    device_id=DEVICE,
                    secret_mark="mark",
                    now=school.clock(),
                )
            ]
        )
        uow.commit()


@given(lives)
@settings(max_examples=120, deadline=None)
def test_merged_books_are_those_of_one_child_who_played_all_of_it(life: Any) -> None:
    pair = Pair(FakeStore())
    pair.live(*life)
    pair.assert_merged_as_if_one_child_had_played()


def test_the_report_has_both_as_they_were_and_the_audit_says_who_merged_them() -> None:
    school = School()
    school.send(record(0))
    school.send(record(1), record(2), student=school.bia)
    school.drain()
    ana, bia = school.student(), school.student(school.bia)
    report = merge(school)
    assert (report.merged, report.before) == (ana, bia)
    assert report.student.nickname == "Bia"
    assert report.student.progress.sessions == 3
    assert report.moved["game_sessions"] == report.moved["sync_inbox"] == 1
    last = school.store.tables.audit[-1]
    assert (last["who"], last["what"], last["target"]) == (
        "eva",
        "students merged",
        f"student {school.bia}",
    )
    assert last["details"]["merged"] == school.ana
    assert school.store.opened[-1].students.locked == [school.ana, school.bia]


@pytest.mark.parametrize(("merged", "into"), [(1, 99), (99, 1)])
def test_nobody_is_merged_with_one_who_is_not_there(merged: int, into: int) -> None:
    school = School()
    with pytest.raises(NotFound, match="99"):
        merge(school, merged, into)
    assert len(school.store.tables.students) == 2


def test_nobody_is_merged_with_himself() -> None:
    with pytest.raises(Refused) as refused:
        merge(School(), 1, 1)
    assert refused.value.code == "same_student"


def test_the_tablet_of_the_merged_child_goes_on_under_the_number_that_it_knows() -> None:
    school = School()
    sign_in(school, school.ana, b"a" * 32)
    merge(school)
    with school.store() as uow:
        found = uow.tokens.find(b"a" * 32)
    assert found is not None
    assert found.status is TokenStatus.ACTIVE
    assert isinstance(found.principal, StudentPrincipal)
    assert found.principal.student_id == school.bia
    assert found.principal.known_as == school.ana


def test_a_sign_in_that_had_ended_stays_ended() -> None:
    school = School()
    with school.store() as uow:
        uow.students.raise_card_version(school.bia, 1)
        uow.commit()
    sign_in(school, school.bia, b"b" * 32)  # with the old card
    merge(school, school.bia, school.ana)
    with school.store() as uow:
        found = uow.tokens.find(b"b" * 32)
    assert found is not None
    assert found.status is TokenStatus.REVOKED


def test_a_request_that_still_takes_the_token_for_the_merged_childs_loses_nothing() -> None:
    school = School()
    before = school.principal(school.ana)
    merge(school)
    with pytest.raises(TransientError):
        school.send(record(0))
    progress = ReadProgress(uow=school.store, clock=school.clock)
    board = ReadLeaderboard(uow=school.store, clock=school.clock)
    for ask in (
        lambda: progress.execute(before),
        lambda: board.execute(before, "cyber_runner"),
    ):
        with pytest.raises(TransientError):
            ask()
    assert school.items() == []


def test_games_that_a_worker_has_claimed_are_counted_for_the_child_that_is_left() -> None:
    school = School()
    school.send(record(0), record(1, score=-1), record(2, duration=3000, ended=NOON))
    with school.store() as uow:
        claimed = uow.inbox.claim(9, now=uow.now(), lease_s=60)
        uow.commit()
    merge(school)
    school.drain_claimed(claimed)
    assert set(school.states()) == {"pending", "invalid"}
    assert school.drain().claimed == 2
    assert school.student(school.bia).progress.sessions == 1
    assert sorted(school.states()) == ["held", "invalid", "processed"]


def test_an_invalid_record_that_both_have_is_kept_once() -> None:
    school = School()
    for student in (school.ana, school.bia):
        school.send(record(0, score=-1), student=student)
    assert school.states() == ["invalid", "invalid"]
    merge(school)
    assert school.states() == ["invalid"]


def test_devices_of_both_are_one_childs() -> None:
    school = School()
    for student, pending in ((school.ana, 2), (school.bia, 3)):
        with school.store() as uow:
            report = OutboxReport(pending=pending, oldest=NOON - timedelta(days=pending))
            uow.devices.report(school.principal(student), report, now=NOON)
            uow.commit()
    merge(school)
    with school.store() as uow:
        (device,) = uow.devices.of_student(school.bia)
    assert (device.pending, device.oldest) == (5, NOON - timedelta(days=3))


def test_an_erasure_also_reaches_whom_an_older_backup_has() -> None:
    school = School()
    created = school.student().created_at
    sign_in(school, school.ana, b"a" * 32)
    with school.store() as uow:
        duda = uow.students.add(school.class_id, "Duda", "cat").student_id
        uow.commit()
    merge(school)
    merge(school, school.bia, duda)
    found = ExportStudent(uow=school.store).execute(duda)
    assert [one.student_id for one in found.merged] == [school.ana, school.bia]
    EraseStudent(uow=school.store, clock=school.clock, record_erasures=school.ledger).execute(duda)
    kept = {(one.number, one.created_at) for one in school.ledger.erasures}
    assert {number for number, _ in kept} == {school.ana, school.bia, duda}
    assert (school.ana, created) in kept
    with school.store() as uow:
        token = uow.tokens.find(b"a" * 32)
        assert uow.students.merged_into(school.ana) is None
    assert token is not None
    assert token.student_id == school.ana  # its tablet deletes the child that it knows


def test_what_operators_did_to_the_merged_child_is_told_of_the_one_that_is_left() -> None:
    school = School()
    with school.store() as uow:
        uow.audit.add(
            who="eva", what="card reset", target=f"student {school.ana}", details={}, now=NOON
        )
        uow.commit()
    merge(school)
    with school.store() as uow:
        told = uow.audit.about(school.bia)
    assert [(one.what, one.details.get("of_merged")) for one in told] == [
        ("card reset", school.ana),
        ("students merged", None),
    ]


def test_nobody_is_merged_into_an_archived_class() -> None:
    school = School()
    other = create(school).execute("4A", ["Ana"])
    (twin,) = [one.student.student_id for one in other.students]
    archive = ArchiveClass(uow=school.store, clock=school.clock)
    archive.execute("4A", True)
    before = school.store.tables.copy()
    with pytest.raises(Refused) as refused:
        merge(school, school.ana, twin)
    assert refused.value.code == "class_archived"
    assert school.store.tables == before
    assert merge(school, twin, school.ana).school_class.name == "3A"
