from __future__ import annotations

from dataclasses import replace

import pytest

from neuroplay.core.entities.actor import OPERATOR, Operator
from neuroplay.core.entities.retention import NEVER, RetentionPolicy
from neuroplay.core.errors import NotFound, Refused
from neuroplay.core.rules.retention import policy_of
from neuroplay.core.use_cases.class_life import ChangeClass, ListClasses
from neuroplay.core.use_cases.reach import hold_class
from tests.unit.core.samples import School, create


def change(school: School) -> ChangeClass:
    return ChangeClass(uow=school.store, clock=school.clock)


def test_classes_are_listed_with_their_size() -> None:
    school = School()
    create(school).execute("1B", 3)
    found = ListClasses(uow=school.store).execute()
    assert [(c.name, count) for c, count in found] == [("1B", 3), ("3A", 2)]


@pytest.mark.parametrize(("minutes", "taken"), [(4, False), (5, True), (240, True), (241, False)])
def test_the_minutes_of_a_day_have_bounds(minutes: int, taken: bool) -> None:
    school = School()
    if not taken:
        with pytest.raises(Refused) as refused:
            change(school).execute("3A", {"day_minutes": minutes})
        assert refused.value.code == "bad_day_minutes"
        return
    assert change(school).execute("3A", {"day_minutes": minutes}).day_minutes == minutes
    with school.store() as uow:
        assert [one.day_minutes for one, _ in uow.classes.all() if one.name == "3A"] == [minutes]


def test_a_class_may_keep_less_or_more_than_the_installation() -> None:
    school = School()
    asked = {"raw_days": 30, "keep_months": NEVER}
    found = change(school).execute("3A", asked, by=Operator("eva"))
    usual = RetentionPolicy()
    assert policy_of(found, usual) == RetentionPolicy(trace_days=30, raw_days=30, keep_months=NEVER)
    last = school.store.tables.audit[-1]
    assert (last["who"], last["details"]) == ("eva", {"raw_days": 30, "keep_months": NEVER})
    found = change(school).execute("3A", {"raw_days": None})
    assert policy_of(found, usual) == RetentionPolicy(keep_months=NEVER)


@pytest.mark.parametrize(
    "changes", [{"trace_days": -1}, {"raw_days": 3_651}, {"keep_months": 2}, {"keep_months": 241}]
)
def test_how_long_a_class_keeps_games_has_bounds(changes: dict[str, int | None]) -> None:
    school = School()
    with pytest.raises(Refused) as refused:
        change(school).execute("3A", changes)
    assert refused.value.code == "bad_retention"


def last_entry(school: School) -> tuple[object, ...]:
    last = school.store.tables.audit[-1]
    return last["who"], last["what"], last["target"], last["details"]


def test_a_renamed_class_keeps_its_code_and_the_audit_knows_both_names() -> None:
    school = School()
    before = school.store.tables.classes[school.class_id]
    renamed = change(school).execute("3A", {"name": " 4A  "}, by=Operator("eva"))
    assert renamed == replace(before, name="4A")
    assert school.store.tables.classes[school.class_id] == renamed
    target = f"class {school.class_id}"
    assert last_entry(school) == ("eva", "class renamed", target, {"from": "3A", "to": "4A"})


@pytest.mark.parametrize(
    ("ref", "name", "code"),
    [
        ("3A", "", "bad_class_name"),
        ("3A", "id:7", "bad_class_name"),
        ("3A", "3\x00A", "bad_class_name"),
        ("1", "4A", "ambiguous_class"),
    ],
)
def test_a_class_is_not_renamed_to_what_is_no_name_or_by_its_bare_id(
    ref: str, name: str, code: str
) -> None:
    school = School()
    with pytest.raises(Refused) as refused:
        change(school).execute(ref, {"name": name})
    assert refused.value.code == code
    assert school.store.tables.classes[school.class_id].name == "3A"
    assert school.store.tables.audit == []


def test_a_class_does_without_a_leaderboard_and_has_one_again() -> None:
    school = School()
    for enabled in (False, True):
        asked = {"leaderboard_enabled": enabled}
        assert (
            change(school).execute("3A", asked, by=Operator("eva")).leaderboard_enabled is enabled
        )
        assert school.store.tables.classes[school.class_id].leaderboard_enabled is enabled
        assert last_entry(school)[1:] == (
            "leaderboard set",
            f"class {school.class_id}",
            {"enabled": enabled},
        )


def test_a_class_that_is_erased_just_now_is_not_found() -> None:
    school = School()
    with school.store() as uow:
        seen = hold_class(uow, OPERATOR, "3A")
        uow.classes.remove(seen.class_id)
        uow.classes.all = lambda: [(seen, 2)]  # type: ignore[method-assign] # as just before
        with pytest.raises(NotFound):
            hold_class(uow, OPERATOR, "3A")


MANY = {"name": "4A", "leaderboard_enabled": False, "day_minutes": 20, "raw_days": 30}


def test_several_changes_are_one_transaction_with_an_entry_for_each() -> None:
    school = School()
    changed = change(school).execute("3A", MANY)
    assert (changed.name, changed.leaderboard_enabled, changed.day_minutes) == ("4A", False, 20)
    assert changed.raw_days == 30
    assert [one["what"] for one in school.store.tables.audit] == [
        "class renamed",
        "leaderboard set",
        "day minutes set",
        "retention set",
    ]
    assert len(school.store.opened) == 2  # that of the fixture, too


@pytest.mark.parametrize("bad", [{"name": ""}, {"day_minutes": 1}, {"keep_months": 1}])
def test_of_several_changes_all_are_made_or_none(bad: dict[str, object]) -> None:
    school = School()
    before = school.store.tables.copy()
    with pytest.raises(Refused):
        change(school).execute("3A", MANY | bad)
    assert school.store.tables == before


def test_no_change_is_no_entry() -> None:
    school = School()
    assert change(school).execute("3A", {}) == school.store.tables.classes[school.class_id]
    assert school.store.tables.audit == []
