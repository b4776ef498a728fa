from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loadprofiles.judge.speed import UNKNOWN, Speed, offered_rps
from loadprofiles.judge.verdict import (
    GENERATOR_CPU,
    JUDGED,
    LATE_MEAN_MS,
    LATE_P99_MS,
    LEAST_REQUESTS,
    LONGEST_UNSEEN_S,
    Threshold,
    Verdict,
    generator_faults,
    judge,
    thresholds_of,
)
from loadprofiles.profiles import PROFILES, Profile
from loadprofiles.record.recorder import Notes

SPIKE, SOAK, MONDAY = (PROFILES[name] for name in ("spike", "soak", "monday"))
GOOD: dict[str, Any] = {
    "steady_requests": 100_000,
    "rps": 980.0,
    "failure_rate": 0.0,
    "avg_ms": 8.0,
    "p95_ms": 21.0,
    "p99_ms": 70.0,
    "cpu": 0.5,
    "memory": 0.3,
    "queue": 120.0,
    "drained_s": 12.0,
    "undelivered": 0,
    "lost": 0,
    "counted_twice": 0,
    "unseen_s": 2.0,
}
SEED = {
    "rps": (500, "above"),
    "failure_rate": (0.01, "below"),
    "avg_ms": (100, "below"),
    "p95_ms": (500, "below"),
    "p99_ms": (1000, "below"),
    "cpu": (0.8, "below"),
    "memory": (0.8, "below"),
    "queue": (1000, "below"),
}
PROFILE = st.sampled_from(list(PROFILES.values()))
KIND = st.sampled_from(list(JUDGED))
VALUE = st.none() | st.floats() | st.integers(-3, 2000)
FIGURES = st.dictionaries(st.sampled_from(list(GOOD)), VALUE)
REASONS = st.lists(st.text(min_size=1, max_size=9), max_size=2)


def on(profile: Profile = SPIKE, /, *, judged: Any = "all", **figures: Any) -> Verdict:
    return judge(profile, profile.users, {**GOOD, **figures}, judged=judged)


def judged_names(profile: Profile, judged: str) -> set[str]:
    limits = thresholds_of(profile, profile.users)
    return {one.name for one in limits if one.kind in JUDGED[judged]}


@pytest.mark.parametrize("profile", PROFILES.values(), ids=list(PROFILES))
def test_a_run_that_keeps_every_threshold_passes(profile: Profile) -> None:
    found = on(profile)
    assert (found.verdict, found.reasons) == ("pass", ())
    assert {row.status for row in found.thresholds} == {"ok"}


@pytest.mark.parametrize("name", ["normal", "stress", "spike"])
def test_every_threshold_of_the_seed_is_there(name: str) -> None:
    limits = {one.name: one for one in thresholds_of(PROFILES[name], PROFILES[name].users)}
    assert {key: (limits[key].limit, limits[key].sense) for key in SEED} == SEED
    assert {limits[key].limit for key in ("lost", "counted_twice")} == {0}


def test_soak_asks_for_no_rate_and_monday_for_a_drained_queue() -> None:
    assert judged_names(SOAK, "all") == {*SEED, "lost", "counted_twice"} - {"rps"}
    assert judged_names(MONDAY, "all") == (
        {*SEED, "lost", "counted_twice", "drained_s", "undelivered"} - {"rps", "queue"}
    )


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("rps", 500.0, "rps is 500/s, not above 500/s"),
        ("failure_rate", 0.01, "failure_rate is 0.01, not below 0.01"),
        ("avg_ms", 100.0, "avg_ms is 100 ms, not below 100 ms"),
        ("p95_ms", 500.0, "p95_ms is 500 ms, not below 500 ms"),
        ("p99_ms", 1000.0, "p99_ms is 1000 ms, not below 1000 ms"),
        ("cpu", 0.8, "cpu is 0.8, not below 0.8"),
        ("memory", 0.8, "memory is 0.8, not below 0.8"),
        ("queue", 1000.0, "queue is 1000, not below 1000"),
        ("lost", 1, "lost is 1, more than 0"),
        ("counted_twice", 1, "counted_twice is 1, more than 0"),
    ],
)
def test_a_threshold_that_is_just_reached_fails(name: str, value: float, reason: str) -> None:
    found = on(**{name: value})
    assert (found.verdict, found.reasons) == ("fail", (reason,))


