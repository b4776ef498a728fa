"""Each row of the table in docs/fair-play.md is tested here."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache
from itertools import permutations
from math import ceil
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from neuroplay.bootstrap import RULES
from neuroplay.core.entities.actor import Operator
from neuroplay.core.entities.game_catalogue import GAMES
from neuroplay.core.entities.game_session import performance_rating
from neuroplay.core.entities.game_versions import VERSIONS
from neuroplay.core.entities.verification import TracedRound
from neuroplay.core.rules import plausibility
from neuroplay.core.rules.neighbours import MOST_OVERLAPPING
from neuroplay.core.rules.plausibility import POINTS_MARGIN
from neuroplay.core.rules.xp import xp_for
from neuroplay.core.use_cases.recompute import Recompute
from neuroplay.core.use_cases.verify_sessions import VerifySessions
from neuroplay.infra.verifier.quickjs_ng import QuickJsVerifier
from tests.fakes.services import NOON
from tests.rounds import claims_of, true_claims
from tests.unit.core.samples import School, record

DOC = Path(__file__).parents[3] / "docs" / "fair-play.md"
HOUR, DAY, A_MONTH = timedelta(hours=1), timedelta(days=1), timedelta(days=30)
FIRST = VERSIONS["cyber_runner"]["1"]
MOST = FIRST.most_points(5, 120)
TRUE = 4
"""The number of a completed round with many inputs in tests.rounds."""


@pytest.fixture(scope="module")
def verifier() -> Iterator[QuickJsVerifier]:
    made = QuickJsVerifier(RULES)
    yield made
    made.close()


class World(School):
    """Ana and Bia, who signed in a month ago, and a verifier for their rounds."""

    def __init__(self, verifier: QuickJsVerifier) -> None:
        super().__init__()
        self.verifier = verifier
        for student in (self.ana, self.bia):
            self.signed_in(student, NOON - A_MONTH)

    def signed_in(self, student_id: int, at: datetime) -> None:
        students = self.store.tables.students
        students[student_id] = replace(students[student_id], first_sign_in_at=at)

    def true(self, number: int = TRUE) -> dict[str, Any]:
        return cached_claims(number, self.verifier)

    def becomes(self, *records: Any, **sent: Any) -> str:
        """The state of the last of these records."""
        last = self.send(*records, **sent)[-1]
        if last.status.value != "accepted":
            return f"{last.status.value}: {last.error.code}" if last.error else last.status.value
        while self.drain().more:
            pass
        item = self.items()[-1]
        if item.state.value == "held":
            return f"held: {', '.join(item.reasons)}"
        assert item.state.value == "processed", item
        verify = VerifySessions(uow=self.store, verifier=self.verifier)
        while verify.execute(50, budget_s=60).more:
            pass
        verdict = self.store.tables.sessions[item.session_id or ""].verdict
        return "ranked" if verdict in ("verified", "approved") else "counted, not ranked"


@cache
def cached_claims(number: int, verifier: QuickJsVerifier) -> dict[str, Any]:
    return true_claims(number, verifier)


def fields(claims: dict[str, Any], **metadata: Any) -> dict[str, Any]:
    """The claims with changes to their metadata."""
    return {**claims, "metadata": {**claims["metadata"], **metadata}}


def long_round(**changes: Any) -> dict[str, Any]:
    """A false claim of fifteen minutes of play."""
    return record(0, duration=900, score=22_500, accuracy=1.0, **changes)


def another_childs(world: World, **metadata: Any) -> str:
    world.becomes(record(0, **world.true()))
    return world.becomes(record(5, **fields(world.true(), **metadata)), student=world.bia)


def with_an_idle_key(world: World) -> str:
    first, *rest = world.true()["metadata"]["trace"]
    return another_childs(world, trace=[first, *rest, 7000, 1])


def again_and_again(world: World, trace: list[int]) -> str:
    played = TracedRound(
        game_type="cyber_runner", game_version="1", seed=11, difficulty=3, trace=trace
    )
    claims = claims_of(played, world.verifier)
    assert world.becomes(record(0, **claims)) == "ranked"
    return world.becomes(record(1, **claims))


def back_dated(world: World) -> str:
    world.signed_in(world.ana, NOON)
    rounds = [
        record(n, ended=NOON - n * timedelta(seconds=130), score=400, metadata={"difficulty": 5})
        for n in range(2000)
    ]
    found = world.becomes(*rounds)
    assert world.student().progress.sessions * 130 <= DAY.total_seconds() + 130
    assert world.student().progress.played_s <= DAY.total_seconds()
    return found


def without_time(world: World) -> str:
    world.signed_in(world.ana, NOON)
    moments = [{"started_at": "2026-11-25T11:00:00Z", "ended_at": "2026-11-25T11:00:00Z"}]
    quick = {"duration": 9, "score": 20, "metadata": {"difficulty": 5}, **moments[0]}
    found = world.becomes(*(record(n, **quick) for n in range(800)))
    assert world.student().progress.sessions == DAY.total_seconds() // 120
    return found


def half_a_round(world: World) -> str:
    found = world.becomes(record(0, duration=60, score=100))
    assert world.student().progress.played_s == 120, "it takes the time of a whole round"
    return found


def in_the_future(world: World) -> str:
    ends = NOON + timedelta(days=4)
    found = world.becomes(record(0, ended=ends, **world.true()), sent_at=NOON)
    (row,) = world.store.tables.sessions.values()
    assert row.session.ended_at == NOON
    return found


def taken_before(world: World, **forged: Any) -> str:
    """Bia's honest round, on a course and with inputs that Ana falsely claimed before."""
    assert world.becomes(record(0, **{**world.true(), **forged})) == "counted, not ranked"
    return world.becomes(record(5, **world.true()), student=world.bia)


