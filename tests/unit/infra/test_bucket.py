from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from neuroplay.infra.bucket import Bucket

steps = st.lists(
    st.tuples(
        st.floats(0, 100),  # seconds that pass
        st.floats(0.1, 50),  # what is asked for
    ),
    max_size=60,
)


@given(steps, st.floats(1, 50), st.floats(0.1, 20))
def test_never_more_is_spent_than_was_there_and_came(
    asked: list[tuple[float, float]], most: float, a_second: float
) -> None:
    bucket, now, spent = Bucket(most, a_second, 0.0), 0.0, 0.0
    for seconds, cost in asked:
        now += seconds
        if not bucket.spend(now, cost):
            spent += min(cost, most)
    assert spent <= most + now * a_second + 1e-6


@given(st.floats(0.1, 200), st.floats(1, 50), st.floats(0.1, 20))
def test_after_the_wait_it_can_always_be_spent(cost: float, most: float, a_second: float) -> None:
    bucket = Bucket(most, a_second, 0.0)
    bucket.spend(0.0, most)
    wait_s = bucket.spend(0.0, cost)
    assert wait_s > 0
    assert bucket.waits(wait_s * 1.000001, cost) < 1e-6


def test_a_clock_that_goes_back_gives_nothing() -> None:
    bucket = Bucket(1, 1, 10.0)
    assert bucket.spend(10.0) == 0.0
    assert bucket.spend(5.0) == 1.0