@pytest.mark.parametrize(
    ("name", "value"), [("drained_s", 60.1), ("undelivered", 1), ("drained_s", None)]
)
def test_monday_fails_where_the_backlog_is_not_worked_off(name: str, value: float | None) -> None:
    assert on(MONDAY, **{name: value}).verdict == "fail"
    assert on(MONDAY, drained_s=60.0).verdict == "pass"


@given(profile=PROFILE, judged=KIND, figures=FIGURES, data=st.data())
def test_a_threshold_without_a_value_never_passes(
    profile: Profile, judged: str, figures: dict[str, Any], data: st.DataObject
) -> None:
    name = data.draw(st.sampled_from(sorted(judged_names(profile, judged))))
    nothing = data.draw(st.sampled_from([None, math.nan, math.inf, -math.inf, -1.0]))
    found = on(profile, judged=judged, **{**figures, name: nothing})
    assert found.verdict == "fail"
    assert any(reason.startswith(name) for reason in found.reasons)


@given(profile=PROFILE, judged=KIND)
def test_nothing_seen_at_all_never_passes(profile: Profile, judged: str) -> None:
    found = judge(profile, profile.users, {}, judged=judged)
    assert found.verdict == "fail"
    assert len(found.reasons) == len(judged_names(profile, judged))


@given(
    profile=PROFILE,
    judged=KIND,
    figures=FIGURES,
    void=REASONS,
    notes=REASONS,
    broken=st.sampled_from(["lost", "counted_twice"]),
    times=st.integers(1, 10**9),
)
def test_a_lost_or_doubled_session_is_never_passed_and_never_void(
    profile: Profile,
    judged: str,
    figures: dict[str, Any],
    void: list[str],
    notes: list[str],
    broken: str,
    times: int,
) -> None:
    found = judge(
        profile,
        profile.users,
        {**GOOD, **figures, broken: times},
        judged=judged,
        void=void,
        notes=notes,
    )
    assert found.verdict == "fail"
    assert any(reason.startswith(f"{broken} is") for reason in found.reasons)
    assert set(void) <= set(found.reasons)


@given(profile=PROFILE, judged=KIND, figures=FIGURES, void=REASONS, notes=REASONS)
def test_a_reason_is_never_passed_over_and_a_pass_never_has_one(
    profile: Profile, judged: str, figures: dict[str, Any], void: list[str], notes: list[str]
) -> None:
    seen = {**GOOD, **figures}
    found = judge(profile, profile.users, seen, judged=judged, void=void, notes=notes)
    assert (found.verdict == "pass") == (not found.reasons)
    assert {*void, *notes} <= set(found.reasons)
    if void and found.verdict == "void":
        assert found.reasons[: len(void)] == tuple(void)
    failing = [row for row in found.thresholds if row.status == "fail"]
    assert {row.reason for row in failing} <= set(found.reasons)


def test_a_generator_at_its_limit_makes_the_run_void_with_every_reason() -> None:
    found = judge(SPIKE, 2000, {**GOOD, "p99_ms": 4000.0}, void=["it was saturated"])
    assert found.verdict == "void"
    assert found.reasons == ("it was saturated", "p99_ms is 4000 ms, not below 1000 ms")


def test_what_is_not_judged_is_shown_and_decides_nothing() -> None:
    slow = {"p99_ms": 9000.0, "cpu": None, "unseen_s": 90.0, "steady_requests": 3}
    found = on(judged="failures", **slow)
    assert found.verdict == "pass"
    assert {row.threshold.name: row.status for row in found.thresholds} == {
        **dict.fromkeys(SEED, "not judged"),
        **dict.fromkeys(("failure_rate", "lost", "counted_twice"), "ok"),
    }
    assert on(judged="ledger", failure_rate=0.4).verdict == "pass"
    assert on(judged="failures", failure_rate=0.4).verdict == "fail"


@given(
    profile=PROFILE,
    share=st.floats(0.02, 0.5),
    slow_ms=st.floats(1000, 20_000),
    many=st.integers(200, 900),
)
def test_a_slow_tail_of_two_in_a_hundred_fails_by_its_p99(
    profile: Profile, share: float, slow_ms: float, many: int
) -> None:
    notes = Notes()
    slow = math.ceil(many * share)
    for number in range(many):
        notes.request("GET /", slow_ms if number < slow else 3.0, None, steady=True)
    found = on(
        profile,
        steady_requests=many,
        p95_ms=notes.steady.percentile(0.95),
        p99_ms=notes.steady.percentile(0.99),
    )
    assert found.verdict == "fail"
    assert any(reason.startswith("p99_ms is") for reason in found.reasons)