def of_days_to_come(world: World) -> str:
    """A tablet in 2099 sends a session of 2036. It cannot be shifted: that would be 1963."""
    begin, sent_at = NOON.replace(year=2036), NOON.replace(year=2099)
    rounds = [record(n, ended=begin + n * DAY) for n in range(30)]
    found = world.becomes(*rounds, record(30, ended=begin, **world.true()), sent_at=sent_at)
    assert not world.student().progress.sessions
    return found


def hundreds_within_hours(world: World) -> str:
    claims = {"score": 0, "accuracy": 0, "duration": 1, "completed": False, "metadata": {}}
    began = iso(NOON - 5 * HOUR)
    found = world.becomes(
        *(
            record(n, ended=NOON - n * timedelta(seconds=2), **claims, started_at=began)
            for n in range(400)
        )
    )
    assert world.student().progress.sessions == MOST_OVERLAPPING + 1
    return found


def in_three_time_zones(world: World) -> str:
    rounds = [
        record(n, ended=NOON - n * 3 * timedelta(minutes=1), utc_offset_minutes=840 * (n - 1))
        for n in range(3)
    ]
    found = world.becomes(*rounds)
    assert len(world.student().progress.play_days) == 3
    assert [*world.student().progress.achievements] == []
    return found


def conflicting(world: World) -> str:
    world.becomes(record(0))
    return world.becomes(record(0, score=420))


def best_of_many_courses(world: World) -> str:
    claims = [world.true(number) for number in range(TRUE, TRUE + 40) if number != 33]
    best = max(claims, key=lambda one: one["score"])
    assert best["score"] <= MOST
    return world.becomes(record(0, **best))


def not_playable_yet(world: World) -> str:
    runner = replace(GAMES["cyber_runner"], playable=False)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(plausibility, "GAMES", {**GAMES, "cyber_runner": runner})
        return world.becomes(record(0))


def nested(depth: int) -> Any:
    return [nested(depth - 1)] if depth else 0


FAST = {"reaction_times_ms": [40, 60, 50] * 10}

