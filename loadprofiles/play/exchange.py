"""A request of a student and the answer to it, as they are counted."""

from __future__ import annotations

from typing import Any

from locust.exception import CatchResponseError

from loadprofiles.reach.line import Answer


class Exchange:
    """To be judged in a `with` block, at whose end it is counted: as failed if there was no answer,
    or if `failure` was called. `fire` is Locust's event of requests, with `figures`."""

    __slots__ = ("_figures", "_fire", "answer", "fault")

    def __init__(self, fire: Any, answer: Answer, fault: str, **figures: Any) -> None:
        self.answer = answer
        self.fault = fault
        """Why it failed; empty if it did not."""

        self._fire, self._figures = fire, figures

    def __enter__(self) -> Exchange:
        return self

    def failure(self, why: str) -> None:
        self.fault = why

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        if kind is None:
            self._fire(
                exception=CatchResponseError(self.fault) if self.fault else None,
                response=self.answer,
                response_length=self.answer.size,
                context={},
                **self._figures,
            )
