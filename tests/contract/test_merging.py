"""Merging two students, according to the Protocol."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings

from neuroplay.core.entities.student import MergedStudent, OutboxReport
from tests.contract.inbox_steps import NOW
from tests.contract.test_people import add_token, unlocked
from tests.merging import Pair, lives


def absorb(store, merged, into):
    with store() as uow:
        uow.students.lock([merged, into])
        moved = uow.students.absorb(merged, into, now=NOW)
        assert uow.students.get(merged) is None
        uow.commit()
    return moved


@given(lives)
@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_merged_books_are_those_of_one_child_who_played_all_of_it(store: Any, life: Any) -> None:
    pair = Pair(store)
    pair.live(*life)
    pair.assert_merged_as_if_one_child_had_played()


def test_tokens_go_on_and_remember_the_number_that_their_device_knows(store, school):
    with store() as uow:
        uow.students.raise_card_version(school.bia, 1)
        token_id = add_token(uow, school.ana, b"a" * 32)
        ended = add_token(uow, school.ana, b"e" * 32, card_version=7)
        own = add_token(uow, school.bia, b"b" * 32, card_version=2)
        uow.commit()
    absorb(store, school.ana, school.bia)
    with store() as uow:
        found = uow.tokens.by_id(token_id)
        assert (found.status, found.student_id) == ("active", school.bia)
        assert (found.principal.student_id, found.principal.known_as) == (school.bia, school.ana)
        assert uow.tokens.by_id(ended).status == "revoked"
        assert uow.tokens.by_id(own).principal.known_as == school.bia
        uow.students.erase(school.bia)
        assert uow.tokens.by_id(token_id).student_id == school.ana
        assert uow.tokens.by_id(own).student_id == school.bia


def test_the_earlier_time_of_a_badge_stays_and_so_does_its_round(store, school):
    day = timedelta(days=1)
    with store() as uow:
        for student, name, at in (
            (school.ana, "climber", NOW - day),
            (school.bia, "climber", NOW),
            (school.ana, "marathon", NOW),
            (school.bia, "marathon", NOW - day),
            (school.ana, "explorer", NOW),
        ):
            uow.achievements.unlock(unlocked(student, name, at, session=student))
        uow.commit()
    absorb(store, school.ana, school.bia)
    with store() as uow:
        reached = uow.students.get(school.bia).progress.achievements
        assert reached == {"climber": NOW - day, "marathon": NOW - day, "explorer": NOW}


def test_devices_the_audit_and_the_first_sign_in_move_too(store, school):
    with store() as uow:
        first = uow.students.add(
            school.class_id, "Caio", "cat", first_sign_in_at=NOW - timedelta(days=9)
        ).student_id
        for student, pending in ((first, 2), (school.bia, 1)):
            oldest = NOW - timedelta(days=pending)
            report = OutboxReport(pending=pending, oldest=oldest)
            uow.devices.report(school.principal(student), report, now=NOW)
        uow.audit.add(
            who="eva", what="card reset", target=f"student {first}", details={"n": 1}, now=NOW
        )
        uow.commit()
    moved = absorb(store, first, school.bia)
    assert (moved["devices"], moved["audit"], moved["tokens"]) == (1, 1, 0)
    with store() as uow:
        (device,) = uow.devices.of_student(school.bia)
        assert (device.pending, device.oldest) == (3, NOW - timedelta(days=2))
        (told,) = uow.audit.about(school.bia)
        assert told.details == {"n": 1, "of_merged": first}
        assert uow.students.get(school.bia).first_sign_in_at == NOW - timedelta(days=9)


def test_who_was_merged_is_remembered_until_the_child_is_erased(store, school):
    with store() as uow:
        created = uow.students.get(school.ana).created_at
        caio = uow.students.add(school.class_id, "Caio", "cat").student_id
        uow.commit()
    absorb(store, school.ana, school.bia)
    absorb(store, school.bia, caio)
    with store() as uow:
        assert uow.students.merged_into(school.ana) == uow.students.merged_into(school.bia) == caio
        assert uow.students.merged_into(caio) is None
        ana, bia = uow.students.merged(caio)
        assert ana == MergedStudent(student_id=school.ana, created_at=created, merged_at=NOW)
        assert bia.student_id == school.bia
        assert uow.students.erase(caio)["merged_students"] == 2
        assert uow.students.merged_into(school.ana) is None
        assert list(uow.students.merged(caio)) == []
