"""An InboxFilter selects by each field, and by all of them together."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import combinations
from uuid import UUID

import pytest

from neuroplay.core.entities.game_session import GameSession
from neuroplay.core.entities.inbox_filter import InboxFilter
from neuroplay.core.entities.sync_item import InboxOutcome, InboxState
from tests.contract.inbox_steps import BAD, NOW, claim, insert, item

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
TABLET = UUID(int=5)


def played(number, at):
    return replace(item(number), payload={**item(number).payload, "ended_at": at})


@pytest.fixture
def inbox(store, school):
    """Stores six items. Returns, for each field of a filter, a value and the numbers of the
    sessions that it selects."""
    with store() as uow:
        other_class = uow.classes.add("4A", "Z0000").class_id
        caio = uow.students.add(other_class, "Caio", "owl").student_id
        uow.commit()
    ana, tablet = school.principal(), school.principal(device_id=TABLET)
    insert(store, ana, played(1, "2026-11-20T10:00:00Z"), at=NOW - 2 * DAY)
    insert(store, ana, played(2, "2026-11-24T10:00:00Z"), at=NOW - DAY)
    insert(store, tablet, played(3, "2026-11-25T10:00:00Z"), item(4, error=BAD))
    insert(store, school.principal(school.bia), played(5, "soon"))
    insert(store, school.principal(caio), item(6), at=NOW + HOUR)
    two, three, five = claim(store, ids=numbered(store, 2, 3, 5), now=NOW + 2 * HOUR)
    with store() as uow:
        uow.devices.report(tablet, None, now=NOW)
        for done, verdict in ((two, "mismatch"), (three, "plausible")):
            uow.sessions.add(
                GameSession(
                    session_id=done.session_id,
                    student_id=school.ana,
                    game_type="cyber_runner",
                    score=300,
                    duration=120,
                    accuracy=0.8,
                    completed=True,
                ),
                xp_gained=400,
                rating="good",
                verdict=verdict,
            )
        outcomes = [
            InboxOutcome(inbox_id=two.inbox_id, state=InboxState.PROCESSED),
            InboxOutcome(inbox_id=three.inbox_id, state=InboxState.PROCESSED),
            InboxOutcome(inbox_id=five.inbox_id, state=InboxState.FAILED, error_code="internal"),
        ]
        uow.inbox.finish(outcomes, now=NOW, release="2.5.0")
        uow.commit()
    return {
        "states": ((InboxState.PROCESSED, InboxState.INVALID), {2, 3, 4}),
        "student_id": (school.ana, {1, 2, 3, 4}),
        "class_id": (school.class_id, {1, 2, 3, 4, 5}),
        "since": (NOW - DAY, {2, 3, 4, 5, 6}),
        "until": (NOW + HOUR, {1, 2, 3, 4, 5}),
        "played_since": (NOW - 27 * HOUR, {2, 3}),
        "error": ("negative", {4}),
        "device_id": (TABLET, {3, 4}),
        "verdict": ("mismatch", {2}),
    }


def numbered(store, *numbers):
    with store() as uow:
        return [row.inbox_id for row in uow.inbox.list() if row.session_id.int in numbers]


def numbers(store, **which):
    """The session numbers in listed order, each once."""
    with store() as uow:
        return [row.session_id.int for row in uow.inbox.list(InboxFilter(**which))]


def test_every_field_is_tried_here(inbox):
    assert {*inbox} == {*InboxFilter.__dataclass_fields__}
    for field, (_, expected) in inbox.items():
        assert expected < {1, 2, 3, 4, 5, 6}, f"{field} narrows nothing"


def test_a_filter_that_sets_nothing_lets_everything_through_newest_first(store, inbox):
    assert numbers(store) == [6, 5, 4, 3, 2, 1]


def test_any_fields_together_let_through_what_each_of_them_does(store, inbox):
    with store() as uow:
        for count in range(1, len(inbox) + 1):
            for fields in combinations(inbox, count):
                which = InboxFilter(**{field: inbox[field][0] for field in fields})
                expected = set.intersection(*(inbox[field][1] for field in fields))
                found = [row.session_id.int for row in uow.inbox.list(which)]
                assert found == sorted(expected, reverse=True), which


@pytest.mark.parametrize(
    ("which", "expected"),
    [
        ({"states": (InboxState.HELD,)}, []),
        ({"student_id": 10**9}, []),
        ({"class_id": 10**9}, []),
        ({"error": "no such"}, []),
        ({"device_id": UUID(int=99)}, []),
        ({"verdict": "approved"}, []),
        ({"since": NOW}, [6, 5, 4, 3]),
        ({"until": NOW}, [2, 1]),
        ({"since": NOW, "until": NOW}, []),
    ],
)
def test_a_time_counts_from_itself_on_and_what_nothing_has_finds_nothing(
    store, inbox, which, expected
):
    assert numbers(store, **which) == expected


def test_when_a_game_was_played_its_record_says_on_the_servers_clock(store, inbox):
    at = NOW.replace(day=20, hour=10, second=1, microsecond=500_000)
    assert numbers(store, played_since=at) == [3, 2, 1], "its clock was 1.5 s behind"
    assert numbers(store, played_since=at + timedelta(milliseconds=1)) == [3, 2]
    assert numbers(store, played_since=NOW.min.replace(tzinfo=NOW.tzinfo)) == [3, 2, 1]
    assert numbers(store, played_since=NOW + 400 * DAY) == []


def test_pages_of_what_passes_have_no_gap_and_no_overlap(store, inbox):
    for which in (InboxFilter(), InboxFilter(played_since=NOW - 30 * DAY)):
        with store() as uow:
            whole = uow.inbox.list(which)
            found, before = [], None
            while page := uow.inbox.list(which, before=before, limit=1):
                found += page
                before = page[-1].inbox_id
        assert found == whole
