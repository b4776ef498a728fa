"""Decorators that count and time calls, and report errors."""

from __future__ import annotations

import functools
import sys
import time
from collections.abc import Callable, Mapping
from typing import ParamSpec, TypeVar

from prometheus_client import Counter, Histogram

from neuroplay.infra.monitoring.metrics import ERRORS_TOTAL

P = ParamSpec("P")
R = TypeVar("R")


def track_errors(component: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Count and report the errors that the function raises, and re-raise them."""

    def decorate(function: Callable[P, R]) -> Callable[P, R]:
        @functools.wraps(function)
        def tracked(*args: P.args, **kwargs: P.kwargs) -> R:
            try:
                return function(*args, **kwargs)
            except Exception as error:
                report_error(error, component)
                raise

        return tracked

    return decorate


def report_error(error: BaseException, component: str) -> None:
    """Count `error`, and send it to Sentry if it is configured. Never raises."""
    ERRORS_TOTAL.labels(error_type=type(error).__name__, component=component).inc()
    sentry_sdk = sys.modules.get("sentry_sdk")  # imported only by init_sentry, if there is a DSN
    if sentry_sdk is not None and sentry_sdk.is_initialized():
        with sentry_sdk.new_scope() as scope:
            scope.set_tag("component", component)
            sentry_sdk.capture_exception(error)


def track_time(
    histogram: Histogram, labels: Mapping[str, str] | None = None
) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Observe how long each call takes, in seconds, whether it returns or raises."""

    def decorate(function: Callable[P, R]) -> Callable[P, R]:
        @functools.wraps(function)
        def timed(*args: P.args, **kwargs: P.kwargs) -> R:
            started = time.perf_counter()
            try:
                return function(*args, **kwargs)
            finally:
                child = histogram.labels(**labels) if labels else histogram
                child.observe(time.perf_counter() - started)

        return timed

    return decorate


def count_calls(
    counter: Counter, labels: Mapping[str, str] | None = None
) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Count the calls that return; for those that raise see `track_errors`."""

    def decorate(function: Callable[P, R]) -> Callable[P, R]:
        @functools.wraps(function)
        def counted(*args: P.args, **kwargs: P.kwargs) -> R:
            result = function(*args, **kwargs)
            (counter.labels(**labels) if labels else counter).inc()
            return result

        return counted

    return decorate
