"""Many callers, one trip: what threads ask for at the same time is done at once for all of them.

A commit takes as long for one as for ten, and each trip to PostgreSQL has the threads hand Python's
lock around. So while one thread is on its way the others queue, and the first of them then goes
for all that wait. Nobody waits for company: who comes to an empty queue goes alone and at once.
"""

from __future__ import annotations

from _thread import allocate_lock
from typing import Generic

from neuroplay.core.interfaces.services import In, Many, Out

MOST = 32
"""Callers that share a trip at most: one trip is then never much longer than another."""


def gather(many: Many[In, Out]) -> Queue[In, Out]:
    """`many` as a call for one, which threads that call it at the same time share. A Gather."""
    return Queue(many)


class _Call(Generic[In, Out]):
    """One caller, who waits for its `turn`: then it has its answer, goes for others, or must ask
    again alone."""

    __slots__ = ("alone", "answers", "one", "turn")

    def __init__(self, one: In) -> None:
        self.one = one
        self.turn = allocate_lock()
        self.answers: tuple[Out] | None = None
        self.alone = False


class Queue(Generic[In, Out]):
    """Callers of `many`, each with an answer of its own."""

    def __init__(self, many: Many[In, Out]) -> None:
        self._many = many
        self._lock = allocate_lock()
        self._waiting: list[_Call[In, Out]] = []
        self._somebody_goes = False

    @property
    def waiting(self) -> int:
        """Callers whose trip has not begun."""
        return len(self._waiting)

    def __call__(self, one: In) -> Out:
        call: _Call[In, Out] = _Call(one)
        call.turn.acquire()
        with self._lock:
            self._waiting.append(call)
            goes, self._somebody_goes = not self._somebody_goes, True
        if not goes:
            call.turn.acquire()
        if call.answers is None and not call.alone:
            self._go(call)
        if call.answers is None:
            (answer,) = self._many([one])
            return answer
        return call.answers[0]

    def _go(self, leader: _Call[In, Out]) -> None:
        """Do what the first in the queue want, the leader among them; then let the next go."""
        with self._lock:
            group, self._waiting = self._waiting[:MOST], self._waiting[MOST:]
        try:
            answers = self._many([call.one for call in group])
            for call, answer in zip(group, answers, strict=True):
                call.answers = (answer,)
        except Exception:
            # Whose fault it was is not known: each finds out for itself.
            if len(group) == 1:
                raise
        finally:
            with self._lock:
                following = self._waiting[0] if self._waiting else None
                self._somebody_goes = following is not None
            if following is not None:
                following.turn.release()
            for call in group:
                call.alone = call.answers is None
                if call is not leader:
                    call.turn.release()
