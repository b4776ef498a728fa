"""An unexpected error is logged once, without data of a child."""

from __future__ import annotations

import io
import json
from uuid import UUID

import pytest

from neuroplay.core.use_cases.drain_inbox import DrainInbox
from neuroplay.infra.monitoring.logging import configure_logging
from neuroplay.infra.monitoring.unforeseen import AGAIN_AFTER_S, UnforeseenErrors
from tests.fakes.services import FakeSeconds
from tests.unit.core.samples import School, record, session_id


@pytest.fixture
def log() -> io.StringIO:
    stream = io.StringIO()
    configure_logging("info", as_json=True, stream=stream)
    return stream


def lines(log: io.StringIO) -> list[dict]:
    return [json.loads(line) for line in log.getvalue().splitlines()]


def drain(school: School, heard: UnforeseenErrors) -> None:
    DrainInbox(
        uow=school.store, clock=school.clock, release="x", random=lambda: 0.0, unforeseen=heard
    ).execute()


def broken(*scores: int) -> School:
    school = School()

    def fault(session) -> None:
        if session.score in scores:
            raise RuntimeError("cannot store 'Ana' with card=ABCDE\nDETAIL: Ana")

    school.store.fault = fault
    return school


def test_it_is_logged_once_at_error_with_its_traceback(log):
    school = broken(77)
    school.send(record(1, score=77), record(2))
    heard = UnforeseenErrors("worker")
    for _ in range(6):
        drain(school, heard)
        school.clock.forward(3600)
    (line,) = lines(log)
    assert (line["level"], line["reason"]) == ("error", "RuntimeError")
    assert line["sessions"] == [session_id(1)]
    assert "in fault" in line["exception"]
    assert "drain_batch.py" in line["exception"]
    assert "Ana" not in log.getvalue()
    assert "ABCDE" not in log.getvalue()
    assert "DETAIL" not in log.getvalue()


def test_a_thousand_that_fail_alike_are_one_traceback(log):
    school = broken(77)
    school.send(*[record(number, score=77) for number in range(40)])
    drain(school, UnforeseenErrors("worker"))
    assert len(lines(log)) == 1


def test_another_kind_is_told_too_and_what_goes_on_is_told_again(log):
    seconds = FakeSeconds()
    heard = UnforeseenErrors("worker", seconds=seconds)
    for error in (ValueError("a"), KeyError("b"), ValueError("c")):
        heard(error, [UUID(int=1), None])
    assert [line["reason"] for line in lines(log)] == ["ValueError", "KeyError"]
    seconds.now = AGAIN_AFTER_S
    heard(ValueError("d"), [])
    assert len(lines(log)) == 3


def test_a_batch_that_fails_though_each_of_it_can_be_processed_is_told(log):
    school = School()
    fails = iter([True])

    def refusal(tables) -> None:
        if tables.sessions and next(fails, False):
            raise RuntimeError("together only")

    school.send(record(1), record(2))
    school.store.refusal = refusal
    drain(school, UnforeseenErrors("worker"))
    assert school.states() == ["processed", "processed"]
    assert [line["reason"] for line in lines(log)] == ["RuntimeError"]
