from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest

from neuroplay.infra.monitoring.health import Health
from neuroplay.infra.monitoring.probes import NoAnswer, Probe, ask_all


@pytest.fixture
def hang() -> Iterator[threading.Event]:
    """Whoever waits for it hangs until the test is over."""
    event = threading.Event()
    yield event
    event.set()


def test_answers_and_errors_come_under_their_names() -> None:
    def fail() -> None:
        raise ConnectionError

    answers = ask_all({"good": Probe("good", lambda: 7), "bad": Probe("bad", fail)})
    assert answers["good"].value == 7
    assert isinstance(answers["bad"].error, ConnectionError)


def test_who_hangs_delays_nobody_longer_than_the_time_out(hang: threading.Event) -> None:
    probes = {"hung": Probe("hung", hang.wait), "good": Probe("good", lambda: 7)}
    started = time.monotonic()
    answers = ask_all(probes, timeout_s=0.05)
    assert time.monotonic() - started < 2
    assert isinstance(answers["hung"].error, NoAnswer)
    assert answers["good"].value == 7


def test_a_hanging_question_is_not_asked_twice(hang: threading.Event) -> None:
    asked = []

    def ask() -> None:
        asked.append(1)
        hang.wait()

    probe = Probe("hung", ask)
    for _ in range(5):
        ask_all({"hung": probe}, timeout_s=0.01)
    assert asked == [1]


def test_a_question_is_asked_anew_after_its_answer() -> None:
    numbers = iter(range(5))
    probe = Probe("count", lambda: next(numbers))
    assert [ask_all({"count": probe})["count"].value for _ in range(3)] == [0, 1, 2]


def test_health_answers_in_time_where_everything_hangs(hang: threading.Event) -> None:
    health = Health(
        database=hang.wait,
        schema=hang.wait,
        redis=hang.wait,
        workers=hang.wait,
        backups=lambda: str(hang.wait()),
        timeout_s=0.05,
    )
    assert health() == {
        "status": "unhealthy",
        "checks": {
            **dict.fromkeys(("database", "redis", "celery", "backups"), "no answer in time"),
            "requests": "ok",
        },
    }
    assert health.ready()["status"] == "not ready"