TRICKS: dict[str, Callable[[World], str]] = {
    "22,500 points in fifteen minutes, without a trace": lambda w: w.becomes(
        long_round(metadata={"difficulty": 1})
    ),
    "the same with an unknown rules version": lambda w: w.becomes(
        long_round(game_version="2", metadata={"difficulty": 5, "seed": 1, "trace": [*range(12)]})
    ),
    "the same with the seed 1.5": lambda w: w.becomes(
        long_round(metadata={"difficulty": 5, "seed": 1.5, "trace": [*range(12)]})
    ),
    "possible points, without a trace": lambda w: w.becomes(record(0)),
    "a real round with an unknown rules version": lambda w: w.becomes(
        record(0, **{**w.true(), "game_version": "2"})
    ),
    "a real round with the version `1` and a space": lambda w: w.becomes(
        record(0, **{**w.true(), "game_version": "1 "})
    ),
    "a real round with the seed 1.5": lambda w: w.becomes(record(0, **fields(w.true(), seed=1.5))),
    "a trace without a seed": lambda w: w.becomes(record(0, metadata={"trace": [1, 2]})),
    "a trace of strings": lambda w: w.becomes(record(0, **fields(w.true(), trace=["1", "2"]))),
    "inputs that the game does not have": lambda w: w.becomes(
        record(0, **fields(w.true(), trace=[60, 16]))
    ),
    "inputs before those before them": lambda w: w.becomes(
        record(0, **fields(w.true(), trace=[60, 1, -30, 2]))
    ),
    "half an input": lambda w: w.becomes(record(0, **fields(w.true(), trace=[60, 1, 30]))),
    "a level that the game does not have": lambda w: w.becomes(
        record(0, **fields(w.true(), difficulty=6))
    ),
    "one point more than the trace gives": lambda w: w.becomes(
        record(0, **{**w.true(), "score": w.true()["score"] + 1})
    ),
    "an abandoned round reported as completed": lambda w: w.becomes(
        record(
            0,
            **fields(w.true(), trace=[4000, 8]),
        )
    ),
    "more points than possible, with no difficulty stated": lambda w: w.becomes(
        record(0, score=round(MOST * 1.05) + 1, metadata={})
    ),
    "more points than the difficulty allows": lambda w: w.becomes(
        record(0, score=540, metadata={"difficulty": 1})
    ),
    "a game that cannot be played yet": not_playable_yet,
    "a game that does not exist": lambda w: w.becomes(record(0, game_type="free_xp")),
    "another child's trace": another_childs,
    "another child's trace with one extra key press": with_an_idle_key,
    "another child's course, as its seed plus 2^32": lambda w: another_childs(
        w, seed=w.true()["metadata"]["seed"] + 2**32
    ),
    "another child's course, played differently": lambda w: another_childs(w, trace=[300, 1]),
    "a real round whose course a forged one used before": lambda w: taken_before(
        w, score=w.true()["score"] - 1
    ),
    "a real round whose course an unknown rules version used before": lambda w: taken_before(
        w, game_version="2"
    ),
    "a short trace, repeatedly": lambda w: again_and_again(w, [20, 1, 20, 2, 21, 8]),
    "an empty trace, repeatedly": lambda w: again_and_again(w, []),
    "2,000 rounds, one after another in the past": back_dated,
    "a round in 1990": lambda w: w.becomes(record(0, ended=NOON.replace(year=1990))),
    "a round two days before the first sign-in": lambda w: w.becomes(
        record(0, ended=NOON - A_MONTH - 2 * DAY)
    ),
    "rounds that take no time": without_time,
    "two rounds at the same time": lambda w: w.becomes(
        record(0, ended=NOON), record(1, ended=NOON)
    ),
    "hundreds of one-second rounds, each paused for hours": hundreds_within_hours,
    "a round next week, for that week's leaderboard": in_the_future,
    "a round in 2036, from a tablet in 2099": of_days_to_come,
    "three play days within ten minutes, by three time zones": in_three_time_zones,
    "a whole round in one second": lambda w: w.becomes(record(0, duration=1, score=0)),
    "a whole round in one minute": half_a_round,
    "correct answers before the first question": lambda w: w.becomes(
        record(0, duration=0, score=0, accuracy=1.0, completed=False)
    ),
    "a round of an hour": lambda w: w.becomes(record(0, duration=3600, score=400)),
    "ten minutes of play in two minutes": lambda w: w.becomes(
        {**record(0, duration=600), "started_at": "2026-11-24T11:58:00Z"}
    ),
    "inhumanly fast answers, without a trace": lambda w: w.becomes(record(0, metadata=FAST)),
    "inhumanly fast answers, with any trace": lambda w: w.becomes(
        record(0, metadata={"difficulty": 2, "seed": 3, "trace": [1, 1], **FAST})
    ),
    "a negative score": lambda w: w.becomes(record(0, score=-5)),
    "a million points": lambda w: w.becomes(record(0, score=1_000_000)),
    "10^400 milliseconds": lambda w: w.becomes(
        record(0, metadata={"reaction_times_ms": [10**400] + [300.5] * 25})
    ),
    "NaN": lambda w: w.becomes(record(0, metadata={"x": float("nan")})),
    "a boolean as a number": lambda w: w.becomes(record(0, score=True)),
    "deeply nested lists": lambda w: w.becomes(record(0, metadata={"x": nested(60)})),
    "a counted session, sent again with more points": conflicting,
    "a real round whose id another child's session used before": lambda w: (
        w.becomes(record(0)) and w.becomes(record(0, **w.true()), student=w.bia)
    ),
    "a real round whose answers look inhumanly fast": lambda w: w.becomes(
        record(0, **fields(w.true(), **FAST))
    ),
    "a program that plays real rounds": lambda w: w.becomes(record(0, **w.true())),
    "a program that plays many courses and sends the best": best_of_many_courses,
}


