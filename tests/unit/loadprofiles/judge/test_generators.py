from __future__ import annotations

import pytest

from loadprofiles.judge.generators import unequal
from loadprofiles.record.recorder import Histogram


def times(ms: float, count: int = 100) -> Histogram:
    return Histogram({ms: count}, ms * count)


@pytest.mark.parametrize(
    "steady",
    [
        {},
        {"one": times(900)},
        {"one": times(10), "two": times(55)},
        {"one": times(200), "two": times(590)},
        {"one": times(10), "two": times(10, 51)},
        {"one": times(10, 19), "two": times(900, 3)},
    ],
)
def test_generators_that_see_the_same_server_are_equal(steady: dict[str, Histogram]) -> None:
    assert unequal(steady) == []


def test_the_one_with_a_slow_link_is_named_however_the_others_are() -> None:
    (reason,) = unequal({"one": times(20), "two": times(400), "three": times(22)})
    assert reason == (
        "the load generator on two has a slow link or machine: half of its responses took over "
        "400 ms, elsewhere 20 ms"
    )


def test_so_is_one_that_hardly_gets_a_request_through() -> None:
    (reason,) = unequal({"one": times(20), "two": times(20_000, 3)})
    assert reason.endswith("two has a slow link or machine: it made 3 requests, another 100")