@given(name=st.sampled_from(list(LEAST_REQUESTS)), data=st.data())
def test_a_percentile_of_too_few_requests_never_passes(name: str, data: st.DataObject) -> None:
    seen = data.draw(st.integers(0, LEAST_REQUESTS[name] - 1))
    found = on(steady_requests=seen)
    assert found.verdict == "fail"
    assert any(f"{LEAST_REQUESTS[name]} requests" in reason for reason in found.reasons)
    assert on(steady_requests=max(LEAST_REQUESTS.values())).verdict == "pass"


def test_a_server_that_told_nothing_of_itself_for_long_fails() -> None:
    assert on(unseen_s=LONGEST_UNSEEN_S).verdict == "pass"
    [reason] = on(unseen_s=LONGEST_UNSEEN_S + 1).reasons
    assert "told nothing of its CPU" in reason


@given(users=st.integers(1, 10_000))
def test_fewer_students_owe_fewer_requests_and_more_owe_no_more(users: int) -> None:
    rps = thresholds_of(SPIKE, users)[0]
    assert rps.limit == pytest.approx(500 * min(users / 2000, 1))
    assert bool(rps.note) == (users < 2000)


@given(
    sense=st.sampled_from(["below", "above", "at_most"]),
    limit=st.floats(0, 1e6),
    value=st.floats(0, 1e6),
)
def test_a_limit_is_kept_on_its_own_side(sense: Any, limit: float, value: float) -> None:
    kept = Threshold(name="x", kind="time", sense=sense, limit=limit).kept(value)
    assert (
        kept == {"below": value < limit, "above": value > limit, "at_most": value <= limit}[sense]
    )


@pytest.mark.parametrize(
    ("name", "value", "status"),
    [
        ("p99_ms", 800.0, "ok"),
        ("p99_ms", 801.0, "warn"),
        ("rps", 624.0, "warn"),
        ("rps", 626.0, "ok"),
        ("lost", 0, "ok"),
    ],
)
def test_a_value_near_its_limit_warns_and_passes(name: str, value: float, status: str) -> None:
    found = on(**{name: value})
    assert found.verdict == "pass"
    assert {row.threshold.name: row.status for row in found.thresholds}[name] == status


def test_an_idle_generator_in_time_has_no_faults() -> None:
    assert generator_faults(0.5, 0.0, 2.0, 20.0) == []
    assert generator_faults(None, 0.0, None, None) == []


@given(
    busiest=st.floats(0, 1.2), looks=st.floats(0, 1), mean=st.floats(0, 500), p99=st.floats(0, 900)
)
def test_a_generator_beyond_its_limits_is_always_told(
    busiest: float, looks: float, mean: float, p99: float
) -> None:
    faults = generator_faults(busiest, looks, mean, p99)
    saturated = busiest > GENERATOR_CPU or looks > 0.1
    late = mean > LATE_MEAN_MS or p99 > LATE_P99_MS
    assert [any(word in fault for fault in faults) for word in ("saturated", "behind")] == [
        saturated,
        late,
    ]
    assert len(faults) == saturated + late


@pytest.mark.parametrize("told", [(None, 1.0, 2.0), (0.5, None, None), (0.5, 1.0, None)])
def test_a_generator_that_tells_only_some_of_it_is_not_believed(
    told: tuple[float | None, float | None, float | None],
) -> None:
    [fault] = generator_faults(told[0], 0.0, told[1], told[2])
    assert "did not report" in fault


def test_a_late_generator_beside_the_server_is_told_where_to_go() -> None:
    for beside in (False, True):
        [fault] = generator_faults(0.5, 0.0, 100.0, 600.0, beside=beside)
        assert ("--host" in fault) == beside


def test_a_void_run_on_a_machine_that_is_too_slow_says_so_too() -> None:
    found = judge(SPIKE, 2000, GOOD, void=["it was late"], speed=SLOW)
    assert found.verdict == "void"
    assert found.reasons[0] == "it was late"
    assert "the machine is too slow for this profile" in found.reasons[1]
    assert judge(SPIKE, 2000, GOOD, void=["it was late"], speed=FAST).reasons == ("it was late",)