def rows_of_the_document() -> dict[str, str]:
    table = DOC.read_text(encoding="utf-8").partition("|---|---|\n")[2]
    rows = re.findall(r"^\| (.+?) \| (.+?) \|$", table, re.MULTILINE)
    return {trick: outcome.replace("`", "") for trick, outcome in rows}


def test_the_document_tells_of_each_trick_and_of_no_other() -> None:
    assert list(rows_of_the_document()) == list(TRICKS)
    assert len(TRICKS) >= 25


@pytest.mark.parametrize("trick", TRICKS)
def test_a_trick_becomes_what_the_document_says(trick: str, verifier: QuickJsVerifier) -> None:
    assert TRICKS[trick](World(verifier)) == rows_of_the_document()[trick]


def test_nothing_that_a_trick_sends_is_on_the_board_but_what_was_verified() -> None:
    ranked = [trick for trick, outcome in rows_of_the_document().items() if outcome == "ranked"]
    assert all("real round" in one or "program" in one or "next week" in one for one in ranked)


rounds = st.lists(
    st.tuples(
        st.integers(30, 20_000),  # seconds until the next round
        st.integers(1, 5),
        st.floats(0, 1),
        st.sampled_from([120.0, 120.0, 120.0, 45.5, 3.3, 0.4]),
        st.booleans(),
    ),
    max_size=60,
)


@settings(max_examples=60, deadline=None)
@given(
    played=rounds,
    wrong_by_s=st.integers(-400 * 86_400, 400 * 86_400),
    batch=st.integers(1, 50),
    clocks=st.integers(-40, 40),
    as_file=st.booleans(),
)
def test_a_month_offline_on_two_tablets_is_taken_whatever_their_clocks_say(
    played: list[Any], wrong_by_s: int, batch: int, clocks: int, as_file: bool
) -> None:
    school = School()
    begin = NOON - A_MONTH
    school.store.tables.students[school.ana] = replace(school.student(), first_sign_in_at=begin)
    wrong = timedelta(seconds=0 if as_file else wrong_by_s)
    tablets: list[list[dict[str, Any]]] = [[], []]
    now = begin
    for number, (pause, level, well, duration, paused) in enumerate(played):
        now += timedelta(seconds=pause + duration)
        if now > NOON:
            break
        most = FIRST.most_points(level, duration)
        which = number % 2
        # The second tablet's clock differs by some seconds.
        ended = now + wrong + timedelta(seconds=clocks * which if not as_file else 0)
        tablets[which].append(
            record(
                number,
                ended=ended,
                duration=duration,
                score=int(most * well),
                accuracy=round(well, 4) if most else 0,
                completed=duration == 120.0,
                metadata={"difficulty": level, "seed": number * 7919, "trace": []},
                **({"started_at": iso(ended - timedelta(seconds=duration + 5))} if paused else {}),
            )
        )
    for which, outbox in enumerate(tablets):
        sent_at = None if as_file else NOON + wrong + timedelta(seconds=clocks * which)
        for first in range(0, len(outbox), batch):
            receipts = school.send(*outbox[first : first + batch], sent_at=sent_at)
            assert {one.status.value for one in receipts} <= {"accepted"}
    while school.drain(17).more:
        pass
    assert {*school.states()} <= {"processed"}, [item.reasons for item in school.items()]


@settings(max_examples=60, deadline=None)
@given(
    offsets=st.lists(st.integers(-12 * 4, 14 * 4), min_size=1, max_size=2),
    minutes=st.lists(st.integers(0, 24 * 60 - 1), min_size=7, max_size=7),
    arrival=st.permutations(range(7)),
)
def test_days_that_were_lived_make_a_streak_wherever_and_however_they_arrive(
    offsets: list[int], minutes: list[int], arrival: list[int]
) -> None:
    """The child stays in one time zone, or flies across at most 12 hours of zones and back, without
    losing a whole day."""
    home, away = 15 * offsets[0], 15 * offsets[-1]
    away = max(min(away, home + 12 * 60), home - 12 * 60)
    midnight = NOON - 20 * DAY - NOON.hour * HOUR
    rounds = []
    for day, minute in enumerate(minutes):
        offset = home if day < 3 else away
        ended = midnight + day * DAY + timedelta(minutes=minute - offset)
        rounds.append(record(day, ended=ended, utc_offset_minutes=offset))
    school = School()
    for number in arrival:
        school.process({**rounds[number], "student_id": school.ana})
    assert {"streak_3", "streak_7"} <= {*school.student().progress.achievements}
    recompute = Recompute(uow=school.store, clock=school.clock)
    assert recompute.execute(school.ana, correct=False) == []


