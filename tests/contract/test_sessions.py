"""Processed sessions, according to the Protocol."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from neuroplay.core.entities.achievement import UnlockedAchievement
from neuroplay.core.entities.game_session import GameSession
from neuroplay.core.entities.stored_session import ListedSession, SessionResult
from neuroplay.core.entities.sync_item import Delivery, InboxOutcome, InboxState, NewInboxItem
from neuroplay.core.entities.verification import UnverifiedSession, Verdict, Verification
from neuroplay.core.rules.plausibility import trace_hash

NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
EVER = datetime(1970, 1, 1, tzinfo=UTC)
LATER = NOW + timedelta(days=7)
TRACE = list(range(100))


def session(number: int, student_id: int, *, ended: datetime | None = NOW, **changes):
    known = {
        "session_id": UUID(int=number),
        "student_id": student_id,
        "game_type": "cyber_runner",
        "score": 300,
        "duration": 120,
        "accuracy": 0.8,
        "completed": True,
        "metadata": {"difficulty": 2},
        "utc_offset_minutes": -180,
        "started_at": ended and ended - timedelta(seconds=125),
        "ended_at": ended,
    }
    return GameSession(**{**known, **changes})


def add(uow, *sessions, verdict="plausible"):
    for one in sessions:
        uow.sessions.add(one, xp_gained=400, rating="good", verdict=verdict)


def test_stored_sessions_exist(store, school):
    with store() as uow:
        add(uow, session(1, school.ana), session(2, school.bia, ended=None))
        uow.commit()
    with store() as uow:
        asked = [UUID(int=n) for n in (1, 2, 3)]
        assert uow.sessions.existing(asked) == {UUID(int=1), UUID(int=2)}
        assert uow.sessions.existing([]) == frozenset()


def test_a_session_is_stored_once(store, school):
    with store() as uow:
        add(uow, session(1, school.ana))
        uow.commit()
    with store() as uow, pytest.raises(Exception, match="1"):  # noqa: PT012 - at the latest by commit
        add(uow, session(1, school.bia))
        uow.commit()


def test_sessions_near_a_span_come_as_they_were_played(store, school):
    played = session(1, school.ana, metadata={"difficulty": 3, "next_difficulty": 4})
    with store() as uow:
        add(uow, played)
        uow.commit()
    with store() as uow:
        assert uow.sessions.near({school.ana: (NOW, NOW)}) == {school.ana: [played]}


@pytest.mark.parametrize(
    ("from_s", "to_s", "found"),
    [(-999, -126, False), (-999, -125, True), (-60, -30, True), (0, 9, True), (1, 9, False)],
)
def test_near_is_whatever_overlaps(store, school, from_s, to_s, found):
    span = NOW + timedelta(seconds=from_s), NOW + timedelta(seconds=to_s)
    with store() as uow:
        add(uow, session(1, school.ana))
        uow.commit()
    with store() as uow:
        assert bool(uow.sessions.near({school.ana: span})) is found
        assert uow.sessions.near({school.bia: span}) == {}


def test_near_asks_for_many_students_each_with_its_own_span(store, school):
    earlier = NOW - timedelta(hours=2)
    with store() as uow:
        add(uow, session(1, school.ana), session(2, school.ana, ended=earlier))
        add(uow, session(3, school.bia), session(4, school.bia, ended=earlier))
        add(uow, session(5, school.ana, ended=None))
        uow.commit()
    with store() as uow:
        near = uow.sessions.near({school.ana: (NOW, NOW), school.bia: (earlier, earlier)})
        assert {k: [s.session_id.int for s in v] for k, v in near.items()} == {
            school.ana: [1],
            school.bia: [4],
        }
        assert uow.sessions.near({}) == {}


def test_traces_have_owners_but_do_not_come_with_their_neighbours(store, school):
    metadata = {"difficulty": 3, "seed": 7, "trace": TRACE}
    played = session(1, school.ana, metadata=metadata)
    found = trace_hash(played)
    assert found is not None
    with store() as uow:
        add(uow, played)
        uow.commit()
    with store() as uow:
        assert uow.sessions.trace_owners([found, b"x" * 32]) == {found: UUID(int=1)}
        assert uow.sessions.trace_owners([]) == {}
        (near,) = uow.sessions.near({school.ana: (NOW, NOW)})[school.ana]
        assert "trace" not in near.metadata
        assert near.difficulty == 3


def put(uow, principal, number: int, *, at=NOW, **payload):
    new = NewInboxItem(
        session_id=UUID(int=number),
        payload_hash=number.to_bytes(32),
        clock_shift_s=60.0,
        payload={"game_type": "cyber_runner", "score": 300, **payload},
    )
    uow.inbox.insert([Delivery(principal=principal, items=[new], received_at=at, request_id=None)])


def test_a_page_shows_what_waits_and_what_was_counted(store, school):
    with store() as uow:
        put(uow, school.principal(), 1)
        put(uow, school.principal(), 2, ended_at="2026-11-25T11:00:00Z", at=NOW)
        put(uow, school.principal(school.bia), 3)
        (first,) = uow.inbox.claim(1, now=NOW, lease_s=60)
        uow.inbox.finish(
            [InboxOutcome(inbox_id=first.inbox_id, state=InboxState.PROCESSED)],
            now=NOW,
            release="x",
        )
        add(uow, session(1, school.ana, score=350))
        uow.commit()
    with store() as uow:
        waiting, counted = uow.sessions.page(school.ana, None, 10)
    assert waiting == ListedSession(
        session_id=UUID(int=2),
        state=InboxState.PENDING,
        verdict=None,
        game_type="cyber_runner",
        score=300,
        xp_gained=None,
        ended_at=datetime(2026, 11, 25, 11, 1, tzinfo=UTC),
        inbox_id=waiting.inbox_id,
        received_at=NOW,
    )
    assert (counted.state, counted.verdict) == ("processed", "plausible")
    assert (counted.xp_gained, counted.ended_at) == (400, NOW)


@pytest.mark.parametrize(
    ("game_type", "score", "ended_at"),
    [(None, "many", 5), ([1], {"a": 1}, "yesterday"), ("x", 1.5, None)],
)
def test_a_page_shows_records_that_make_no_sense_as_they_are(
    store, school, game_type, score, ended_at
):
    with store() as uow:
        put(uow, school.principal(), 1, game_type=game_type, score=score, ended_at=ended_at)
        (row,) = uow.sessions.page(school.ana, None, 10)
    assert (row.game_type, row.score, row.ended_at) == (game_type, score, None)


def test_pages_follow_each_other_without_gap_or_repetition(store, school):
    with store() as uow:
        for number in range(1, 8):
            put(uow, school.principal(), number, at=NOW - timedelta(hours=number // 3))
        seen: list[int] = []
        cursor = None
        while rows := uow.sessions.page(school.ana, cursor, 3):
            seen += [row.session_id.int for row in rows]
            cursor = rows[-1].received_at, rows[-1].inbox_id
    assert seen == [2, 1, 5, 4, 3, 7, 6]


def test_a_leaderboard_ranks_each_childs_best(store, school):
    hour = timedelta(hours=1)
    with store() as uow:
        caio = uow.students.add(school.class_id, "Caio", "cat").student_id
        other = uow.classes.add("4A", "Z0000").class_id
        duda = uow.students.add(other, "Duda", "dog").student_id
        ours = session(1, school.ana, score=300), session(2, school.ana, score=200)
        add(uow, *ours, verdict="verified")
        add(uow, session(3, school.bia, score=300, ended=NOW - hour), verdict="approved")
        add(uow, session(4, caio, score=100, ended=NOW - hour), verdict="verified")
        add(uow, session(5, caio, score=900), verdict="mismatch")
        add(uow, session(6, duda, score=999), verdict="verified")
        elsewhere = session(7, school.ana, score=999, game_type="signal_stop")
        add(uow, elsewhere, verdict="verified")
        add(uow, session(8, school.bia, score=999))
        add(uow, session(9, school.bia, score=999, ended=LATER), verdict="verified")
        uow.commit()
    with store() as uow:
        assert uow.sessions.leaderboard(school.class_id, "cyber_runner", EVER, LATER) == [
            (school.bia, "Bia", "owl", 300),
            (school.ana, "Ana", "fox", 300),
            (caio, "Caio", "cat", 100),
        ]
        assert uow.sessions.leaderboard(school.class_id, "cyber_runner", NOW, LATER) == [
            (school.ana, "Ana", "fox", 300)
        ]
        assert uow.sessions.leaderboard(school.class_id, "n_back_trail", EVER, LATER) == []


def traced(uow, school, number, *, trace=(30, 1), seed=7, **changes):
    """A processed session with a trace, in the inbox and among the sessions."""
    metadata = {"difficulty": 2, "seed": seed, "trace": list(trace)}
    put(uow, school.principal(), number, metadata=metadata)
    (item,) = uow.inbox.claim(1, now=NOW, lease_s=60)
    done = InboxOutcome(inbox_id=item.inbox_id, state=InboxState.PROCESSED)
    uow.inbox.finish([done], now=NOW, release="x")
    verdict = changes.pop("verdict", "plausible")
    add(uow, session(number, school.ana, metadata=metadata, **changes), verdict=verdict)


def claimed(uow, limit=9, *, now=NOW):
    return uow.sessions.claim_unverified(limit, now=now, lease_s=60)


def outcome(number, verdict="plausible", *reasons, tries=1, due_at=None):
    return Verification(
        session_id=UUID(int=number),
        verdict=verdict,
        reasons=reasons,
        tries=tries,
        due_at=due_at,
    )


def verdict_of(uow, school, number):
    rows = uow.sessions.page(school.ana, None, 99)
    return next(row.verdict for row in rows if row.session_id == UUID(int=number))


def test_a_plausible_session_with_a_trace_is_claimed_with_what_a_replay_needs(store, school):
    with store() as uow:
        traced(uow, school, 1, seed=9, game_version="4", score=310, accuracy=0.8123)
        add(uow, session(2, school.ana))
        for number, verdict in enumerate(("verified", "mismatch", "approved"), start=3):
            traced(uow, school, number, verdict=verdict)
        uow.commit()
    with store() as uow:
        (found,) = claimed(uow)
    assert found == UnverifiedSession(
        session=GameSession(
            session_id=UUID(int=1),
            student_id=school.ana,
            game_type="cyber_runner",
            game_version="4",
            score=310,
            duration=120,
            accuracy=0.8123,
            completed=True,
            metadata={"difficulty": 2, "seed": 9, "trace": [30, 1]},
        ),
        tries=1,
    )


@pytest.mark.parametrize("trace", ["text", {"a": [1]}, [], 5, [[1], None]])
def test_any_trace_is_to_be_verified(store, school, trace):
    metadata = {"difficulty": 2, "seed": "x", "trace": trace}
    with store() as uow:
        put(uow, school.principal(), 1, metadata=metadata)
        add(uow, session(1, school.ana, metadata=metadata))
        uow.commit()
    with store() as uow:
        (found,) = claimed(uow)
    assert found.session.metadata == metadata


def test_a_trace_that_the_inbox_does_not_hold_any_more_is_none(store, school):
    with store() as uow:
        add(uow, session(1, school.ana, metadata={"difficulty": 2, "seed": 7, "trace": [1, 1]}))
        uow.commit()
    with store() as uow:
        (found,) = claimed(uow)
    assert found.session.metadata["trace"] is None


def test_a_claimed_session_is_due_again_when_its_lease_runs_out(store, school):
    with store() as uow:
        traced(uow, school, 1)
        uow.commit()
    with store() as uow:
        assert len(claimed(uow)) == 1
        uow.commit()
    with store() as uow:
        assert claimed(uow, now=NOW + timedelta(seconds=59)) == []
        (again,) = claimed(uow, now=NOW + timedelta(seconds=60))
        assert again.tries == 2


def test_a_claim_takes_no_more_than_asked_and_those_never_tried_first(store, school):
    with store() as uow:
        for number in range(1, 4):
            traced(uow, school, number)
        uow.commit()
    with store() as uow:
        first = claimed(uow, 2)
        uow.commit()
    with store() as uow:
        later = claimed(uow, 2, now=NOW + timedelta(hours=1))
    assert [one.tries for one in first] == [1, 1]
    assert sorted(one.tries for one in later) == [1, 2]


def test_a_verdict_ends_it_and_is_shown(store, school):
    with store() as uow:
        for number in (1, 2, 3):
            traced(uow, school, number)
        uow.commit()
        claimed(uow)
        uow.commit()
    with store() as uow:
        uow.sessions.finish_verification(
            [
                outcome(1, "verified"),
                outcome(2, "mismatch", "score_differs", "accuracy_differs"),
                outcome(3, "plausible", "trace_unreadable"),
            ]
        )
        uow.commit()
    with store() as uow:
        assert [verdict_of(uow, school, n) for n in (1, 2, 3)] == [
            "verified",
            "mismatch",
            "plausible",
        ]
        assert claimed(uow, now=NOW + timedelta(days=999)) == []


def test_a_session_that_is_to_be_tried_again_is_due_when_it_was_said(store, school):
    with store() as uow:
        traced(uow, school, 1)
        uow.commit()
        claimed(uow)
        due_at = NOW + timedelta(minutes=8)
        uow.sessions.finish_verification(
            [outcome(1, "plausible", "overrun", tries=2, due_at=due_at)]
        )
        uow.commit()
    with store() as uow:
        assert claimed(uow, now=NOW + timedelta(minutes=7)) == []
        assert [one.tries for one in claimed(uow, now=due_at)] == [3]


def test_sessions_whose_rules_were_unknown_are_tried_again_once_they_are_known(store, school):
    unknown = "plausible", "unknown_rules"
    with store() as uow:
        for number, version in enumerate(("2", "2", "2", "2", "3"), start=1):
            traced(uow, school, number, game_version=version)
        uow.commit()
        claimed(uow)
        uow.sessions.finish_verification(
            [
                outcome(1, *unknown, tries=5),
                outcome(2, "plausible", "overrun", tries=5),
                outcome(3, *unknown, tries=2, due_at=NOW + timedelta(hours=1)),
                outcome(4, "verified"),
                outcome(5, *unknown, tries=5),
            ]
        )
        uow.commit()
    with store() as uow:
        uow.sessions.try_known([("cyber_runner", "1"), ("signal_stop", "3")])
        assert claimed(uow) == []
        uow.sessions.try_known([("cyber_runner", "1"), ("cyber_runner", "2")])
        assert [(one.session.session_id.int, one.tries) for one in claimed(uow)] == [(1, 1)]


def test_a_session_that_is_not_plausible_any_more_keeps_its_verdict(store, school):
    with store() as uow:
        traced(uow, school, 1)
        uow.commit()
        claimed(uow)
        uow.sessions.finish_verification([outcome(1, "verified")])
        uow.sessions.finish_verification([outcome(1, "mismatch", "score_differs"), outcome(99)])
        uow.commit()
    with store() as uow:
        assert verdict_of(uow, school, 1) == "verified"


def on_the_board(uow, school):
    return [
        row.score for row in uow.sessions.leaderboard(school.class_id, "cyber_runner", EVER, LATER)
    ]


def test_a_session_with_a_trace_is_ranked_when_that_was_looked_at(store, school):
    with store() as uow:
        traced(uow, school, 1, score=900)
        add(uow, session(2, school.ana, score=100), verdict="approved")
        add(uow, session(3, school.ana, score=950))
        uow.commit()
    with store() as uow:
        assert on_the_board(uow, school) == [100]
        claimed(uow)
        assert on_the_board(uow, school) == [100]
        uow.sessions.finish_verification([outcome(1, "mismatch", "score_differs")])
        assert on_the_board(uow, school) == [100]
        uow.rollback()
        claimed(uow)
        uow.sessions.finish_verification([outcome(1, "verified")])
        assert on_the_board(uow, school) == [900]


def test_a_session_that_could_not_be_played_again_is_not_ranked(store, school):
    with store() as uow:
        traced(uow, school, 1, score=900)
        uow.commit()
        claimed(uow)
        uow.sessions.finish_verification([outcome(1, "plausible", "no_rules", due_at=NOW)])
        assert on_the_board(uow, school) == []
        claimed(uow)
        uow.sessions.finish_verification([outcome(1, "plausible", "trace_unreadable")])
        assert on_the_board(uow, school) == []


def test_the_first_of_a_class_to_play_a_course_has_it(store, school):
    with store() as uow:
        other = uow.classes.add("4A", "Z0000").class_id
        duda = uow.students.add(other, "Duda", "dog").student_id
        on_seven = {"difficulty": 2, "seed": 7 + 2**32, "trace": []}
        add(uow, session(1, duda, metadata=on_seven))
        add(uow, session(2, school.bia, metadata=on_seven))
        add(uow, session(3, school.ana, metadata={"seed": 8}))
        uow.commit()
    with store() as uow:
        here, there = (school.class_id, "cyber_runner", "1", 7), (other, "cyber_runner", "1", 7)
        keys = {
            here,
            there,
            (school.class_id, "cyber_runner", "1", 8),
            (school.class_id, "cyber_runner", "2", 7),
            (school.class_id, "other", "1", 7),
        }
        assert uow.sessions.seed_owners(keys) == {there: UUID(int=1), here: UUID(int=2)}


def test_what_is_no_round_of_its_trace_has_neither_course_nor_inputs(store, school):
    played = session(1, school.ana, metadata={"difficulty": 2, "seed": 7, "trace": TRACE})
    with store() as uow:
        add(uow, played, verdict="mismatch")
        uow.commit()
    course = (school.class_id, "cyber_runner", "1", 7)
    with store() as uow:
        assert uow.sessions.seed_owners([course]) == {}
        assert uow.sessions.trace_owners([trace_hash(played)]) == {}


def test_the_second_of_a_class_on_a_course_is_known_whoever_stored_it(store, school):
    with store() as uow:
        other = uow.classes.add("4A", "Z0000").class_id
        duda = uow.students.add(other, "Duda", "dog").student_id
        uow.commit()
    course = {"difficulty": 2, "seed": 7, "trace": [1, 2]}
    for number, student, verdict in (
        (9, duda, "verified"),
        (8, school.ana, "mismatch"),
        (4, school.ana, "plausible"),
        (7, school.bia, "plausible"),
        (6, school.ana, "plausible"),
    ):
        version = "2" if number == 4 else "1"
        with store() as uow:
            add(
                uow,
                session(number, student, metadata=course, game_version=version),
                verdict=verdict,
            )
            uow.commit()
    with store() as uow:
        add(uow, session(5, school.ana, metadata={"seed": 7}))
        asked = [UUID(int=number) for number in range(4, 10)]
        assert uow.sessions.second_on_their_course(asked) == {UUID(int=6)}


def test_erasing_a_student_removes_its_sessions(store, school):
    with store() as uow:
        add(uow, session(1, school.ana), session(2, school.bia))
        uow.commit()
    with store() as uow:
        assert uow.students.erase(school.ana)["game_sessions"] == 1
        uow.commit()
    with store() as uow:
        assert uow.sessions.existing([UUID(int=1), UUID(int=2)]) == {UUID(int=2)}


def test_all_sessions_of_a_student_come_in_the_order_of_play(store, school):
    with store() as uow:
        add(
            uow,
            session(1, school.ana, metadata={"difficulty": 3, "trace": TRACE}),
            session(
                2,
                school.ana,
                ended=NOW - timedelta(days=1),
                metadata={"difficulty": 3, "next_difficulty": 5},
            ),
            session(3, school.bia),
        )
        uow.commit()
    with store() as uow:
        found = uow.sessions.of_student(school.ana)
        assert [one.session_id.int for one in found] == [2, 1]
        assert [one.metadata for one in found] == [
            {"difficulty": 3, "next_difficulty": 5},
            {"difficulty": 3, "next_difficulty": 3},
        ]
        assert found[1].score == 300


def test_the_result_of_a_session_names_what_it_unlocked(store, school):
    with store() as uow:
        add(uow, session(1, school.ana), verdict="approved")
        for name in ("speed_demon", "climber"):
            uow.achievements.unlock(
                UnlockedAchievement(
                    student_id=school.ana,
                    achievement_id=name,
                    unlocked_at=NOW,
                    session_id=UUID(int=1 if name == "climber" else 2),
                )
            )
        uow.commit()
    with store() as uow:
        found = uow.sessions.result(UUID(int=1))
        assert isinstance(found.stored_at, datetime)
        assert found == SessionResult(
            xp_gained=400,
            rating="good",
            verdict=Verdict.APPROVED,
            verify_reasons=(),
            stored_at=found.stored_at,
            achievements=("climber",),
        )
        assert uow.sessions.result(UUID(int=9)) is None


def test_the_ends_of_a_run_of_play_days_are_known_before_the_commit(store, school):
    def at(day: int, hour: int) -> datetime:
        return NOW.replace(day=day, hour=hour)

    def ends(first: int, last: int):
        return uow.sessions.ends_between(school.ana, at(first, 0).date(), at(last, 0).date())

    played = [(at(24, 23), 120), (at(25, 12), 0), (at(26, 1), -120), (at(28, 5), 0)]
    with store() as uow:
        for number, (ended, offset) in enumerate(played, start=1):
            add(uow, session(number, school.ana, ended=ended, utc_offset_minutes=offset))
        add(uow, session(9, school.bia, ended=at(20, 0)), session(10, school.ana, ended=None))
        assert ends(25, 25) == (at(24, 23), at(26, 1))
        assert ends(26, 27) is None
        assert ends(25, 28) == (at(24, 23), at(28, 5))
