from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from loadprofiles.judge.speed import UNKNOWN
from loadprofiles.judge.verdict import thresholds_of
from loadprofiles.profiles import PROFILES
from loadprofiles.report.words import (
    EXIT_CODES,
    NAMES,
    Lines,
    headline,
    line,
    summary,
    threshold_rows,
)
from tests.unit.loadprofiles.documents import SPEED, a_document, a_timeline


def test_the_summary_is_the_block_of_the_seed() -> None:
    assert summary(a_document()).splitlines()[:9] == [
        "📊 LOAD TEST RESULT",
        "=" * 60,
        "Total requests: 107,512",
        "Failures: 9 (0.0084%)",
        "Average RPS: 976.0",
        "Average response time: 8.3 ms",
        "Response time p95: 23.1 ms",
        "Response time p99: 84.0 ms",
        "=" * 60,
    ]
    assert summary(a_document()).endswith("✅ TEST PASSED (spike): the system is scalable!")


def test_the_summary_tells_the_thresholds_the_ledger_and_what_failed() -> None:
    text = summary(a_document(figures={"lost": 2, "p99_ms": 900.0, "cpu": None}))
    for row in (
        "Requests per second     976.0     > 500.0       ok",
        "Response time, p99      900.0 ms  < 1,000.0 ms  warn",
        "Server CPU              -         < 80.0%       fail",
        "Sessions lost           2         <= 0          fail",
        "   8 x POST /api/v1/gameplay/sync: HTTP 503",
        "❌ TEST FAILED (spike)",
        "   lost is 2, more than 0",
        "   cpu: there is no data to judge it by",
    ):
        assert row in text.splitlines()
    assert "181,204 acknowledged, 181,202 stored, 2 lost, 0 counted twice" in text


def test_the_machine_is_named_beside_the_figures() -> None:
    said = (
        "Machine: 4,100 bare requests/s, 0.41 ms each, 812 fsyncs/s, 8,123,000 steps/s in Python, "
        "2.0 processors; 3,600 bare requests/s are needed"
    )
    assert said in summary(a_document()).splitlines()
    unknown = summary(a_document(speed=UNKNOWN)).splitlines()
    assert "Machine: not measured (--calibrate 0)" in unknown


def test_a_machine_that_is_too_slow_is_told_from_a_slow_neuroplay() -> None:
    figures = {
        "rps": 610.0,
        "answered_rps": 412.0,
        "refused_rate": 0.31,
        "refused_p99_ms": 400.0,
        "failure_rate": 0.31,
        "failed_otherwise_rate": 0.0,
        "p99_ms": 600.0,
        "cpu": 0.97,
    }
    document = a_document(figures=figures, speed=replace(SPEED, processors=1.2))
    assert EXIT_CODES[document["verdict"]] == 1
    text = summary(document)
    headline = "⚠️  MACHINE TOO SLOW (spike), but no game was lost, and nothing was answered late"
    assert headline in text.splitlines()
    assert (
        "   the machine is too slow for this profile (its bare endpoint answers 2,460/s, and "
        "3,600/s are needed; it may use 1.2 processors of 2); the server answered 412/s of the "
        "1,000/s that these students would ask, refused 31% in time, and lost nothing"
    ) in text.splitlines()
    text = summary(a_document(figures=figures))
    assert "❌ TEST FAILED (spike)" in text
    assert "   NeuroPlay is slow on a machine that is fast enough (" in text


def test_a_run_that_saw_nothing_can_be_told_too() -> None:
    nothing = dict.fromkeys(("rps", "avg_ms", "p95_ms", "p99_ms", "cpu", "memory", "queue"))
    text = summary(
        a_document(
            figures={**nothing, "requests": 0, "failures": 0, "failure_rate": None, "lost": None},
            errors={},
            endpoints=[],
            timeline=[],
        )
    )
    assert "Failures: 0\nAverage RPS: -\n" in text
    assert "❌ TEST FAILED (spike)" in text
    assert "Failures:\n" not in text


@pytest.mark.parametrize("profile", PROFILES)
def test_every_threshold_has_a_name_for_people(profile: str) -> None:
    known = PROFILES[profile]
    assert {one.name for one in thresholds_of(known, known.users)} <= set(NAMES)
    rows = threshold_rows(a_document(profile=profile))
    assert [row[0] for row in rows] == [NAMES[one.name] for one in thresholds_of(known, 1)]


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"users": 50}, "✅ TEST PASSED (spike with 50 of 2000 students)"),
        ({"run_time_s": 30.0}, "✅ TEST PASSED (spike for 30s of 2m)"),
        ({"run_time_s": None}, "✅ TEST PASSED (spike)"),
        ({"judged": "failures"}, "✅ TEST PASSED (spike, judged by failures only)"),
        ({"chaos": "kill-redis", "judged": "ledger"}, "(spike with kill-redis, judged by ledger o"),
        ({"figures": {"p99_ms": 1000.0}}, "❌ TEST FAILED (spike)"),
        ({"void": ["late"]}, "⚠️  VOID (spike): not a valid measurement"),
    ],
    ids=str,
)
def test_the_headline_hides_no_condition_of_the_verdict(changes: dict[str, Any], text: str) -> None:
    assert text in headline(a_document(**changes))


def test_only_a_pass_ends_with_zero() -> None:
    assert EXIT_CODES == {"pass": 0, "graceful": 1, "fail": 1, "void": 3}


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.0, "0.0%"), (1 / 100_000, "0.0010%"), (0.001, "0.1%"), (0.25, "25.0%"), (None, "-")],
)
def test_few_failures_never_look_like_none(value: float | None, text: str) -> None:
    rows = dict(row[:2] for row in threshold_rows(a_document(figures={"failure_rate": value})))
    assert rows["Failure rate"] == text


def look(t: float, phase: str = "steady", **more: Any) -> dict[str, Any]:
    return {**a_timeline(1)[0], "t": t, "phase": phase, **more}


def test_without_a_terminal_there_is_a_line_every_ten_seconds_and_at_each_turn() -> None:
    said: list[str] = []
    lines = Lines(said.append)
    for t in range(1, 61):
        lines(look(float(t), "ramp" if t < 25 else "steady"))
    lines({"phase": "draining", "queue": 12.0, "t": 61.0})
    lines({"phase": "ledger", "done": 50, "students": 2000, "t": 62.0})
    lines({"phase": "done", "verdict": "pass", "t": 63.0})
    moments = [(int(one.split()[0]), one.split()[2]) for one in said]
    assert moments == [
        (1, "ramp"),
        (11, "ramp"),
        (21, "ramp"),
        (25, "steady"),
        (35, "steady"),
        (45, "steady"),
        (55, "steady"),
        (61, "draining"),
        (62, "ledger"),
    ]


def test_a_line_tells_how_it_goes() -> None:
    row = look(95, users=2000, rps=981.4, failed=3, p50_ms=3.2, p95_ms=21.0, p99_ms=None, cpu=0.5)
    assert line({**row, "queue": None}) == (
        "    95 s  steady   2,000 students  981 req/s  3 failed  "
        "p50 3  p95 21  p99 - ms  pending -  CPU 50%"
    )
    assert line({"phase": "draining", "queue": 1.0, "t": 61}).endswith("1 session pending")
    assert line({"phase": "ramp", "t": 0.4}) == "     0 s  ramp     starting"