def test_days_of_time_zones_count_once_time_has_passed_in_whatever_order_they_arrive() -> None:
    """Three days within ten minutes make no streak, unless there is a round on the next day."""
    minutes = timedelta(minutes=3)
    rounds = [
        record(n, ended=NOON - n * minutes, utc_offset_minutes=840 * (n - 1)) for n in range(3)
    ]
    rounds.append(record(3, ended=NOON + 13 * HOUR, utc_offset_minutes=0))
    for order in permutations(rounds):
        school = School()
        for number, one in enumerate(order):
            assert "streak_3" not in school.student().progress.achievements or number == 3
            school.process({**one, "student_id": school.ana})
        assert "streak_3" in school.student().progress.achievements
        recompute = Recompute(uow=school.store, clock=school.clock)
        assert recompute.execute(school.ana, correct=False) == []


def iso(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


def test_a_child_may_play_all_day_from_the_first_sign_in_on() -> None:
    school = School()
    school.store.tables.students[school.ana] = replace(school.student(), first_sign_in_at=NOON)
    for number in range(200):
        school.clock.forward(130)
        school.send(record(number, ended=school.clock()))
        school.drain()
    assert {*school.states()} == {"processed"}


@pytest.mark.parametrize("days_ahead", [1, 400])
def test_nobody_waits_whose_first_sign_in_a_clock_ahead_wrote_down(
    days_ahead: int, verifier: QuickJsVerifier
) -> None:
    world = World(verifier)
    world.signed_in(world.ana, NOON + days_ahead * DAY)
    assert world.becomes(record(0, ended=NOON - 2 * DAY, **world.true())) == "ranked"


def test_rounds_after_a_clock_was_set_right_wait_where_those_before_come_with_them() -> None:
    school = School()
    school.store.tables.students[school.ana] = replace(
        school.student(), first_sign_in_at=NOON - A_MONTH
    )
    three_minutes = timedelta(minutes=3)
    ahead = [record(n, ended=NOON + DAY - (19 - n) * three_minutes) for n in range(10)]
    right = [record(n, ended=NOON - (19 - n) * three_minutes) for n in range(14, 19)]
    school.send(*ahead, *right, sent_at=NOON)
    school.drain()
    assert school.states() == ["processed"] * 10 + ["held"] * 5
    assert {item.reasons for item in school.items()[10:]} == {("overlapping_play",)}


def test_a_held_round_counts_when_an_adult_approves_it(verifier: QuickJsVerifier) -> None:
    from neuroplay.core.entities.replayed import Fate
    from neuroplay.core.use_cases.replay_sync import ReplaySync

    world = World(verifier)
    assert world.becomes(record(0, ended=NOON.replace(year=1990))).startswith("held")
    replay = ReplaySync(uow=world.store, clock=world.clock, release="x")
    (told,) = replay.approve([1], by=Operator("t"), reason="the tablet's battery was flat")
    assert told.fate is Fate.APPLIED
    assert world.student().progress.sessions == 1
    (row,) = world.store.tables.sessions.values()
    assert row.verdict == "approved"


def test_forged_rounds_bring_little_more_xp_a_second_than_perfect_play() -> None:
    """The limits in docs/fair-play.md."""

    def xp(points: int, *, completed: bool) -> int:
        accuracy = 1.0 if points else 0.0  # without points there was nothing to answer
        rating = performance_rating(accuracy, completed=completed)
        return xp_for(points, completed=completed, rating=rating)

    for game, versions in VERSIONS.items():
        for version, one in versions.items():
            levels, whole = range(one.levels.lowest, one.levels.highest + 1), one.round_s
            honest = max(xp(one.most_points(n, whole), completed=True) for n in levels) / whole
            forged = max(
                xp(int(one.most_points(n, tenths / 10) * POINTS_MARGIN), completed=False)
                / ceil(tenths / 10)
                for n in levels
                for tenths in range(1, whole * 10)
            )
            first = (game, version) == ("cyber_runner", "1")
            assert forged < (1.16 if first else 2) * honest
            assert forged > honest or not first
