"""Students as a roster sees them, and imports that can be undone, according to the Protocol."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from neuroplay.core.entities.roster import Member, NewMember, RosterKeys, StudentChange
from neuroplay.core.entities.student import OutboxReport
from tests.builders import a_principal

NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
KEYS = RosterKeys(identity=b"i" * 16, name=b"n" * 16)


def import_of(store, school, *, at: datetime = NOW):
    """Caio is added to 3A, and Ana is renamed."""
    with store() as uow:
        ana, _ = uow.rosters.members([school.class_id])
        renamed = replace(ana, nickname="Aninha", keys=KEYS)
        changes = [StudentChange(before=ana, after=renamed)]
        assert uow.rosters.change(changes) == 1
        (caio,) = uow.rosters.add(
            [NewMember(class_id=school.class_id, nickname="Caio", avatar="cat", keys=RosterKeys())]
        )
        added = Member(
            student_id=caio.student_id,
            class_id=school.class_id,
            nickname="Caio",
            keys=RosterKeys(),
        )
        made = uow.rosters.record(
            [*changes, StudentChange(before=None, after=added)],
            at=at,
            who="eva",
            class_ids=[school.class_id],
            created=[],
            counts={"added": 1, "changed": 1},
        )
        uow.commit()
    return made, changes[0], StudentChange(before=None, after=added)


def test_students_are_added_in_order_with_their_hashes(store, school):
    with store() as uow:
        other = uow.classes.add("3B", "B0000").class_id
        added = uow.rosters.add(
            [
                NewMember(class_id=other, nickname='Zoe "Z"', avatar="fox", keys=KEYS),
                NewMember(
                    class_id=school.class_id, nickname="Abel", avatar="owl", keys=RosterKeys()
                ),
            ]
        )
        assert uow.rosters.add([]) == []
        uow.commit()
    with store() as uow:
        for student in added:
            assert uow.students.get(student.student_id) == student
        (zoe,) = uow.rosters.members([other])
        assert (zoe.student_id, zoe.nickname, zoe.keys) == (added[0].student_id, 'Zoe "Z"', KEYS)
        assert added[0].student_id < added[1].student_id
        assert uow.rosters.known([b"i" * 16]) == [zoe]
        assert uow.rosters.known([b"x" * 16]) == []
        assert uow.rosters.known([]) == []


def test_only_who_is_as_before_is_changed(store, school):
    with store() as uow:
        ana, bia = uow.rosters.members([school.class_id])
        swapped = [
            StudentChange(before=ana, after=replace(ana, nickname="Bia")),
            StudentChange(before=bia, after=replace(bia, nickname="Ana", keys=KEYS)),
        ]
        stale = StudentChange(
            before=replace(ana, nickname="Was"), after=replace(ana, nickname="No")
        )
        assert uow.rosters.change([*swapped, stale]) == 2
        assert uow.rosters.change([]) == 0
        uow.commit()
    with store() as uow:
        assert uow.rosters.members([school.class_id]) == [one.after for one in swapped]


def test_an_import_is_kept_with_what_it_did(store, school):
    made, renamed, added = import_of(store, school)
    with store() as uow:
        assert uow.rosters.get(made.import_id) == made
        assert uow.rosters.get(made.import_id + 1) is None
        assert uow.rosters.imports() == [made]
        assert uow.rosters.imports(school.class_id) == [made]
        assert uow.rosters.imports(school.class_id + 1) == []
        assert uow.rosters.changes(made.import_id) == [renamed, added]
        (of_ana,) = uow.rosters.of_student(school.ana)
        assert (of_ana.nickname, of_ana.was, of_ana.import_id) == ("Aninha", "Ana", made.import_id)
        (of_caio,) = uow.rosters.of_student(added.after.student_id)
        assert (of_caio.was, of_caio.was_class_id) == (None, None)


def test_an_import_that_was_undone_forgets_what_it_did(store, school):
    made, *_ = import_of(store, school)
    with store() as uow:
        uow.rosters.hold()
        uow.rosters.undone(made.import_id, at=NOW)
        uow.commit()
    with store() as uow:
        assert uow.rosters.get(made.import_id) == replace(made, undone_at=NOW)
        assert uow.rosters.changes(made.import_id) == []


def test_an_erased_student_is_in_no_import(store, school):
    made, _, added = import_of(store, school)
    with store() as uow:
        assert uow.students.erase(school.ana)["import_changes"] == 1
        uow.commit()
    with store() as uow:
        assert uow.rosters.changes(made.import_id) == [added]
        assert uow.rosters.known([b"i" * 16]) == []


def test_old_imports_are_forgotten_with_what_they_did(store, school):
    import_of(store, school, at=NOW - timedelta(days=31))
    with store() as uow:
        uow.rosters.record(
            [], at=NOW, who="eva", class_ids=[school.class_id], created=[], counts={}
        )
        uow.retention.remove_imports(NOW - timedelta(days=30))
        uow.commit()
    with store() as uow:
        assert [one.at for one in uow.rosters.imports()] == [NOW]
        assert uow.rosters.of_student(school.ana) == []


def test_who_signed_in_sent_a_round_or_reported_has_played(store, school):
    with store() as uow:
        assert uow.rosters.has_played([school.ana, school.bia]) == frozenset()
        uow.devices.report(
            a_principal(school.ana, school.class_id), OutboxReport(pending=1, oldest=NOW), now=NOW
        )
        uow.students.add(school.class_id, "Caio", "cat", first_sign_in_at=NOW)
        uow.commit()
    with store() as uow:
        ids = [one.student_id for one in uow.rosters.members([school.class_id])]
        assert uow.rosters.has_played(ids) == frozenset({school.ana, ids[-1]})


def test_several_students_are_erased_as_one_is(store, school):
    made, *_ = import_of(store, school)
    with store() as uow:
        uow.devices.report(
            a_principal(school.bia, school.class_id), OutboxReport(pending=1, oldest=NOW), now=NOW
        )
        uow.students.lock([school.ana, school.bia])
        removed = uow.students.erase_all([school.bia, school.ana])
        assert (removed["students"], removed["devices"], removed["import_changes"]) == (2, 1, 1)
        assert uow.students.get(school.ana) is None
        assert sum(uow.students.erase_all([]).values()) == 0
        uow.commit()
    with store() as uow:
        assert [one.nickname for one in uow.rosters.members([school.class_id])] == ["Caio"]
        assert len(uow.rosters.changes(made.import_id)) == 1