SLOW = Speed(calibrated_s=2.0, bare_rps=1500.0, processors=2.0)
FAST = Speed(calibrated_s=2.0, bare_rps=5000.0, processors=4.0)
REFUSING: dict[str, Any] = {
    **GOOD,
    "rps": 600.0,
    "answered_rps": 400.0,
    "avg_ms": 180.0,
    "p95_ms": 510.0,
    "p99_ms": 700.0,
    "cpu": 0.98,
    "queue": 1500.0,
    "failure_rate": 0.33,
    "failed_otherwise_rate": 0.002,
    "refused_rate": 0.33,
    "refused_p99_ms": 420.0,
}
"""What a server answers of more than it can, as it should."""


def of(figures: dict[str, Any], speed: Speed, **changes: Any) -> Verdict:
    return judge(SPIKE, SPIKE.users, {**REFUSING, **figures}, speed=speed, **changes)


def test_a_slow_machine_that_refuses_in_time_is_graceful() -> None:
    found = of({}, SLOW)
    assert found.verdict == "graceful"
    assert found.reasons[0].startswith("the machine is too slow for this profile")
    assert any(reason.startswith("failure_rate") for reason in found.reasons)


def test_a_slow_machine_that_answers_all_though_slowly_is_graceful() -> None:
    none = {"refused_rate": 0.0, "refused_p99_ms": None, "failure_rate": 0.0}
    assert of(none, SLOW).verdict == "graceful"


@pytest.mark.parametrize(
    ("speed", "reason"),
    [
        (FAST, "NeuroPlay is slow on a machine that is fast enough"),
        (UNKNOWN, "whether the machine or NeuroPlay is too slow was not measured"),
        (replace(FAST, bare_rps=None), "whether the machine or NeuroPlay is too slow"),
    ],
)
def test_on_another_machine_the_same_fails(speed: Speed, reason: str) -> None:
    found = of({}, speed)
    assert found.verdict == "fail"
    assert found.reasons[0].startswith(reason)


@pytest.mark.parametrize(
    "figures",
    [
        {"lost": 1},
        {"lost": None},
        {"counted_twice": 1},
        {"memory": 0.9},
        {"p99_ms": 1200.0},
        {"refused_p99_ms": 1200.0},
        {"failed_otherwise_rate": 0.02},
        {"failed_otherwise_rate": None},
    ],
)
def test_a_slow_machine_excuses_only_what_it_causes(figures: dict[str, Any]) -> None:
    found = of(figures, SLOW)
    assert found.verdict == "fail"
    assert not any("too slow" in reason for reason in found.reasons)


def test_times_that_are_not_judged_do_not_count() -> None:
    found = of({"p99_ms": 1200.0, "refused_p99_ms": 1200.0}, SLOW, judged="failures")
    assert found.verdict == "graceful"
    assert found.reasons[0].endswith("refused 33%, and lost nothing")
    assert of({"lost": 1}, SLOW, judged="failures").verdict == "fail"


def test_a_slow_machine_excuses_no_fault_and_no_bad_measurement() -> None:
    assert of({}, SLOW, notes=["a session was refused"]).verdict == "fail"
    assert of({}, SLOW, void=["it was late"]).verdict == "void"


def test_less_than_two_processors_are_their_share_of_a_machine() -> None:
    assert replace(FAST, processors=1.2).of_two_processors == pytest.approx(3000)
    assert FAST.of_two_processors == 5000
    assert of({}, replace(FAST, processors=1.2)).verdict == "graceful"


@pytest.mark.parametrize(
    ("name", "users", "rps"), [("spike", 2000, 1000), ("spike", 500, 250), ("monday", 2000, 400)]
)
def test_what_students_ask_follows_from_their_number(name: str, users: int, rps: float) -> None:
    assert offered_rps(PROFILES[name], users) == rps


@given(FIGURES, st.sampled_from([SLOW, FAST, UNKNOWN]), KIND, REASONS, REASONS)
def test_graceful_never_hides_a_lost_game_or_a_late_answer(
    figures: dict[str, Any], speed: Speed, judged: str, void: list[str], notes: list[str]
) -> None:
    seen = {**REFUSING, **figures}
    found = judge(SPIKE, 2000, seen, judged=judged, speed=speed, void=void, notes=notes)
    if found.verdict == "graceful":
        assert speed is SLOW
        assert not void
        assert not notes
        assert (seen["lost"], seen["counted_twice"]) == (0, 0)
        assert judged == "failures" or seen["p99_ms"] <= 1000
