"""What adults read, decide and change, on the fake store."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from typing import Any
from uuid import UUID

import pytest

from neuroplay.core.entities.adult import AdultPrincipal, AdultRole
from neuroplay.core.entities.figures import PlayedDay
from neuroplay.core.entities.roster import RosterSource
from neuroplay.core.entities.student import OutboxReport
from neuroplay.core.entities.sync_item import InboxOutcome, InboxState
from neuroplay.core.errors import NotFound, Refused
from neuroplay.core.system import UseCases
from neuroplay.core.use_cases.adult_classes import (
    FEW_CLASSES,
    ClassLine,
    Overview,
    ReadOverview,
    Unchanged,
)
from neuroplay.core.use_cases.adult_held import MOST_HELD
from neuroplay.core.use_cases.adult_student import SHOWN_DAYS, shown_days
from neuroplay.core.use_cases.apply_roster import AppliedRoster
from neuroplay.core.use_cases.looks import A_LOOK
from neuroplay.core.use_cases.undo_import import can_be_undone
from tests.builders import a_class, a_principal, an_adult
from tests.contract.inbox_steps import NOW, claim, finish, insert, item
from tests.contract.test_figures import count
from tests.contract.test_sessions import session
from tests.fakes.ports import fake_ports
from tests.fakes.services import FakeClock
from tests.fakes.unit_of_work import FakeStore

DAVI = RosterSource(name="list.csv", content="nickname\nAna\nBia\nDavi\n")
ROSTER = RosterSource(name="list.csv", content="Ana")


@dataclass
class School:
    """3A with Ana and Bia, whose teacher is Rita, and 4B with Caio."""

    store: FakeStore
    system: UseCases
    own: int
    ana: int
    bia: int
    other: int
    caio: int

    rita: AdultPrincipal
    office: AdultPrincipal

    def audit(self) -> list[tuple[Any, ...]]:
        return [(row["who"], row["what"], row["target"]) for row in self.store.tables.audit]

    def hold(self, student_id: int, number: int) -> int:
        """A held game; returns the number of its item."""
        insert(self.store, a_principal(student_id), item(number))
        (taken,) = claim(self.store)
        finish(
            self.store,
            InboxOutcome(
                inbox_id=taken.inbox_id, state=InboxState.HELD, reasons=("impossible_score",)
            ),
        )
        return taken.inbox_id


@pytest.fixture
def school() -> School:
    clock = FakeClock(NOW)
    store = FakeStore(clock)
    small = a_class(store)
    with store() as uow:
        other = uow.classes.add("4B", "B4B4B").class_id
        caio = uow.students.add(other, "Caio", "cat").student_id
        uow.commit()
    return School(
        store,
        UseCases(fake_ports(store, clock)),
        own=small.class_id,
        ana=small.ana,
        bia=small.bia,
        other=other,
        caio=caio,
        rita=an_adult(store, "Rita", small.class_id),
        office=an_adult(store, "Office"),
    )


def overviews(school: School) -> Callable[[AdultPrincipal], Overview]:
    """Those of a process in which no time passes."""
    reader = ReadOverview(uow=school.store, clock=lambda: NOW, timer=lambda: 0.0)

    def read(adult: AdultPrincipal) -> Overview:
        found = reader.execute(adult)
        assert isinstance(found, Overview)
        return found

    return read


def test_a_teacher_sees_the_own_classes_and_the_school_all(school):
    count(school.store, session(1, school.ana), session(2, school.caio))
    read = school.system.read_overview.execute
    (line,) = read(school.rita).classes
    assert (line.school_class.name, line.students, line.figures.played_today) == ("3A", 2, 1)
    assert [one.school_class.name for one in read(school.office).classes] == ["3A", "4B"]
    school.system.archive_class.execute(f"id:{school.other}", True, by=school.office)
    assert [one.school_class.name for one in read(school.office).classes] == ["3A"]
    assert [one.students for one in read(school.office, archived=True).classes] == [2, 1]
    nobody = AdultPrincipal(adult_id=9, name="New", role=AdultRole.TEACHER)
    assert read(nobody).classes == []


def test_the_overview_of_many_classes_is_kept_for_the_school_alone(school):
    read = overviews(school)

    def played(adult: AdultPrincipal) -> int:
        return sum(one.figures.played_today for one in read(adult).classes)

    count(school.store, session(1, school.ana))
    assert played(school.office) == 1, "two classes are read each time"
    for number in range(FEW_CLASSES):
        school.system.create_class.execute(f"5{number:02}", 1)
    assert [played(school.office), played(school.rita)] == [1, 1]
    count(school.store, session(2, school.bia))
    assert [played(school.office), played(school.rita)] == [1, 2]


def test_what_an_adult_changed_is_in_the_kept_overview_at_once(school):
    """Also if another process made the change: this reader knows nothing of it."""
    read = overviews(school)
    for number in range(FEW_CLASSES):
        school.system.create_class.execute(f"5{number:02}", 1)
    held = school.hold(school.ana, 1)

    def line() -> ClassLine:
        return next(
            one for one in read(school.office).classes if one.school_class.class_id == school.own
        )

    assert (line().students, line().figures.held) == (2, 1)
    school.system.decide_held.reject(school.office, held, reason="not Ana")
    assert line().figures.held == 0
    school.system.change_class.execute(f"id:{school.own}", {"name": "4A"}, by=school.office)
    assert line().school_class.name == "4A"
    made = school.system.add_class.execute(school.office, "New", 1, language="en").school_class
    assert made.class_id in {one.school_class.class_id for one in read(school.office).classes}
    school.system.move_student.execute(school.caio, f"id:{school.own}", by=school.office)
    assert line().students == 3
    school.system.archive_class.execute(f"id:{made.class_id}", True, by=school.office)
    assert made.class_id not in {one.school_class.class_id for one in read(school.office).classes}


def test_a_class_has_its_children_and_games(school):
    count(school.store, session(1, school.bia))
    found = school.system.read_class.execute(school.rita, school.own)
    assert found.at == NOW
    assert [(one.nickname, one.games_week) for one in found.students] == [("Ana", 0), ("Bia", 1)]
    assert [one.game_type for one in found.games] == ["cyber_runner"]


def test_what_is_known_is_not_read_again_until_something_changes(school):
    system = school.system
    reads = [
        partial(system.read_class.execute, school.rita, school.own),
        partial(system.read_class_devices.execute, school.rita, school.own),
        partial(system.read_overview.execute, school.rita),
        partial(system.read_overview.execute, school.office),
    ]
    for read in reads:
        stamp = read().stamp
        assert read(known={stamp}.__contains__) == Unchanged(stamp=stamp)
        assert read(known=lambda _: False).stamp == stamp
        system.rename_student.execute(
            school.ana, nickname=f"Ana {stamp[:4]}", avatar=None, by=school.rita
        )
        count(school.store, session(len(school.store.tables.sessions) + 1, school.ana))
        assert read(known={stamp}.__contains__).stamp != stamp


def test_devices_that_hold_games_come_first(school):
    with school.store() as uow:
        for number, unsent in ((1, 0), (2, 3), (3, 0)):
            one = a_principal(school.ana, device_id=UUID(int=number))
            report = OutboxReport(pending=unsent, oldest=None)
            uow.devices.report(one, report, now=NOW - timedelta(hours=number))
        shared = a_principal(school.bia, device_id=UUID(int=3))
        uow.devices.report(shared, None, now=NOW - timedelta(days=1))
        uow.commit()
    found = school.system.read_class_devices.execute(school.rita, school.own)
    assert [(some[0].device_id.int, len(some)) for some in found.devices] == [
        (2, 1),
        (1, 1),
        (3, 2),
    ]


def test_a_child_is_shown_in_the_own_calendar(school):
    late = NOW.replace(hour=1)  # still yesterday where Ana lives
    count(school.store, session(1, school.ana, ended=late))
    found = school.system.read_student.execute(school.rita, school.ana)
    assert len(found.days) == SHOWN_DAYS
    assert found.days[-1] == PlayedDay(day=date(2026, 11, 25), seconds=0, games=0)
    assert found.days[-2] == PlayedDay(day=date(2026, 11, 24), seconds=120, games=1)
    assert found.days[0].day == date(2026, 10, 29)
    assert (found.streak.days, len(found.rounds)) == (1, 1)


def test_a_childs_today_is_where_the_newest_round_was_played(school):
    count(school.store, session(1, school.ana, utc_offset_minutes=840))
    found = school.system.read_student.execute(school.rita, school.ana)
    assert found.days[-1] == PlayedDay(day=date(2026, 11, 26), seconds=120, games=1)


def test_days_without_play_are_shown_too():
    today = date(2026, 3, 1)
    played = [PlayedDay(day=date(2026, 2, 28), seconds=60, games=1)]
    assert [one.games for one in shown_days(played, today=today)] == [0] * 26 + [1, 0]


def test_each_look_at_a_child_is_in_the_audit_once(school):
    read = school.system.read_student.execute
    for _ in range(3):
        read(school.rita, school.ana)
    looked = ("adult:1", "student looked at", f"student {school.ana}")
    assert school.audit() == [looked]
    read(school.office, school.ana)
    school.store.clock.forward(A_LOOK.total_seconds())
    read(school.rita, school.ana)
    assert school.audit() == [looked, ("adult:2", *looked[1:]), looked]


def test_showing_cards_is_in_the_audit_once(school):
    for _ in range(2):
        made = school.system.class_cards.execute(f"id:{school.own}", by=school.rita)
    assert [one.student.nickname for one in made.students] == ["Ana", "Bia"]
    assert school.audit() == [("adult:1", "cards shown", f"class {school.own}")]


def test_a_new_card_ends_the_old_one(school):
    replaced = school.system.reset_card.execute
    made = replaced(school.ana, by=school.rita)
    (card,) = made.students
    assert (made.school_class.name, card.student.card_version) == ("3A", 2)
    assert school.audit()[-1] == ("adult:1", "card reset", f"student {school.ana}")
    with pytest.raises(Refused, match="just now") as refused:
        replaced(school.ana, seen_version=1, by=school.rita)
    assert refused.value.code == "card_changed"


def test_held_games_come_with_their_child_even_if_they_cannot_be_read(school):
    inbox_id = school.hold(school.ana, 5)
    school.hold(school.caio, 6)
    found = school.system.read_held.execute(school.rita, school.own)
    (game,) = found.games
    assert (game.item.inbox_id, game.student.nickname) == (inbox_id, "Ana")
    assert game.item.reasons == ("impossible_score",)
    assert game.session is None


def test_a_rejected_game_never_counts_and_a_second_decision_changes_nothing(school):
    inbox_id = school.hold(school.ana, 5)
    decide = school.system.decide_held
    done = decide.reject(school.rita, inbox_id, reason="a test")
    assert (done.state, done.fate) == ("rejected", "rejected")
    again = decide.approve(school.office, inbox_id, reason="it was fine")
    assert (again.state, again.fate) == ("rejected", "busy")
    assert school.audit() == [("adult:1", "session rejected", f"student {school.ana}")]


@pytest.mark.parametrize("more", [0, 1, MOST_HELD + 1])
def test_every_held_game_is_on_one_page(school, more):
    made = {school.hold(school.ana, number) for number in range(1, MOST_HELD + more + 1)}
    found: list[int] = []
    before = None
    while True:
        page = school.system.read_held.execute(school.rita, school.own, before=before)
        assert len(page.games) <= MOST_HELD
        found += [one.item.inbox_id for one in page.games]
        before = page.older
        if before is None:
            break
    assert found == sorted(made, reverse=True)


def test_only_held_games_are_decided_here(school):
    insert(school.store, a_principal(school.ana), item(5))
    (waiting,) = school.store.tables.inbox
    done = school.system.decide_held.approve(school.rita, waiting, reason="why not")
    assert (done.state, done.fate) == ("pending", "busy")


def test_settings_are_changed_for_the_adult(school):
    change = school.system.change_class.execute
    changed = change(f"id:{school.own}", {"name": "3C", "raw_days": None}, by=school.rita)
    assert changed.name == "3C"
    about = f"class {school.own}"
    assert school.audit() == [
        ("adult:1", "class renamed", about),
        ("adult:1", "retention set", about),
    ]


def test_a_class_that_a_teacher_makes_is_added_to_the_own_ones(school):
    opened = len(school.store.opened)
    made = school.system.add_class.execute(school.rita, "5A", 1, language="en")
    assert [one.committed for one in school.store.opened[opened:]] == [True]
    assert school.system.add_class.execute(school.office, "6A", 1, language="en").students
    with school.store() as uow:
        assert uow.adults.get(school.rita.adult_id).class_ids == (
            school.own,
            made.school_class.class_id,
        )


def test_children_are_added_renamed_and_moved(school):
    both, system = an_adult(school.store, "Zoe", school.own, school.other), school.system
    made = system.add_student.execute(f"id:{school.own}", "Davi", by=both)
    (davi,) = [one.student for one in made.students]
    rename = system.rename_student.execute
    student, _ = rename(davi.student_id, nickname="Dav", avatar="owl", by=both)
    assert (student.nickname, student.avatar) == ("Dav", "owl")
    move = system.move_student.execute
    student, now_in = move(davi.student_id, f"id:{school.other}", by=both)
    assert (student.class_id, now_in.name) == (school.other, "4B")
    with pytest.raises(NotFound):
        move(school.ana, f"id:{school.other}", by=school.rita)


def imported(school: School) -> AppliedRoster:
    ref = f"id:{school.own}"
    seen = school.system.preview_roster.execute(ref, DAVI, by=school.rita)
    apply = school.system.apply_roster.execute
    return apply(ref, DAVI, preview_id=seen.preview_id, by=school.rita)


def test_undoing_names_nobody_who_is_in_a_class_of_others_by_now(school):
    done, system = imported(school), school.system
    (davi,) = [one.student.student_id for one in done.added]
    system.move_student.execute(davi, f"id:{school.other}")
    assert done.import_id is not None
    undone = system.undo_import.execute(done.import_id, by=school.rita)
    assert (undone.removed, undone.left) == (0, [])


def test_an_import_can_be_undone_for_30_days(school):
    imported(school)
    (made,) = school.system.list_imports.execute(f"id:{school.own}", by=school.rita)
    assert can_be_undone(made, school.store.clock())
    school.store.clock.forward(30 * 86_400 + 1)
    assert not can_be_undone(made, school.store.clock())


def test_an_import_that_concerns_a_class_of_others_is_not_listed(school):
    both = an_adult(school.store, "Zoe", school.own, school.other)
    ref, gone_to = f"id:{school.own}", f"id:{school.other}"
    roster = RosterSource(name="list.csv", content="nickname\nAna\n")
    seen = school.system.preview_roster.execute(ref, roster, by=both)
    school.system.apply_roster.execute(
        ref, roster, preview_id=seen.preview_id, gone_to=gone_to, by=both
    )
    listed = school.system.list_imports.execute
    assert len(listed(ref, by=both)) == 1
    assert listed(ref, by=school.rita) == []


def test_a_roster_of_an_adult_is_of_one_class(school):
    system, office = school.system, school.office
    for ask in (
        lambda: system.preview_roster.execute(None, DAVI, by=office),
        lambda: system.apply_roster.execute(None, DAVI, preview_id="x", by=office),
    ):
        with pytest.raises(NotFound):
            ask()


def test_a_child_is_erased_only_if_the_nickname_is_typed_again(school):
    erase = school.system.erase_student.execute
    with pytest.raises(Refused) as refused:
        erase(school.ana, nickname="Bia", by=school.rita)
    assert refused.value.code == "wrong_nickname"
    done = erase(school.ana, nickname=" Ana ", by=school.rita)
    assert (done.student_id, done.erased_at, done.rows["students"]) == (school.ana, NOW, 1)
    with pytest.raises(NotFound):
        school.system.read_student.execute(school.rita, school.ana)


@pytest.mark.parametrize("number", ["other", 0, -1, 99, 2**70])
def test_what_is_not_their_own_is_not_there_for_a_teacher(school, number):
    held = school.hold(school.caio, 5) if number == "other" else number
    class_id = school.other if number == "other" else number
    student_id = school.caio if number == "other" else number
    before = school.store.tables.copy()
    system, rita, own = school.system, school.rita, f"id:{school.own}"
    ref = f"id:{class_id}"
    for ask in (
        lambda: system.read_class.execute(rita, class_id),
        lambda: system.read_class_devices.execute(rita, class_id),
        lambda: system.read_held.execute(rita, class_id),
        lambda: system.read_student.execute(rita, student_id),
        lambda: system.class_cards.execute(ref, by=rita),
        lambda: system.reset_card.execute(student_id, by=rita),
        lambda: system.decide_held.approve(rita, held, reason="x"),
        lambda: system.decide_held.reject(rita, held, reason="x"),
        lambda: system.change_class.execute(ref, {"name": "X"}, by=rita),
        lambda: system.archive_class.execute(ref, True, by=rita),
        lambda: system.add_student.execute(ref, "X", by=rita),
        lambda: system.rename_student.execute(student_id, nickname="X", by=rita),
        lambda: system.move_student.execute(student_id, own, by=rita),
        lambda: system.move_student.execute(school.ana, ref, by=rita),
        lambda: system.merge_students.execute(student_id, into=school.ana, by=rita),
        lambda: system.merge_students.execute(school.ana, into=student_id, by=rita),
        lambda: system.erase_student.execute(student_id, nickname="Caio", by=rita),
        lambda: system.export_class.execute(ref, by=rita),
        lambda: system.export_student.execute(student_id, by=rita),
        lambda: system.report_class.execute(ref, weeks=4, by=rita),
        lambda: system.preview_roster.execute(ref, ROSTER, by=rita),
        lambda: system.apply_roster.execute(ref, ROSTER, preview_id="x", by=rita),
        lambda: system.list_imports.execute(ref, by=rita),
        lambda: system.undo_import.execute(student_id, by=rita),
    ):
        with pytest.raises(NotFound, match="nothing with this number"):
            ask()
    assert school.store.tables == before


def test_what_an_adult_lost_since_the_request_began_is_not_changed(school):
    """The account is read again where something is changed, not only when the request begins."""
    done, held = imported(school), school.hold(school.ana, 5)
    with school.store() as uow:
        uow.adults.set_classes(school.rita.adult_id, [])
        uow.commit()
    before = school.store.tables.copy()
    for change in changes_of(school, held, done.import_id):
        with pytest.raises(NotFound, match="nothing with this number"):
            change()
    assert school.store.tables == before


def test_who_has_left_since_the_request_began_changes_nothing(school):
    done, held = imported(school), school.hold(school.ana, 5)
    with school.store() as uow:
        uow.adults.end(school.rita.adult_id)
        uow.commit()
    before = school.store.tables.copy()
    add_class = school.system.add_class.execute
    for change in (
        *changes_of(school, held, done.import_id),
        lambda: add_class(school.rita, "5A", 1, language="en"),
    ):
        with pytest.raises(Refused) as refused:
            change()
        assert refused.value.code == "unauthorized"
    assert school.store.tables == before


def changes_of(school: School, held: int, import_id: int | None) -> list[Callable[[], object]]:
    """All that an adult changes about own classes and children."""
    assert import_id is not None
    system, rita, own = school.system, school.rita, f"id:{school.own}"
    return [
        lambda: system.reset_card.execute(school.ana, by=rita),
        lambda: system.decide_held.approve(rita, held, reason="x"),
        lambda: system.decide_held.reject(rita, held, reason="x"),
        lambda: system.change_class.execute(own, {"name": "X"}, by=rita),
        lambda: system.archive_class.execute(own, True, by=rita),
        lambda: system.add_student.execute(own, "X", by=rita),
        lambda: system.rename_student.execute(school.ana, nickname="X", by=rita),
        lambda: system.move_student.execute(school.ana, own, by=rita),
        lambda: system.merge_students.execute(school.ana, into=school.bia, by=rita),
        lambda: system.erase_student.execute(school.ana, nickname="Ana", by=rita),
        lambda: system.apply_roster.execute(own, DAVI, preview_id="x", by=rita),
        lambda: system.undo_import.execute(import_id, by=rita),
    ]
