from __future__ import annotations

from random import Random
from typing import Any

import pytest

from neuroplay.core.entities.retention import NEVER, RetentionPolicy
from neuroplay.core.errors import NotFound, Refused, RosterRefused, RosterUnsure
from neuroplay.core.rules.codes import normalise_code
from neuroplay.core.rules.retention import policy_of
from neuroplay.core.use_cases.manage_classes import (
    ClassCards,
    CreateClass,
    EraseClass,
    ImportRoster,
    ListClasses,
    SetDayMinutes,
    SetRetention,
    new_class_code,
)
from tests.unit.core.samples import School


def create(school: School, **changes: Any) -> CreateClass:
    return CreateClass(
        uow=school.store, clock=school.clock, secrets=school.secrets, random=Random(1), **changes
    )


def test_a_class_of_thirty_gets_nicknames_avatars_and_cards() -> None:
    school = School()
    made = create(school).execute("3B", 30)
    assert made.school_class.name == "3B"
    assert normalise_code(made.school_class.code, 5) == made.school_class.code
    students = [card.student for card in made.students]
    assert len({student.nickname for student in students}) == 30
    assert len({card.card_code for card in made.students}) == 30
    assert [s.student_id for s in students] == sorted(s.student_id for s in students)
    assert school.store.opened[-1].committed


def test_nicknames_are_in_the_language_of_the_class() -> None:
    made = create(School()).execute("3B", 6, language="en")
    assert {card.student.nickname.split()[1] for card in made.students} == {
        "Fox",
        "Owl",
        "Turtle",
        "Cat",
        "Rabbit",
        "Bear",
    }


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        (" 3A  manhã ", "3A manhã"),
        ("\ufeff3A\u200b", "3A"),
        ("3A mañana", "3A mañana"),
        ("3A \U0001f469\u200d\U0001f680", "3A \U0001f469\u200d\U0001f680"),
    ],
)
def test_a_class_is_called_as_it_looks(typed: str, kept: str) -> None:
    assert create(School()).execute(typed, 1).school_class.name == kept


def test_nicknames_can_be_given() -> None:
    made = create(School()).execute("3B", [" Ana  Lu ", "Caio"])
    assert [(c.student.nickname, c.student.avatar) for c in made.students] == [
        ("Ana Lu", "fox"),
        ("Caio", "owl"),
    ]


@pytest.mark.parametrize(
    ("name", "students", "language", "code"),
    [
        ("", 3, "pt-BR", "bad_class_name"),
        ("x" * 61, 3, "pt-BR", "bad_class_name"),
        ("3\x00B", 3, "pt-BR", "bad_class_name"),
        ("3B", 0, "pt-BR", "bad_class_size"),
        ("3B", 201, "pt-BR", "bad_class_size"),
        ("3B", [], "pt-BR", "bad_class_size"),
        ("3B", ["Ana", "ana"], "pt-BR", "bad_nickname"),
        ("3B", [""], "pt-BR", "bad_nickname"),
        ("3B", ["a@b.c"], "pt-BR", "bad_nickname"),
        ("3B", 3, "xx", "bad_language"),
    ],
)
def test_what_is_no_class_is_refused_and_nothing_made(
    name: str, students: Any, language: str, code: str
) -> None:
    school = School()
    with pytest.raises(Refused) as refused:
        create(school).execute(name, students, language=language)
    assert refused.value.code == code
    assert len(school.store.tables.classes) == 1


def test_a_class_code_that_is_taken_is_not_given_again() -> None:
    school = School()
    codes = iter(["A1B2C", "A1B2C", "NEW01"])
    made = create(school, new_code=lambda: next(codes)).execute("3B", 1)
    assert made.school_class.code == "NEW01"
    with pytest.raises(Refused) as refused:
        create(school, new_code=lambda: "A1B2C").execute("3C", 1)
    assert refused.value.code == "no_free_code"


def test_new_class_codes_are_crockford_and_differ() -> None:
    codes = {new_class_code() for _ in range(50)}
    assert len(codes) > 45
    assert all(normalise_code(code, 5) == code for code in codes)


