"""Importing rosters on PostgreSQL while others do the same."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from threading import Barrier

from neuroplay.core.entities.roster import RosterSource
from neuroplay.core.errors import Refused
from neuroplay.core.use_cases.apply_roster import ApplyRoster
from neuroplay.core.use_cases.preview_roster import PreviewRoster
from neuroplay.core.use_cases.undo_import import UndoImport
from tests.fakes.services import FakeLedger, FakeSecrets

NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
TWO = "RA;Nome;Turma\n10001;Ana Sá;3A\n10002;Bia Reis;3B\n"


def applied(open_uow, text: str, preview_id: str | None = None):
    secrets, source = FakeSecrets(), RosterSource(name="school.csv", content=text)
    if preview_id is None:
        preview = PreviewRoster(uow=open_uow, secrets=secrets).execute(None, source)
        preview_id = preview.preview_id
    apply = ApplyRoster(uow=open_uow, clock=lambda: NOW, secrets=secrets)
    return apply.execute(None, source, preview_id=preview_id)


def members(open_uow) -> list[tuple[str, str]]:
    with open_uow() as uow:
        names = {one.class_id: one.name for one, _ in uow.classes.all()}
        return [(names[one.class_id], one.nickname) for one in uow.rosters.members(names)]


def test_of_two_who_apply_a_preview_at_once_one_has_to_look_again(open_uow):
    source = RosterSource(name="school.csv", content=TWO)
    seen = PreviewRoster(uow=open_uow, secrets=FakeSecrets()).execute(None, source).preview_id
    both = Barrier(2)

    def apply(_: int) -> str:
        both.wait()
        try:
            return f"added {len(applied(open_uow, TWO, seen).added)}"
        except Refused as refused:
            return refused.code

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(apply, range(2))) == ["added 2", "roster_changed"]
    assert members(open_uow) == [("3A", "Ana"), ("3B", "Bia")]


def test_a_move_and_new_children_are_undone_to_the_last_row(open_uow):
    applied(open_uow, TWO)
    with open_uow() as uow:
        before = uow.rosters.members([one.class_id for one, _ in uow.classes.all()])
    moved = "RA;Nome;Turma\n10001;Ana Sá;3B\n10002;Bia Reis;3B\n10003;Caio Lima;3C\n"
    made = applied(open_uow, moved)
    assert members(open_uow) == [("3B", "Ana"), ("3B", "Bia"), ("3C", "Caio")]
    assert applied(open_uow, moved).import_id is None
    ledger = FakeLedger()
    undo = UndoImport(uow=open_uow, clock=lambda: NOW, record_erasures=ledger)
    undone = undo.execute(made.import_id)
    assert (undone.removed, undone.back, undone.classes, undone.left) == (1, 1, ["3C"], [])
    assert [one.kind for one in ledger.erasures] == ["student", "class"]
    with open_uow() as uow:
        assert uow.rosters.members([one.class_id for one, _ in uow.classes.all()]) == before
