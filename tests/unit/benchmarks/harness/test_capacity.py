"""The model of capacity: properties that hold for any costs and hosts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.harness.capacity import Costs, Tier, predicted

COSTS = Costs(
    cpu_s={"api": 0.0005, "postgres": 0.0002, "worker": 0.0001, "redis": 0.0}, log_bytes=2_000
)
ALL = ("api", "postgres", "worker", "redis")

seconds = st.floats(1e-6, 0.1)
costs = st.builds(
    lambda api, postgres, worker: Costs(
        cpu_s={"api": api, "postgres": postgres, "worker": worker}, log_bytes=2_000
    ),
    seconds,
    seconds,
    seconds,
)


def one_host(cores: int) -> list[Tier]:
    return [Tier(name="host", programs=ALL, cores=cores)]


def two_tiers(cores: int, hosts: int) -> list[Tier]:
    return [
        Tier(name="data", programs=("postgres", "worker", "redis"), cores=cores),
        Tier(name="api", programs=("api",), cores=cores, hosts=hosts),
    ]


def test_a_host_answers_what_its_cores_have_time_for() -> None:
    found = predicted(COSTS, one_host(2))
    assert found.per_second == pytest.approx(2 * 0.8 / 0.0008)
    assert (found.limit, found.api_processes) == ("host", 2)


def test_the_tier_that_is_exhausted_first_decides() -> None:
    few = predicted(COSTS, two_tiers(cores=4, hosts=1))
    many = predicted(COSTS, two_tiers(cores=4, hosts=10))
    assert (few.limit, many.limit) == ("api", "data")
    assert few.per_second == pytest.approx(4 * 0.8 / 0.0005)
    assert many.per_second == pytest.approx(4 * 0.8 / 0.0003)


def test_a_slow_disk_decides_where_it_is_slowest() -> None:
    found = predicted(COSTS, one_host(64), log_bytes_per_s=2_000_000)
    assert (found.limit, found.per_second) == ("log", 1_000)


def test_each_program_runs_on_one_tier() -> None:
    api = Tier(name="api", programs=("api",), cores=1)
    with pytest.raises(ValueError, match="postgres must run on one tier, not on 0"):
        predicted(COSTS, [api])
    with pytest.raises(ValueError, match="api must run on one tier, not on 2"):
        predicted(COSTS, [*one_host(1), api])


@given(costs, st.integers(1, 64), st.integers(1, 20))
def test_more_hosts_or_cores_never_answer_less(given_costs: Costs, cores: int, hosts: int) -> None:
    rate = predicted(given_costs, two_tiers(cores, hosts)).per_second
    assert predicted(given_costs, two_tiers(cores + 1, hosts)).per_second >= rate
    assert predicted(given_costs, two_tiers(cores, hosts + 1)).per_second >= rate


@given(costs, st.integers(1, 64))
def test_no_host_is_ever_busier_than_allowed(given_costs: Costs, cores: int) -> None:
    for tiers in (one_host(cores), two_tiers(cores, 3)):
        found = predicted(given_costs, tiers)
        for tier in tiers:
            busy = found.per_second * given_costs.of(tier.programs) / (tier.cores * tier.hosts)
            assert busy <= 0.8 + 1e-9
        assert found.api_processes * 0.8 >= found.per_second * given_costs.of(("api",)) - 1e-6
