"""What an adult may change is decided where it is changed.

Each change begins while another connection holds back the commit of what makes it another's: the
child moves to a class of others, the class is taken from the adult, or the account ends. The change
waits, and must not happen.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import Connection, Engine

from neuroplay.core.entities.adult import AdultPrincipal
from neuroplay.core.entities.roster import RosterSource
from neuroplay.core.entities.sync_item import InboxOutcome, InboxState
from neuroplay.core.errors import NotFound, Refused
from neuroplay.core.system import UseCases
from tests.builders import a_class, a_principal, an_adult
from tests.contract.inbox_steps import NOW, claim, finish, insert, item
from tests.fakes.ports import fake_ports
from tests.fakes.services import FakeClock
from tests.integration.db.test_erase import wait_until_somebody_waits

Statement = tuple[str, tuple[Any, ...]]
LOCK_CLASSES = "SELECT FROM classes WHERE class_id = ANY(%s) ORDER BY class_id FOR NO KEY UPDATE"

ROSTER = RosterSource(name="list.csv", content="nickname\nAna\nDavi\n")


@dataclass
class Place:
    """3A with Ana and Bia and 3B are Rita's; 4B is not."""

    system: UseCases
    rita: AdultPrincipal
    own: int
    second: int
    other: int
    ana: int
    bia: int
    held: int
    import_id: int
    preview_id: str

    def change(self, name: str) -> object:
        """What Rita asks for."""
        system, rita, ana, ref = self.system, self.rita, self.ana, f"id:{self.own}"
        return {
            "add": lambda: system.add_student.execute(ref, "Eva", by=rita),
            "rename": lambda: system.rename_student.execute(ana, nickname="X", by=rita),
            "move": lambda: system.move_student.execute(ana, f"id:{self.second}", by=rita),
            "move in": lambda: system.move_student.execute(self.bia, ref, by=rita),
            "merge": lambda: system.merge_students.execute(ana, into=self.bia, by=rita),
            "merge into": lambda: system.merge_students.execute(self.bia, into=ana, by=rita),
            "card": lambda: system.reset_card.execute(ana, by=rita),
            "erase": lambda: system.erase_student.execute(ana, nickname="Ana", by=rita),
            "approve": lambda: system.decide_held.approve(rita, self.held, reason="seen"),
            "reject": lambda: system.decide_held.reject(rita, self.held, reason="seen"),
            "settings": lambda: system.change_class.execute(ref, {"name": "X"}, by=rita),
            "archive": lambda: system.archive_class.execute(ref, True, by=rita),
            "roster": lambda: system.apply_roster.execute(
                ref, ROSTER, preview_id=self.preview_id, by=rita
            ),
            "undo": lambda: system.undo_import.execute(self.import_id, by=rita),
            "new class": lambda: system.add_class.execute(rita, "5A", 1, language="en"),
        }[name]()


OF_A_CHILD = (
    "rename",
    "move",
    "merge",
    "merge into",
    "card",
    "erase",
    "approve",
    "reject",
)
OF_A_CLASS = (*OF_A_CHILD, "add", "settings", "archive", "roster", "undo")
ALL = (*OF_A_CLASS, "new class")


@pytest.fixture
def place(open_uow) -> Place:
    small = a_class(open_uow)
    with open_uow() as uow:
        second = uow.classes.add("3B", "B3B3B").class_id
        other = uow.classes.add("4B", "B4B4B").class_id
        uow.commit()
    system = UseCases(fake_ports(open_uow, FakeClock(NOW)))
    insert(open_uow, a_principal(small.ana, small.class_id), item(5))
    (taken,) = claim(open_uow)
    finish(open_uow, InboxOutcome(inbox_id=taken.inbox_id, state=InboxState.HELD, reasons=("x",)))
    ref = f"id:{small.class_id}"
    first = RosterSource(name="list.csv", content="nickname\nAna\nBia\nCaio\n")
    seen = system.preview_roster.execute(ref, first).preview_id
    done = system.apply_roster.execute(ref, first, preview_id=seen)
    assert done.import_id is not None
    return Place(
        system=system,
        rita=an_adult(open_uow, "Rita", small.class_id, second),
        own=small.class_id,
        second=second,
        other=other,
        ana=small.ana,
        bia=small.bia,
        held=taken.inbox_id,
        import_id=done.import_id,
        preview_id=system.preview_roster.execute(ref, ROSTER).preview_id,
    )


