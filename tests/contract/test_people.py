"""Classes, students, tokens, devices and the audit, according to the Protocols."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from neuroplay.core.entities.achievement import UnlockedAchievement
from neuroplay.core.entities.play_days import PlayDays
from neuroplay.core.entities.principal import NewToken
from neuroplay.core.entities.student import (
    GameProgress,
    HoldingDevice,
    KnownDevice,
    OutboxReport,
    Progress,
)
from neuroplay.core.entities.sync_item import Decision, Delivery
from neuroplay.core.errors import NotFound
from neuroplay.core.interfaces.audit import AUDIT_SOUGHT
from tests.builders import DEVICE, a_holder

NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)


def add_token(uow, student_id: int, token_hash: bytes, *, card_version: int = 1) -> UUID:
    token_id = uuid4()
    uow.tokens.add(
        [
            NewToken(
                secret_mark="mark",
                token_id=token_id,
                token_hash=token_hash,
                holder=a_holder(student_id, card_version=card_version),
                device_id=DEVICE,
                now=NOW,
            )
        ]
    )
    return token_id


def test_a_class_is_found_by_id_code_and_name(store):
    with store() as uow:
        added = uow.classes.add("3A", "A1B2C", leaderboard_enabled=False)
        uow.commit()
    with store() as uow:
        assert uow.classes.get(added.class_id) == added
        assert uow.classes.by_code("A1B2C") == added
        assert added.leaderboard_enabled is False
        assert added.created_at is not None


def test_the_class_of_a_student_is_found(store, school):
    with store() as uow:
        found = uow.classes.of_student(school.ana)
        student = uow.students.get(school.ana)
        assert found is not None
        assert student is not None
        assert found == uow.classes.get(student.class_id)
        assert uow.classes.of_student(999) is None


def test_everything_about_a_class_can_change_but_its_id_code_and_time(store, school):
    with store() as uow:
        one, other = uow.classes.add("1B", "B0000"), uow.classes.add("1C", "C0000")
        assert one.day_minutes == 30
        changed = replace(
            one,
            name="2B",
            leaderboard_enabled=False,
            day_minutes=45,
            trace_days=0,
            raw_days=7,
            keep_months=12,
            archived_at=NOW,
        )
        held = uow.classes.lock([other.class_id, one.class_id, 77])
        assert held == {one.class_id: one, other.class_id: other}
        uow.classes.save(replace(changed, code="XXXXX", created_at=NOW))
        uow.commit()
    with store() as uow:
        assert uow.classes.get(one.class_id) == changed
        assert uow.classes.get(other.class_id) == other
        assert uow.classes.lock([]) == {}


def test_a_student_moves_and_is_renamed_and_keeps_everything_else(store, school):
    with store() as uow:
        other = uow.classes.add("4A", "D0000").class_id
        token_id = add_token(uow, school.ana, b"a" * 32)
        uow.students.lock([school.ana])
        known = uow.students.get(school.ana)
        uow.students.move(school.ana, other)
        uow.students.rename(school.ana, "Ana Lu", "cat")
        expected = replace(known, class_id=other, nickname="Ana Lu", avatar="cat")
        assert uow.students.get(school.ana) == expected
        uow.commit()
    with store() as uow:
        assert uow.students.get(school.ana) == expected
        assert [one.student_id for one in uow.students.by_class(other)] == [school.ana]
        assert [one.student_id for one in uow.students.by_class(school.class_id)] == [school.bia]
        speaks_for = uow.tokens.by_id(token_id).principal
        assert (speaks_for.student_id, speaks_for.class_id) == (school.ana, other)


def test_classes_that_keep_games_for_a_time_of_their_own_are_found(store, school):
    with store() as uow:
        other = uow.classes.add("1B", "B0000")
        assert uow.classes.with_own_retention() == []
        uow.classes.save(replace(other, raw_days=0))
        uow.commit()
    with store() as uow:
        (found,) = uow.classes.with_own_retention()
        assert found == replace(other, raw_days=0)
        assert uow.classes.get(other.class_id) == found
        uow.classes.save(replace(found, raw_days=None))
        assert uow.classes.with_own_retention() == []


def test_an_unknown_class_is_not_found(store):
    with store() as uow:
        assert uow.classes.get(77) is None
        assert uow.classes.by_code("ZZZZZ") is None


def test_classes_are_listed_by_name_with_their_number_of_students(store, school):
    with store() as uow:
        uow.classes.add("1B", "B0000")
        assert [(c.name, n) for c, n in uow.classes.all()] == [("1B", 0), ("3A", 2)]


def test_two_classes_may_have_one_name(store):
    with store() as uow:
        first, second = uow.classes.add("3A", "A0000"), uow.classes.add("3A", "B0000")
        assert [one for one, _ in uow.classes.all()] == [first, second]


def test_what_adults_decided_about_an_item_is_told_with_their_reason(store, school):
    about = {"inbox_id": 7, "reason": "the teacher saw it"}
    with store() as uow:
        for target, details in (
            (f"student {school.ana}", about),
            (f"student {school.ana}", {**about, "inbox_id": 70}),
            (f"student {school.ana}", {"inbox_id": 7}),
            (f"student {school.bia}", about),
        ):
            uow.audit.add(
                who="eva", what="session approved", target=target, details=details, now=NOW
            )
        uow.commit()
    with store() as uow:
        (found,) = uow.audit.decisions(school.ana, 7)
        assert found == Decision(
            at=NOW, who="eva", what="session approved", reason="the teacher saw it"
        )
        told = uow.audit.about(school.ana)
        assert [(one.at, one.who, one.what) for one in told] == [
            (NOW, "eva", "session approved")
        ] * 3
        assert [one.details for one in told] == [about, {**about, "inbox_id": 70}, {"inbox_id": 7}]


def test_students_are_named_with_their_class(store, school):
    with store() as uow:
        found = uow.students.names([school.ana, school.bia, 4711])
        assert dict(found) == {school.ana: ("Ana", "3A"), school.bia: ("Bia", "3A")}
        assert dict(uow.students.names([])) == {}


def test_students_are_found_by_their_very_nickname(store, school):
    with store() as uow:
        assert uow.students.called("Ana") == [school.ana]
        assert uow.students.called("ana") == []


def test_a_number_finds_who_is_called_so_with_whatever_zeros_and_digits(store, school):
    with store() as uow:
        known = uow.students.get(school.ana)
        who = [
            uow.students.add(known.class_id, name, "fox").student_id
            for name in ("12", "012", "\uff11\uff12", "112", "12a")
        ]
        for word in ("12", "0012"):
            assert list(uow.students.called(word)) == who[:3]


def test_nothing_stays_without_a_commit(store):
    with store() as uow:
        uow.classes.add("3A", "A1B2C")
    with store() as uow:
        assert uow.classes.all() == []


def test_a_rollback_takes_back_what_was_not_committed(store):
    with store() as uow:
        uow.classes.add("3A", "A1B2C")
        uow.rollback()
        uow.classes.add("3B", "B1B2C")
        uow.commit()
    with store() as uow:
        assert [c.name for c, _ in uow.classes.all()] == ["3B"]


def test_a_rollback_forgets_what_was_saved(store, school):
    with store() as uow:
        uow.students.lock([school.ana])
        student = uow.students.get(school.ana)
        uow.students.save(replace(student, progress=Progress(xp=5)))
        uow.rollback()
        assert uow.students.get(school.ana).progress.xp == 0
        uow.commit()
    with store() as uow:
        assert uow.students.get(school.ana).progress.xp == 0


def test_a_new_student_has_reached_nothing(store, school):
    with store() as uow:
        student = uow.students.get(school.ana)
        assert (student.nickname, student.avatar, student.class_id) == ("Ana", "fox", 1)
        assert student.card_version == 1
        assert student.progress == Progress()


def test_progress_is_read_as_it_was_saved(store, school):
    progress = Progress(
        xp=850,
        sessions=1,
        excellent_sessions=1,
        top_difficulty=3,
        play_days=PlayDays({date(2026, 11, 24), date(2026, 11, 25)}),
        games={
            "cyber_runner": GameProgress(
                game_type="cyber_runner", plays=1, best_score=500, difficulty=2, last_ended_at=NOW
            ),
            "signal_stop": GameProgress(game_type="signal_stop", plays=2),
        },
    )
    with store() as uow:
        uow.students.lock([school.ana, school.bia])
        uow.students.save(replace(uow.students.get(school.ana), progress=progress))
        uow.commit()
    with store() as uow:
        assert uow.students.get(school.ana).progress == progress
        assert uow.students.get(school.bia).progress == Progress()


def test_what_was_saved_is_read_in_the_same_unit_of_work(store, school):
    with store() as uow:
        uow.students.lock([school.ana])
        student = replace(uow.students.get(school.ana), progress=Progress(xp=10, sessions=1))
        uow.students.save(student)
        assert uow.students.get(school.ana) == student


def test_progress_may_be_saved_again_after_a_commit(store, school):
    with store() as uow:
        for xp in (10, 20):
            uow.students.save(
                replace(uow.students.get(school.ana), progress=Progress(xp=xp, sessions=1))
            )
            uow.commit()
    with store() as uow:
        assert uow.students.get(school.ana).progress.xp == 20


def test_unknown_students_are_passed_over_by_lock(store, school):
    with store() as uow:
        uow.students.lock([school.bia, 999, school.ana, school.ana])
        assert uow.students.get(999) is None
        assert uow.students.get(school.ana).nickname == "Ana"


def test_lock_of_nobody_does_nothing(store):
    with store() as uow:
        uow.students.lock([])


def test_a_class_lists_its_own_students_in_order(store, school):
    with store() as uow:
        other = uow.classes.add("4A", "D0000").class_id
        uow.students.add(other, "Caio", "cat")
        names = [s.nickname for s in uow.students.by_class(school.class_id)]
        assert names == ["Ana", "Bia"]
        assert uow.students.raise_card_version(school.bia, 1).card_version == 2
        assert uow.tokens.cards(["D0000", "A1B2C", "ZZZZZ", "A1B2C"]) == {
            "A1B2C": [a_holder(school.ana, "Ana", "fox"), a_holder(school.bia, "Bia", "owl", 2)],
            "D0000": [a_holder(school.bia + 1, "Caio", "cat")],
        }
        assert uow.tokens.cards([]) == {}


def test_a_card_of_an_archived_class_gives_no_sign_in(store, school):
    with store() as uow:
        known = uow.classes.lock([school.class_id])[school.class_id]
        uow.classes.save(replace(known, archived_at=NOW))
        cards = uow.tokens.cards(["A1B2C"])["A1B2C"]
        assert [card.may_sign_in for card in cards] == [False, False]
        uow.classes.save(known)
        assert all(card.may_sign_in for card in uow.tokens.cards(["A1B2C"])["A1B2C"])


def test_achievements_come_with_the_student(store, school):
    with store() as uow:
        uow.achievements.unlock(unlocked(school.ana, "speed_demon", NOW))
        uow.commit()
    with store() as uow:
        assert uow.students.get(school.ana).progress.achievements == {"speed_demon": NOW}
        assert uow.students.by_class(school.class_id)[1].progress.achievements == {}


def unlocked(student_id: int, name: str, at: datetime, session: int = 1) -> UnlockedAchievement:
    return UnlockedAchievement(
        student_id=student_id, achievement_id=name, unlocked_at=at, session_id=UUID(int=session)
    )


@pytest.mark.parametrize(("second", "stays"), [(-1, -1), (0, 0), (1, 0)])
def test_a_second_unlock_keeps_the_earlier_time(store, school, second, stays):
    for session, hours in ((1, 0), (2, second)):
        with store() as uow:
            at = NOW + timedelta(hours=hours)
            uow.achievements.unlock(unlocked(school.ana, "climber", at, session))
            uow.commit()
    with store() as uow:
        reached = uow.students.get(school.ana).progress.achievements
        assert reached == {"climber": NOW + timedelta(hours=stays)}


def test_a_token_speaks_for_its_student(store, school):
    with store() as uow:
        token_id = add_token(uow, school.bia, b"t" * 32)
        uow.commit()
    with store() as uow:
        found = uow.tokens.find(b"t" * 32)
        assert found.status == "active"
        assert found.principal.token_id == token_id
        assert uow.tokens.by_id(token_id) == found
        assert uow.tokens.by_id(uuid4()) is None
        assert found.principal.student_id == school.bia
        assert found.principal.class_id == school.class_id
        assert found.principal.device_id == DEVICE


def test_an_unknown_token_is_not_found(store):
    with store() as uow:
        assert uow.tokens.find(b"x" * 32) is None


def test_a_token_is_revoked_once(store, school):
    with store() as uow:
        token_id = add_token(uow, school.ana, b"t" * 32)
        assert uow.tokens.revoke(token_id, now=NOW) is True
        assert uow.tokens.revoke(token_id, now=NOW) is False
        assert uow.tokens.revoke(uuid4(), now=NOW) is False
        found = uow.tokens.find(b"t" * 32)
        assert found.status == "revoked"
        assert found.principal.student_id == school.ana


def test_a_new_card_revokes_the_tokens_of_that_student_alone(store, school):
    with store() as uow:
        add_token(uow, school.ana, b"a" * 32)
        add_token(uow, school.bia, b"b" * 32)
        assert uow.students.raise_card_version(school.ana, 1).card_version == 2
        uow.commit()
    with store() as uow:
        assert uow.students.get(school.ana).card_version == 2
        assert uow.tokens.find(b"a" * 32).status == "revoked"
        assert uow.tokens.find(b"b" * 32).status == "active"


def test_a_token_of_an_older_card_is_revoked(store, school):
    with store() as uow:
        uow.students.raise_card_version(school.ana, 1)
        add_token(uow, school.ana, b"a" * 32, card_version=1)
        assert uow.tokens.find(b"a" * 32).status == "revoked"


def test_nobody_unknown_gets_a_new_card(store):
    with store() as uow:
        assert uow.students.raise_card_version(77, 1) is None


def test_a_card_that_was_changed_meanwhile_is_not_changed_again(store, school):
    with store() as uow:
        uow.students.raise_card_version(school.ana, 1)
        add_token(uow, school.ana, b"a" * 32, card_version=2)
        assert uow.students.raise_card_version(school.ana, 1) is None
        assert uow.students.get(school.ana).card_version == 2
        assert uow.tokens.find(b"a" * 32).status == "active"


def test_a_device_reports_what_it_holds(store, school):
    oldest = NOW - timedelta(days=3)
    with store() as uow:
        uow.devices.report(school.principal(), OutboxReport(pending=4, oldest=oldest), now=NOW)
        uow.commit()
    with store() as uow:
        assert uow.devices.holding() == [
            HoldingDevice(
                device_id=DEVICE,
                student_id=school.ana,
                nickname="Ana",
                class_id=school.class_id,
                class_name="3A",
                pending=4,
                oldest=oldest,
                last_contact=NOW,
            )
        ]
        assert uow.devices.of_student(school.ana) == [
            KnownDevice(device_id=DEVICE, pending=4, oldest=oldest, last_contact=NOW)
        ]
        assert uow.devices.of_student(school.bia) == []


def test_a_sign_of_life_keeps_what_was_reported(store, school):
    later = NOW + timedelta(hours=1)
    with store() as uow:
        uow.devices.report(school.principal(), OutboxReport(pending=4, oldest=NOW), now=NOW)
        uow.devices.report(school.principal(), None, now=later)
        (device,) = uow.devices.of_student(school.ana)
        assert (device.pending, device.last_contact) == (4, later)


def test_an_empty_outbox_ends_the_holding(store, school):
    with store() as uow:
        uow.devices.report(school.principal(), OutboxReport(pending=4, oldest=NOW), now=NOW)
        uow.devices.report(school.principal(), OutboxReport(pending=0, oldest=None), now=NOW)
        assert uow.devices.holding() == []
        assert uow.devices.of_student(school.ana)[0].oldest is None


def test_devices_that_hold_are_listed_oldest_first(store, school):
    ages = {1: 1, 2: 3, 3: 2}
    with store() as uow:
        for number, days in ages.items():
            uow.devices.report(
                school.principal(device_id=UUID(int=number)),
                OutboxReport(pending=1, oldest=NOW - timedelta(days=days)),
                now=NOW,
            )
        assert [row.device_id.int for row in uow.devices.holding()] == [2, 3, 1]


def test_a_shared_tablet_holds_apart_for_each_student(store, school):
    with store() as uow:
        for student, pending in ((school.ana, 1), (school.bia, 2)):
            uow.devices.report(
                school.principal(student), OutboxReport(pending=pending, oldest=NOW), now=NOW
            )
        assert uow.devices.of_student(school.ana)[0].pending == 1
        assert uow.devices.of_student(school.bia)[0].pending == 2


REPORTS = st.lists(
    st.tuples(
        st.integers(1, 3),
        st.booleans(),
        st.one_of(st.none(), st.builds(OutboxReport, pending=st.integers(0, 9), oldest=st.none())),
    ),
    max_size=9,
)


@given(reports=REPORTS)
@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_reports_together_are_the_same_as_one_after_another(store, school, reports):
    def delivery(first: int, number: int) -> Delivery:
        device, is_ana, outbox = reports[number]
        return Delivery(
            principal=school.principal(
                school.ana if is_ana else school.bia, device_id=UUID(int=first + device)
            ),
            items=[],
            received_at=NOW + timedelta(seconds=number),
            request_id=None,
            outbox=outbox,
        )

    def known(uow, first: int) -> list[object]:
        return [
            [
                (one.device_id.int - first, one.pending, one.oldest, one.last_contact)
                for one in sorted(uow.devices.of_student(student), key=lambda one: one.device_id)
                if first < one.device_id.int < first + 10
            ]
            for student in (school.ana, school.bia)
        ]

    with store() as uow:  # not committed: the examples know nothing of each other
        uow.devices.report_all([delivery(100, number) for number in range(len(reports))])
        for number in range(len(reports)):
            one = delivery(200, number)
            uow.devices.report(one.principal, one.outbox, now=one.received_at)
        assert known(uow, 100) == known(uow, 200)


def test_a_report_for_an_erased_student_is_not_found(store, school):
    with store() as uow:
        uow.students.erase(school.ana)
        uow.commit()

    def report() -> None:
        with store() as uow:
            uow.devices.report(school.principal(), None, now=NOW)
            uow.commit()

    with pytest.raises(NotFound):
        report()


def test_an_erased_student_is_nowhere_and_its_token_is_a_tombstone(store, school):
    with store() as uow:
        token_id = add_token(uow, school.ana, b"a" * 32)
        add_token(uow, school.bia, b"b" * 32)
        uow.devices.report(school.principal(), OutboxReport(pending=1, oldest=NOW), now=NOW)
        uow.achievements.unlock(unlocked(school.ana, "climber", NOW))
        uow.audit.add(
            who="ops",
            what="reset card",
            target=f"student {school.ana}",
            details={"nickname": "Ana"},
            now=NOW,
        )
        uow.commit()
    with store() as uow:
        removed = uow.students.erase(school.ana)
        uow.commit()
    assert removed["students"] == removed["devices"] == removed["student_achievements"] == 1
    with store() as uow:
        assert uow.students.get(school.ana) is None
        assert [s.nickname for s in uow.students.by_class(school.class_id)] == ["Bia"]
        found = uow.tokens.find(b"a" * 32)
        assert (found.status, found.principal) == ("erased", None)
        assert found.student_id == school.ana
        assert uow.tokens.by_id(token_id) == found
        assert uow.tokens.find(b"b" * 32).status == "active"
        assert uow.devices.holding() == []


def test_to_erase_nobody_removes_nothing(store, school):
    with store() as uow:
        assert set(uow.students.erase(999).values()) == {0}
        assert uow.students.get(school.ana) is not None


def test_students_are_gone_through_in_order(store, school):
    with store() as uow:
        assert uow.students.ids(after=0, limit=10) == [school.ana, school.bia]
        assert uow.students.ids(after=school.ana, limit=10) == [school.bia]
        assert uow.students.ids(after=0, limit=1) == [school.ana]


def test_restated_progress_is_all_that_is_stored(store, school):
    later = NOW + timedelta(days=1)
    with store() as uow:
        uow.achievements.unlock(unlocked(school.ana, "climber", NOW))
        uow.achievements.unlock(unlocked(school.ana, "marathon", NOW))
        student = uow.students.get(school.ana)
        games = {"cyber_runner": GameProgress(game_type="cyber_runner", plays=9)}
        uow.students.save(replace(student, progress=replace(student.progress, games=games, xp=7)))
        uow.commit()
    with store() as uow:
        uow.students.lock([school.ana])
        student = uow.students.get(school.ana)
        games = {"n_back_trail": GameProgress(game_type="n_back_trail", plays=1, best_score=3)}
        right = Progress(
            xp=50, sessions=1, games=games, achievements={"climber": later, "explorer": later}
        )
        uow.students.restate(replace(student, progress=right))
        uow.commit()
    with store() as uow:
        found = uow.students.get(school.ana).progress
        assert (found.xp, found.sessions, found.games) == (50, 1, games)
        assert found.achievements == {"climber": NOW, "explorer": later}


def test_a_class_without_students_is_removed(store, school):
    with store() as uow:
        empty = uow.classes.add("3B", "B3B3B")
        uow.classes.remove(empty.class_id)
        uow.commit()
    with store() as uow:
        assert uow.classes.get(empty.class_id) is None
        assert uow.classes.get(school.class_id) is not None


def test_a_look_is_recorded_once_within_its_time(store, school):
    first = {"who": "adult:1", "what": "student looked at", "target": f"student {school.ana}"}
    within = timedelta(hours=12)
    with store() as uow:
        assert uow.audit.look(**first, now=NOW, within=within)
        for changes in ({}, {"who": "adult:2"}, {"what": "cards shown"}, {"target": "student 77"}):
            again = {**first, **changes}
            assert uow.audit.look(**again, now=NOW, within=within) is bool(changes)
        uow.commit()
    with store() as uow:
        assert not uow.audit.look(**first, now=NOW + within - timedelta(seconds=1), within=within)
        assert uow.audit.look(**first, now=NOW + within, within=within)
        # A clock that was set back does not hide looks.
        assert uow.audit.look(**first, now=NOW - timedelta(days=1), within=within)
        told = uow.audit.about(school.ana)
        assert [one.at - NOW for one in told if one.who == "adult:1"] == [
            timedelta(0),
            timedelta(0),
            within,
            timedelta(days=-1),
        ]
        assert {str(dict(one.details)) for one in told} == {"{}"}


def test_the_newest_change_is_no_look_and_not_about_an_adult(store):
    def add(what, target):
        with store() as uow:
            uow.audit.add(who="ops", what=what, target=target, details={}, now=NOW)
            uow.commit()
            return uow.audit.newest_change(besides=["looked at"])

    assert add("looked at", "student 1") is None
    first = add("moved", "student 1")
    assert first is not None
    assert add("looked at", "student 2") == add("signed in", "adult 3") == first
    second = add("created", "class 1")
    assert second > first
    with store() as uow:
        for _ in range(AUDIT_SOUGHT):
            uow.audit.add(who="ops", what="looked at", target="student 1", details={}, now=NOW)
        assert uow.audit.newest_change(besides=["looked at"]) is None


def test_the_audit_is_listed_newest_first_by_target_time_and_author(store, school):
    day = timedelta(days=1)
    with store() as uow:
        for who, target, days in (
            ("maria (as Prof. Ana)", "class 1", 3),
            ("joao", "student 1", 2),
            ("MARIA", "student 2", 1),
        ):
            uow.audit.add(
                who=who, what="seen", target=target, details={"n": days}, now=NOW - days * day
            )
        uow.commit()

    def listed(*, targets=None, since=None, who="", limit=9):
        with store() as uow:
            found = uow.audit.list(targets=targets, since=since, who=who, limit=limit)
            assert [one.audit_id for one in found] == sorted(
                (one.audit_id for one in found), reverse=True
            )
            return [one.details["n"] for one in found]

    assert listed() == [1, 2, 3]
    assert listed(limit=2) == [1, 2]
    assert listed(targets=["class 1", "student 2"]) == [1, 3]
    assert listed(targets=[]) == []
    assert listed(since=NOW - 2 * day) == [1, 2]
    assert listed(who="maria") == [1, 3]
    assert listed(who="%") == []
    with store() as uow:
        (one,) = uow.audit.list(targets=None, since=None, who="prof. ana", limit=9)
    assert (one.who, one.what, one.target) == ("maria (as Prof. Ana)", "seen", "class 1")
    assert one.at == NOW - 3 * day


def test_made_up_play_marks_a_student_wherever_it_goes_and_the_class_that_it_is_in(store, school):
    with store() as uow:
        other = uow.classes.add("1B", "B0000").class_id
        uow.students.lock([school.ana])
        uow.students.mark_made_up([school.ana])
        assert uow.students.get(school.ana).has_made_up_play
        assert not uow.students.get(school.bia).has_made_up_play
        uow.commit()

    def marked() -> list[tuple[str, bool]]:
        with store() as uow:
            listed = [(one.name, one.has_made_up_play) for one, _ in uow.classes.all()]
            assert listed == [
                (one.name, one.has_made_up_play)
                for one in (uow.classes.get(other), uow.classes.get(school.class_id))
            ]
            held = uow.classes.lock([other, school.class_id])
            assert listed == [
                (held[i].name, held[i].has_made_up_play) for i in (other, school.class_id)
            ]
            return listed

    assert marked() == [("1B", False), ("3A", True)]
    with store() as uow:
        uow.students.move(school.ana, other)
        uow.commit()
    assert marked() == [("1B", True), ("3A", False)]
    with store() as uow:
        uow.students.lock([school.ana, school.bia])
        uow.students.absorb(school.ana, school.bia, now=NOW)
        uow.commit()
    assert marked() == [("1B", False), ("3A", True)]
