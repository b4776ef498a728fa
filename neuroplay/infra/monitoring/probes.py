"""Questions to servers that may hang: asked side by side, each with the same short time-out.

A question whose server hangs keeps one thread until the client's own time-out ends it; asked
again meanwhile, the same answer is awaited, so that threads never pile up.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future, wait
from dataclasses import dataclass
from typing import Any

TIMEOUT_S = 1.0


class NoAnswer(Exception):  # noqa: N818 - a noun of the domain
    """The question was not answered in time."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """What a probe found: `value`, or the `error` that came instead."""

    value: Any = None
    error: BaseException | None = None


class Probe:
    """One question; at most one thread asks it at a time."""

    def __init__(self, name: str, ask: Callable[[], Any]) -> None:
        self.name = name
        self._ask = ask
        self._lock = threading.Lock()
        self._asked: Future[Any] | None = None

    def begin(self) -> Future[Any]:
        """The answer to come: of the question that is under way, or of a new one."""
        with self._lock:
            if self._asked is not None and not self._asked.done():
                return self._asked
            asked: Future[Any] = Future()
            self._asked = asked
        try:
            threading.Thread(
                target=self._run, args=(asked,), daemon=True, name=f"probe {self.name}"
            ).start()
        except RuntimeError as error:  # no thread to be had
            asked.set_exception(error)
        return asked

    def _run(self, asked: Future[Any]) -> None:
        try:
            answer = self._ask()
        except Exception as error:  # noqa: BLE001 - whoever waits for the answer gets it
            asked.set_exception(error)
        else:
            asked.set_result(answer)


def ask_all(probes: Mapping[str, Probe], *, timeout_s: float = TIMEOUT_S) -> dict[str, Answer]:
    """Every probe's answer, after `timeout_s` at the latest (then error is NoAnswer)."""
    asked = {name: probe.begin() for name, probe in probes.items()}
    wait(asked.values(), timeout=timeout_s)
    return {name: _answer(future) for name, future in asked.items()}


def _answer(future: Future[Any]) -> Answer:
    if not future.done():
        return Answer(error=NoAnswer())
    error = future.exception()
    return Answer(error=error) if error is not None else Answer(value=future.result())