def stored(connection: Connection) -> dict[str, list[str]]:
    """All rows, by table."""
    named = "SELECT tablename FROM pg_tables WHERE schemaname = current_schema()"
    return {
        name: sorted(connection.exec_driver_sql(f"SELECT t::text FROM {name} AS t").scalars())  # noqa: S608
        for name in connection.exec_driver_sql(named).scalars().all()
    }


def to_class(place: Place, class_id: int) -> list[Statement]:
    """Ana moves there."""
    return [
        (LOCK_CLASSES, ([place.own, class_id],)),
        ("UPDATE students SET class_id = %s WHERE student_id = %s", (class_id, place.ana)),
    ]


def taken_away(place: Place) -> list[Statement]:
    """3A is no longer Rita's."""
    return [
        ("SELECT FROM adults WHERE adult_id = %s FOR NO KEY UPDATE", (place.rita.adult_id,)),
        ("DELETE FROM adult_classes WHERE class_id = %s", (place.own,)),
    ]


def refused(
    engine: Engine, place: Place, name: str, meanwhile: Sequence[Statement]
) -> BaseException:
    """The error of a change that waits for a transaction of these statements. Nothing else may be
    changed."""
    with ThreadPoolExecutor(1) as thread:
        with engine.connect() as other:
            for statement, values in meanwhile:
                other.exec_driver_sql(statement, values)
            changing = thread.submit(place.change, name)
            wait_until_somebody_waits(engine)
            expected = stored(other)
            other.commit()
        error: Any = changing.exception(30)
    with engine.connect() as connection:
        assert stored(connection) == expected
    assert error is not None
    return error


@pytest.mark.parametrize("name", OF_A_CHILD)
def test_who_moves_to_a_class_of_others_meanwhile_is_not_changed(engine, place, name):
    error = refused(engine, place, name, to_class(place, place.other))
    assert isinstance(error, NotFound), error


@pytest.mark.parametrize("name", ["rename", "move", "merge", "card", "erase"])
def test_who_moves_to_another_own_class_meanwhile_is_asked_for_again(engine, place, name):
    error = refused(engine, place, name, to_class(place, place.second))
    assert isinstance(error, Refused)
    assert error.code == "student_moved"


@pytest.mark.parametrize("name", OF_A_CLASS)
def test_in_a_class_that_is_taken_away_meanwhile_nothing_is_changed(engine, place, name):
    error = refused(engine, place, name, taken_away(place))
    assert isinstance(error, NotFound), error


@pytest.mark.parametrize("name", ALL)
def test_who_leaves_meanwhile_changes_nothing(engine, place, name):
    ends = "UPDATE adults SET ended_at = now() WHERE adult_id = %s"
    error = refused(engine, place, name, [(ends, (place.rita.adult_id,))])
    assert isinstance(error, Refused)
    assert error.code == "unauthorized"


def test_a_class_that_is_taken_away_takes_no_child(engine, place, open_uow):
    with open_uow() as uow:
        uow.students.move(place.bia, place.second)
        uow.commit()
    error = refused(engine, place, "move in", taken_away(place))
    assert isinstance(error, NotFound), error


def test_an_account_that_ends_waits_for_what_its_adult_began(engine, place, open_uow):
    with ThreadPoolExecutor(1) as thread:
        with open_uow() as uow:
            uow.adults.lock(place.rita.adult_id, shared=True)
            ending = thread.submit(place.system.end_adult.execute, "Rita", who="ops")
            wait_until_somebody_waits(engine)
            uow.students.rename(place.ana, "Ana Lu", "fox")
            uow.commit()
        ending.result(30)
    with open_uow() as uow:
        assert uow.students.get(place.ana).nickname == "Ana Lu"
        assert uow.adults.get(place.rita.adult_id).ended_at is not None


def test_two_changes_of_an_adult_do_not_wait_for_each_other(place, open_uow):
    with open_uow() as uow:
        uow.adults.lock(place.rita.adult_id, shared=True)
        renamed, _ = place.system.rename_student.execute(place.bia, nickname="Bea", by=place.rita)
    assert renamed.nickname == "Bea"


def test_of_two_links_that_are_made_at_once_one_works(engine, place, open_uow):
    reset = place.system.reset_adult.execute
    with ThreadPoolExecutor(2) as threads:
        with open_uow() as uow:
            uow.adults.lock(place.rita.adult_id)
            links = [threads.submit(reset, "Rita", who="ops") for _ in range(2)]
            wait_until_somebody_waits(engine)
            uow.rollback()
        tokens = [one.result(30).token for one in links]
    hashes = [place.system.secrets.adult_hash("link", one) for one in tokens]
    with open_uow() as uow:
        late = [uow.adults.link([one]).is_late for one in hashes]
    assert sorted(late) == [False, True]
