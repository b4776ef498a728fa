from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loadprofiles.profiles import (
    DEFAULT,
    PROFILES,
    REQUESTS_OF_A_TURN,
    Profile,
    seconds_of,
    span_text,
)

DESIGN = {
    "normal": (500, 25, 300, (0.5, 1), 500),
    "stress": (1000, 50, 600, (1, 2), 500),
    "spike": (2000, 100, 120, (1, 3), 500),
    "soak": (200, 10, 86_400, (1, 3), None),
}
each_profile = pytest.mark.parametrize("profile", PROFILES.values(), ids=list(PROFILES))


@pytest.mark.parametrize("name", DESIGN)
def test_the_profiles_are_those_of_the_design(name: str) -> None:
    one = PROFILES[name]
    assert DESIGN[name] == (
        one.users,
        one.spawn_rate,
        one.run_time_s,
        one.think_s,
        one.least_rps,
    )


def test_on_monday_two_thousand_tablets_come_back_each_with_a_backlog() -> None:
    monday = PROFILES["monday"]
    assert (monday.users, monday.backlog) == (2000, (5, 60))
    assert monday.comes_back_within_s is not None
    assert list(PROFILES) == [*DESIGN, "monday"]
    assert DEFAULT in PROFILES


@each_profile
def test_a_turn_makes_one_request_on_average(profile: Profile) -> None:
    assert set(profile.turns) == set(REQUESTS_OF_A_TURN)
    assert sum(profile.turns.values()) == pytest.approx(1)
    requests = sum(share * REQUESTS_OF_A_TURN[kind] for kind, share in profile.turns.items())
    assert requests == pytest.approx(1)


@each_profile
def test_all_students_are_there_long_before_the_end(profile: Profile) -> None:
    ramp = profile.users / profile.spawn_rate + (profile.comes_back_within_s or 0)
    assert ramp <= profile.run_time_s / 2


@each_profile
def test_the_think_time_allows_the_requests_that_are_asked_for(profile: Profile) -> None:
    mean = sum(profile.think_s) / 2
    assert profile.users / mean > (profile.least_rps or 0)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("90", 90),
        ("90s", 90),
        ("2.5s", 2.5),
        ("5m", 300),
        ("24h", 86_400),
        ("1h30m", 5400),
        ("1h30m5s", 5405),
        (" 2M ", 120),
    ],
)
def test_a_time_is_read_as_it_is_meant(text: str, seconds: float) -> None:
    assert seconds_of(text) == seconds


@pytest.mark.parametrize(
    "text",
    ["", "s", "m", "0", "0s", "0m", "-5m", "5 m", "1.5h", "1h30", "5x", "m5", "1s1m", "١m", "1e3"],
)
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"is not a duration|longer than 0 s"):
        seconds_of(text)


@given(text=st.text(max_size=8) | st.from_regex(r"\A[0-9.hms]{0,12}\Z"))
def test_whatever_is_written_is_a_time_or_refused(text: str) -> None:
    try:
        seconds = seconds_of(text)
    except ValueError:
        return
    assert 0 < seconds < 1e11


@given(seconds=st.integers(1, 10**8))
def test_a_span_as_text_is_read_back_as_the_same_time(seconds: int) -> None:
    assert seconds_of(span_text(seconds)) == seconds


@given(seconds=st.floats(0.51, 1e6))
def test_parts_of_a_second_are_rounded_in_text(seconds: float) -> None:
    assert abs(seconds_of(span_text(seconds)) - seconds) <= 0.5


def test_a_span_is_short() -> None:
    spans = (45, 300, 5400, 86_400, 3661)
    assert [span_text(n) for n in spans] == ["45s", "5m", "1h30m", "24h", "1h1m1s"]