def test_a_roster_makes_a_class_or_nothing() -> None:
    school = School()
    importer = ImportRoster(uow=school.store, create_class=create(school))
    made = importer.execute("3B", "nickname,avatar\nAna,bear\nBia,\n")
    assert [(c.student.nickname, c.student.avatar) for c in made.students] == [
        ("Ana", "bear"),
        ("Bia", "owl"),
    ]
    with pytest.raises(RosterRefused) as refused:
        importer.execute("3C", "nickname\nAna\n\nana\n")
    assert [error.line for error in refused.value.errors] == [4]
    assert "line 4" in refused.value.message
    assert len(school.store.tables.classes) == 2


def test_a_roster_that_was_imported_already_is_asked_about() -> None:
    school = School()
    importer = ImportRoster(uow=school.store, create_class=create(school))
    roster = "Nome\nAna\n2\n"
    made = importer.execute("3B", roster, sure=True)

    with pytest.raises(RosterUnsure) as unsure:
        importer.execute(" 3B", roster)
    assert len(unsure.value.doubts) == 2
    assert f"id:{made.school_class.class_id}" in unsure.value.doubts[1]

    importer.execute("3B", "Nome\nAna\nBia\n")  # other children of a class that is called so
    importer.execute("3C", "Nome\nAna\nBia\n")
    importer.execute("3B", roster, sure=True)


def test_cards_can_be_printed_again_by_name_code_or_id() -> None:
    school = School()
    made = create(school).execute("3B", 2)
    cards = ClassCards(uow=school.store, secrets=school.secrets)
    code = made.school_class.code
    for ref in ("3B", code, f" {code.lower()} ", str(made.school_class.class_id)):
        assert cards.execute(ref) == made


def test_a_class_that_is_not_there_or_not_the_only_one_is_said_clearly() -> None:
    school = School()
    cards = ClassCards(uow=school.store, secrets=school.secrets)
    for ref in ("", "9Z", "99999999999999999999", "é", "\ud800", "3\x00A"):
        with pytest.raises(NotFound):
            cards.execute(ref)
    create(school).execute("3A", 1)
    with pytest.raises(Refused) as refused:
        cards.execute("3A")
    assert refused.value.code == "ambiguous_class"
    assert "A1B2C" in refused.value.hint


def test_classes_are_listed_with_their_size() -> None:
    school = School()
    create(school).execute("1B", 3)
    found = ListClasses(uow=school.store).execute()
    assert [(c.name, count) for c, count in found] == [("1B", 3), ("3A", 2)]


@pytest.mark.parametrize(("minutes", "taken"), [(4, False), (5, True), (240, True), (241, False)])
def test_the_minutes_of_a_day_have_bounds(minutes: int, taken: bool) -> None:
    school = School()
    set_it = SetDayMinutes(uow=school.store, clock=school.clock)
    if not taken:
        with pytest.raises(Refused) as refused:
            set_it.execute("3A", minutes)
        assert refused.value.code == "bad_day_minutes"
        return
    assert set_it.execute("3A", minutes).day_minutes == minutes
    with school.store() as uow:
        assert [one.day_minutes for one, _ in uow.classes.all() if one.name == "3A"] == [minutes]


def test_a_class_may_keep_less_or_more_than_the_installation() -> None:
    school = School()
    set_it = SetRetention(uow=school.store, clock=school.clock)
    found = set_it.execute("3A", {"raw_days": 30, "keep_months": NEVER}, who="eva")
    usual = RetentionPolicy()
    assert policy_of(found, usual) == RetentionPolicy(trace_days=30, raw_days=30, keep_months=NEVER)
    last = school.store.tables.audit[-1]
    assert (last["who"], last["details"]) == ("eva", {"raw_days": 30, "keep_months": NEVER})
    found = set_it.execute("3A", {"raw_days": None})
    assert policy_of(found, usual) == RetentionPolicy(keep_months=NEVER)


@pytest.mark.parametrize(
    "changes", [{"trace_days": -1}, {"raw_days": 3_651}, {"keep_months": 2}, {"keep_months": 241}]
)
def test_how_long_a_class_keeps_games_has_bounds(changes: dict[str, int | None]) -> None:
    school = School()
    with pytest.raises(Refused) as refused:
        SetRetention(uow=school.store, clock=school.clock).execute("3A", changes)
    assert refused.value.code == "bad_retention"


def test_an_erased_class_is_gone_and_the_audit_says_so() -> None:
    school = School()
    made = create(school).execute("1B", 45)
    heard: list[int] = []
    erase = EraseClass(uow=school.store, clock=school.clock, record_erasures=school.ledger)
    removed = erase.execute("1B", who="eva", progress=heard.append)
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
