from __future__ import annotations

import subprocess
import sys

import pytest
from prometheus_client import CollectorRegistry, Counter, Histogram

from neuroplay.infra.monitoring.monitoring import count_calls, track_errors, track_time
from tests.counts import counted


def test_an_error_is_counted_and_raised_on() -> None:
    @track_errors("game_processor")
    def process() -> None:
        raise ZeroDivisionError

    def errors() -> float:
        return counted(
            "neuroplay_errors_total",
            error_type="ZeroDivisionError",
            component="game_processor",
        )

    before = errors()
    with pytest.raises(ZeroDivisionError):
        process()
    assert errors() == before + 1


def test_what_returns_is_counted_and_what_raises_is_not() -> None:
    registry = CollectorRegistry()
    calls = Counter("calls", "", ["game_type"], registry=registry)

    @count_calls(calls, {"game_type": "cyber_runner"})
    def half(number: int) -> float:
        """Halve."""
        return 1 / number

    assert half(2) == 0.5
    assert half.__name__ == "half"
    with pytest.raises(ZeroDivisionError):
        half(0)
    assert registry.get_sample_value("calls_total", {"game_type": "cyber_runner"}) == 1


def test_time_is_measured_whether_it_returns_or_raises() -> None:
    registry = CollectorRegistry()
    time = Histogram("time", "", registry=registry)

    @track_time(time)
    def half(number: int) -> float:
        return 1 / number

    half(2)
    with pytest.raises(ZeroDivisionError):
        half(0)
    assert registry.get_sample_value("time_count") == 2


def test_nothing_of_sentry_is_loaded_without_a_dsn() -> None:
    code = (
        "import sys\n"
        "from neuroplay.infra.monitoring.monitoring import init_sentry, track_errors\n"
        "assert init_sentry() is False\n"
        "track_errors('x')(lambda: None)()\n"
        "assert 'sentry_sdk' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, env={"SENTRY_DSN": "", "PATH": ""})
