"""Faulty servers and faulty generators never get a pass."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass

import pytest

from loadprofiles.record.recorder import REFUSED
from tests.acceptance import loading
from tests.acceptance.loading import LoadTest, Way, bench, crooked
from tests.browser.network import HALF_AN_ANSWER, SYNC, fair, first

pytestmark = pytest.mark.slow

USERS = 20
SHORT = ("--users", str(USERS), "--spawn-rate", str(USERS), "--run-time", "8s")
MANY = ("--users", "40", "--spawn-rate", "40", "--run-time", "8s")
"""A share of one in a hundred is judged by a hundred requests at least."""

AT_ONCE = ("--stop-timeout", "1")

IDLE = """
import gevent
from loadprofiles.locustfile import *
Student.on_start = lambda self: gevent.sleep(3600)
"""

SPINNING = """
import time
from loadprofiles.locustfile import *
turn = Student.turn
def spin(self):
    until = time.perf_counter() + 0.5
    while time.perf_counter() < until:
        pass
    turn(self)
Student.tasks = [spin]
"""

BROKEN = """
from loadprofiles.locustfile import *
def stumble(self):
    raise LookupError("no such game")
Student.tasks = [Student.turn] * 9 + [stumble]
"""


@dataclass(frozen=True, kw_only=True)
class Fooled:
    """Load tests that run at the same time, by the way they are fooled."""

    runs: dict[str, LoadTest]
    drops: loading.DropsSessions
    refuses: loading.RefusesSome


@pytest.fixture(scope="module")
def fooled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fooled]:
    folder = tmp_path_factory.mktemp("fooled")
    drops, never = loading.DropsSessions(every=10), loading.NeverAnswersSome()
    refuses = loading.RefusesSome()
    commands: dict[str, Way] = {
        "drops": drops,
        "fails fast": loading.fails_fast,
        "no metrics": loading.has_no_metrics,
        "lists twice": loading.lists_one_twice,
        "gives twice": loading.gives_xp_twice,
        "slow tail": loading.HasASlowTail(),
        "garbles": loading.Garbles(),
        "refuses": refuses,
    }
    moods = {"garbles": first(10, HALF_AN_ANSWER)}
    with ExitStack() as stack:
        place = stack.enter_context(bench(folder))
        runs = {}
        for name, way in commands.items():
            url = stack.enter_context(crooked(place.url, way, moods.get(name, fair)))
            size = MANY if name == "slow tail" else SHORT
            runs[name] = place.loadtest(name, "normal", *size, "--host", url)
        roster = str(place.roster(USERS))
        url = stack.enter_context(crooked(place.url, never))
        stack.callback(never.over.set)
        words = (*SHORT, *AT_ONCE, "--roster", roster)
        runs["never answers"] = place.locust("never", *words, "--host", url)
        for name, text in (("idle", IDLE), ("spinning", SPINNING), ("broken", BROKEN)):
            file = folder / f"{name}.py"
            file.write_text(text)
            runs[name] = place.locust(name, *words, "--host", place.url, file=file)
        yield Fooled(runs=runs, drops=drops, refuses=refuses)
        for run in runs.values():
            run.ended()
        assert len(place.load_classes()) == 1


def test_a_server_that_forgets_one_session_in_many_fails(fooled: Fooled) -> None:
    ended = fooled.runs["drops"].ended()
    assert (ended.code, ended.verdict) == (1, "fail"), ended
    assert 0 < ended.result["sessions"]["lost"] <= len(fooled.drops.dropped)
    assert f"lost is {ended.result['sessions']['lost']}, more than 0" in ended.reasons
    assert "was acknowledged and is not stored" in ended.reasons
    assert any(one in ended.reasons for one in fooled.drops.dropped)


def test_a_server_that_is_quick_to_fail_fails(fooled: Fooled) -> None:
    ended = fooled.runs["fails fast"].ended()
    assert ended.code in (1, 3), ended
    assert ended.verdict in ("fail", "void")
    assert "failure_rate is" in ended.reasons
    assert "no session was acknowledged" in ended.reasons
    assert "lost: there is no data to judge it by" in ended.reasons
    assert ended.result["errors"]["POST /api/v1/gameplay/sync: HTTP 500"] > 0


def test_a_refused_student_waits_as_long_as_the_server_asks(fooled: Fooled) -> None:
    ended = fooled.runs["refuses"].ended()
    assert ended.code in (1, 3), ended
    figures, errors = ended.result["figures"], ended.result["errors"]
    assert 0 < figures["refused"] == figures["failures"]
    assert figures["lost"] == 0
    # The server itself may refuse some, with all these load tests at once.
    assert all(error.endswith(REFUSED) for error in errors)
    assert errors[f"POST {SYNC}: {REFUSED}"] > 0
    # Who drops a connection on purpose does not see the answer.
    assert len(fooled.refuses.ignored) <= ended.result["sessions"]["connections_dropped"]


def test_a_server_without_metrics_fails(fooled: Fooled) -> None:
    ended = fooled.runs["no metrics"].ended()
    assert ended.code in (1, 3), ended
    for name in ("cpu", "memory", "queue"):
        assert f"{name}: there is no data to judge it by" in ended.reasons
    assert "CPU, memory and queue are unknown: /metrics answered HTTP 404" in ended.reasons
    assert ended.result["sessions"]["lost"] == 0


@pytest.mark.parametrize(
    ("how", "reason"),
    [("lists twice", "is stored 2 times"), ("gives twice", "XP,")],
)
def test_a_server_that_counts_a_session_twice_fails(fooled: Fooled, how: str, reason: str) -> None:
    ended = fooled.runs[how].ended()
    assert (ended.code, ended.verdict) == (1, "fail"), ended
    twice = ended.result["sessions"]["counted_twice"]
    assert 0 < twice <= USERS
    assert f"counted_twice is {twice}, more than 0" in ended.reasons
    assert reason in ended.reasons


def test_a_slow_tail_of_two_percent_fails(fooled: Fooled) -> None:
    ended = fooled.runs["slow tail"].ended()
    assert ended.code in (1, 3), ended
    assert "p99_ms is" in ended.reasons
    assert "not below 1000 ms" in ended.reasons


def test_requests_that_never_end_are_failures(fooled: Fooled) -> None:
    ended = fooled.runs["never answers"].ended()
    assert ended.code in (1, 3), ended
    assert "failure_rate is" in ended.reasons
    what = "POST /api/v1/gameplay/sync: no answer until the end of the run"
    assert ended.result["errors"][what] > 0


def test_answers_that_are_none_are_failures(fooled: Fooled) -> None:
    ended = fooled.runs["garbles"].ended()
    assert ended.code in (1, 3), ended
    errors = ended.result["errors"]
    for why in (
        "no JSON document",
        "no receipts",
        "receipts: not one a session",
        "receipts: lost",
    ):
        assert errors[f"POST /api/v1/gameplay/sync: {why}"] > 0, errors
    assert "failure_rate is" in ended.reasons
    assert "no session was acknowledged" in ended.reasons
    assert not [one for one in errors if one.startswith("the load generator")]


def test_a_run_without_a_request_fails(fooled: Fooled) -> None:
    ended = fooled.runs["idle"].ended()
    assert ended.code in (1, 3), ended
    assert "no request was made at all" in ended.reasons
    for name in ("rps", "failure_rate", "p99_ms", "lost", "counted_twice"):
        assert f"{name}: there is no data to judge it by" in ended.reasons


def test_a_generator_at_its_limit_makes_a_run_void(fooled: Fooled) -> None:
    ended = fooled.runs["spinning"].ended()
    assert (ended.code, ended.verdict) == (3, "void"), ended
    assert "the load generator was behind its schedule" in ended.reasons


def test_students_that_stumble_make_a_run_void(fooled: Fooled) -> None:
    ended = fooled.runs["broken"].ended()
    assert (ended.code, ended.verdict) == (3, "void"), ended
    assert "the load generator: a student could not go on: LookupError" in ended.reasons
