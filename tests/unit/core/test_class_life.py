from __future__ import annotations

import pytest

from neuroplay.core.entities.retention import NEVER, RetentionPolicy
from neuroplay.core.errors import Refused
from neuroplay.core.rules.retention import policy_of
from neuroplay.core.use_cases.class_life import ListClasses, SetDayMinutes, SetRetention
from tests.unit.core.samples import School, create


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
