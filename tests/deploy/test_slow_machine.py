"""A load test of a machine that is slowed on purpose, by a quota of its processors."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.acceptance.loading import Bench, bench
from tests.deploy.scaling import group

CORES = 0.6
"""A quota of 60 % of one processor."""

STUDENTS = 1200
WORDS = ("--users", str(STUDENTS), "--spawn-rate", "100", "--run-time", "32s")
# Where other tests keep the machine busy, the generator is late, and times would be void.
JUDGED = ("--judge", "failures")

pytestmark = [
    pytest.mark.deploy,
    pytest.mark.skipif(bool(group.why_not()), reason=group.why_not()),
]


@pytest.fixture(scope="module")
def slowed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    with (
        group.grouped("neuroplay-slowed") as slow,
        bench(tmp_path_factory.mktemp("slow")) as made,
    ):
        slow.take([one.pid for one in made.system.processes()])
        slow.limit(CORES)
        yield made
        slow.limit(2.0)  # so that it also ends in time


def test_the_verdict_says_that_the_machine_is_too_slow_and_that_nothing_was_lost(
    slowed: Bench,
) -> None:
    ended = slowed.loadtest("spike", "spike", *WORDS, *JUDGED, "--calibrate", "2").ended()
    result = ended.result
    assert (ended.code, ended.verdict) == (1, "graceful"), ended
    assert "MACHINE TOO SLOW (spike with 1200 of 2000 students" in ended.out
    assert "the machine is too slow for this profile" in ended.reasons
    assert f"it may use {CORES:g} processors of 2" in ended.reasons
    assert result["machine"]["processors"] == CORES
    assert result["figures"]["refused"] > 0
    # Of the quota: of the machine it would be a third. The students are not in the group.
    assert result["figures"]["cpu"] > 0.8
    assert result["figures"]["generator_cpu_share"] == 0
    sessions = result["sessions"]
    assert sessions["acknowledged"] == sessions["stored"] > 0
    assert (sessions["lost"], sessions["counted_twice"]) == (0, 0)
