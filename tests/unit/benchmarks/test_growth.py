from __future__ import annotations

from xml.etree import ElementTree

from hypothesis import given
from hypothesis import strategies as st

from benchmarks.groups.growth import (
    BACKUP,
    CHILDREN_OF_SESSIONS,
    DRAIN,
    FLAT,
    REQUESTS,
    SCRAPE,
    Size,
    drawn,
    growth,
    sizes,
)

KINDS = (*REQUESTS, SCRAPE, DRAIN, BACKUP)


def costs(each: float, *, backup: float = 1.0) -> dict[str, list[float]]:
    return {**{name: [each, each, 99.0] for name in KINDS}, BACKUP: [backup]}


@given(st.lists(st.integers(CHILDREN_OF_SESSIONS, 10**7), min_size=1, max_size=4, unique=True))
def test_an_installation_always_has_about_the_sessions_that_are_asked_for(
    counts: list[int],
) -> None:
    found = sizes(counts, [])
    assert [size.value for size in found] == sorted(counts)
    for size in found:
        assert size.children == CHILDREN_OF_SESSIONS
        assert 0.65 < size.sessions / size.value < 1.5


def test_children_have_the_same_games_however_many_they_are() -> None:
    few, many = sizes([], [3_000, 100])
    assert (few.children, many.children) == (100, 3_000)
    assert few.play == many.play
    assert many.sessions == 30 * few.sessions == 90_000


def test_what_an_answer_costs_may_not_grow_and_a_backup_as_the_sessions_do() -> None:
    few, many = sizes([10_000, 1_000_000], [])
    times = many.sessions / few.sessions
    found = {few: costs(2, backup=5), many: costs(3, backup=5 * times * 1.2)}
    by_name = {one.name: one for one in growth(found)}
    assert len(by_name) == len(KINDS)
    me = by_name["/me, 1,000,000 sessions to 10,000"]
    assert (me.values, me.aim, me.reached) == ((1.5, 1.5, 1.0), FLAT, False), "run by run"
    backup = by_name["backup, 1,000,000 sessions to 10,000, by session"]
    assert (round(backup.values[0], 6), backup.reached) == (1.2, True)


def test_each_step_of_a_sweep_is_compared_with_the_one_before() -> None:
    swept = sizes([10_000, 1_000_000, 5_000_000], [100, 3_000])
    found = {size: costs(float(n + 1)) for n, size in enumerate(swept)}
    steps = {one.name: one.values[0] for one in growth(found) if one.name.startswith("/me")}
    assert steps == {
        "/me, 1,000,000 sessions to 10,000": 2,
        "/me, 5,000,000 sessions to 1,000,000": 1.5,
        "/me, 3,000 children to 100": 1.25,
    }


def test_one_size_has_no_growth() -> None:
    (only,) = sizes([10_000], [])
    assert list(growth({only: costs(2)})) == []


def test_the_picture_has_a_line_for_each_kind_and_sweep() -> None:
    swept: list[Size] = sizes([10_000, 1_000_000], [100, 3_000])
    picture = drawn({size: costs(n + 1.0) for n, size in enumerate(swept)}, "about")
    names = [one.text for one in ElementTree.fromstring(picture).iter() if one.text]  # noqa: S314 - our own
    drawn_names = (*KINDS[:-1], "backup of 1,000 sessions")
    assert [names.count(name) for name in drawn_names] == [2] * len(KINDS)
    assert {"10,000", "1,000,000", "100", "3,000"} <= set(names)
