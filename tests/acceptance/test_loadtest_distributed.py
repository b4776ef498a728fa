"""A load test in several processes, with one verdict."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass

import pytest

from tests.acceptance.chaos.faults import has_ended
from tests.acceptance.installation import free_port, wait_until
from tests.acceptance.loading import Bench, CountsSignIns, LoadTest, bench, crooked

pytestmark = [pytest.mark.slow, pytest.mark.long]

USERS = 31
"""Not to be shared evenly by two."""

SHORT = ("--users", str(USERS), "--spawn-rate", str(USERS), "--run-time", "8s")
LONG = ("--users", "10", "--spawn-rate", "10", "--run-time", "5m")
FAILURES = ("--judge", "failures")
LEDGER = ("--judge", "ledger")
"""Several load tests share this machine, so their workers do not all make the same load."""


@dataclass(frozen=True, kw_only=True)
class Runs:
    """Load tests that run at the same time."""

    place: Bench
    own_workers: LoadTest
    sign_ins: CountsSignIns
    master: LoadTest
    workers: list[LoadTest]
    loses_a_worker: LoadTest
    loses_its_judge: LoadTest


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Runs]:
    with ExitStack() as stack:
        place = stack.enter_context(bench(tmp_path_factory.mktemp("distributed")))
        sign_ins, port = CountsSignIns(), str(free_port())
        url = stack.enter_context(crooked(place.url, sign_ins))
        words = ("--worker", "--master-host", "127.0.0.1", "--master-port", port)
        yield Runs(
            place=place,
            sign_ins=sign_ins,
            own_workers=place.loadtest(
                "own", "normal", *SHORT, *LEDGER, "--workers", "2", "--host", url
            ),
            workers=[
                place.loadtest("first", "normal", *words),
                place.locust("second", *words),
            ],
            master=place.loadtest(
                *("master", "normal", *SHORT, *LEDGER),
                *("--master", "--expect-workers", "2", "--master-port", port),
            ),
            loses_a_worker=place.loadtest("loses", "normal", *LONG, *FAILURES, "--workers", "2"),
            loses_its_judge=place.loadtest("judge", "normal", *LONG, *FAILURES, "--workers", "2"),
        )


def test_a_worker_that_is_killed_makes_the_run_void(runs: Runs) -> None:
    run = runs.loses_a_worker
    run.wait_for("steady")
    workers = run.generators()
    assert len(workers) == 2
    workers[0].kill()
    ended = run.ended()
    assert (ended.code, ended.verdict) == (3, "void"), ended
    assert "1 of the load generator's workers went away" in ended.reasons
    assert ended.result["sessions"]["lost"] == 0


def test_a_judge_that_is_killed_leaves_no_verdict_and_no_process(runs: Runs) -> None:
    run = runs.loses_its_judge
    run.wait_for("steady")
    workers = run.generators()
    judge = workers[0].parent()
    assert judge is not None
    judge.kill()
    ended = run.ended()
    assert (ended.code, ended.result) == (3, {}), ended
    assert "the load generator failed" in ended.err
    wait_until(lambda: all(map(has_ended, workers)), "its workers end")


def test_each_student_plays_in_one_process(runs: Runs) -> None:
    ended = runs.own_workers.ended()
    assert ended.code == 0, ended.reasons
    figures, sessions = ended.result["figures"], ended.result["sessions"]
    assert figures["generator_processes"] == 2
    assert sessions["acknowledged"] == sessions["stored"] > 0
    assert ended.result["errors"] == {}
    # One device to play on, one to look the sessions up where there are any, and of one student
    # a third, which asked beforehand whether the class is known.
    counts = runs.sign_ins.counts
    assert counts.total() == USERS
    assert counts.keys() <= {1, 2, 3}
    assert counts[3] <= 1


def test_workers_elsewhere_end_with_their_master(runs: Runs) -> None:
    ended = runs.master.ended()
    assert ended.code == 0, ended.reasons
    result = ended.result
    assert result["figures"]["generator_processes"] == 2
    assert result["sessions"]["acknowledged"] == result["sessions"]["stored"] > 0
    assert max(row["users"] for row in result["timeline"]) == USERS
    for worker in runs.workers:
        assert worker.ended().code == 0, worker.said


def test_no_class_is_left(runs: Runs) -> None:
    for run in (runs.own_workers, runs.master, runs.loses_a_worker, runs.loses_its_judge):
        run.ended()
    assert runs.place.load_classes() == set()
