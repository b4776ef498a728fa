"""Probes of servers that may hang: run in parallel, with a short timeout.

A probe of a server that hangs occupies one thread until the client's own timeout. If it is asked
again meanwhile, it waits for the same result, so that threads do not accumulate.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future, wait
from dataclasses import dataclass
from typing import Any

TIMEOUT_S = 1.0


class NoAnswer(Exception):  # noqa: N818 - a noun of the domain
    """A probe had no result in time."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """A probe's result: its `value`, or the `error` that it raised."""

    value: Any = None
    error: BaseException | None = None


class Probe:
    """Calls `ask` in a thread of its own, at most one at a time."""

    def __init__(self, name: str, ask: Callable[[], Any]) -> None:
        self.name = name
        self._ask = ask
        self._lock = threading.Lock()
        self._running: Future[Any] | None = None

    def begin(self) -> Future[Any]:
        """The future result of the running call, or of a new one."""
        with self._lock:
            if self._running is not None and not self._running.done():
                return self._running
            future: Future[Any] = Future()
            self._running = future
        try:
            threading.Thread(
                target=self._run, args=(future,), daemon=True, name=f"probe {self.name}"
            ).start()
        except RuntimeError as error:  # the system has no thread left
            future.set_exception(error)
        return future

    def _run(self, future: Future[Any]) -> None:
        try:
            answer = self._ask()
        except Exception as error:  # noqa: BLE001 - it is the result
            future.set_exception(error)
        else:
            future.set_result(answer)


def ask_all(probes: Mapping[str, Probe], *, timeout_s: float = TIMEOUT_S) -> dict[str, Answer]:
    """The results of all probes, within `timeout_s`; NoAnswer for those that take longer."""
    futures = {name: probe.begin() for name, probe in probes.items()}
    wait(futures.values(), timeout=timeout_s)
    return {name: _answer(future) for name, future in futures.items()}


def _answer(future: Future[Any]) -> Answer:
    if not future.done():
        return Answer(error=NoAnswer())
    error = future.exception()
    return Answer(error=error) if error is not None else Answer(value=future.result())
