"""Batching of calls that threads make at the same time.

A commit takes as long for ten syncs as for one, and each round trip to PostgreSQL makes the threads
pass Python's lock around. So while one thread executes a batch, the others queue. The first of them
then executes the next batch for all that wait. Nothing is delayed to fill a batch: a call that
finds the queue empty runs alone and immediately.
"""

from __future__ import annotations

from _thread import allocate_lock
from typing import Generic

from neuroplay.core.interfaces.services import In, Many, Out

MOST = 32
"""Calls in a batch, so that no batch takes much longer than another."""


def gather(many: Many[In, Out]) -> Queue[In, Out]:
    """A Gather: turns `many` into a call for one, which concurrent threads share."""
    return Queue(many)


class _Call(Generic[In, Out]):
    """A call in the queue. When `turn` is released, it has its answer, leads the next batch, or
    must be repeated `alone`."""

    __slots__ = ("alone", "answers", "one", "turn")

    def __init__(self, one: In) -> None:
        self.one = one
        self.turn = allocate_lock()
        self.answers: tuple[Out] | None = None
        self.alone = False


class Queue(Generic[In, Out]):
    """The queue of calls to `many`; calling it returns the caller's own answer."""

    def __init__(self, many: Many[In, Out]) -> None:
        self._many = many
        self._lock = allocate_lock()
        self._waiting: list[_Call[In, Out]] = []
        self._has_leader = False

    @property
    def waiting(self) -> int:
        """Calls whose batch has not begun."""
        return len(self._waiting)

    def __call__(self, one: In) -> Out:
        call: _Call[In, Out] = _Call(one)
        call.turn.acquire()
        with self._lock:
            self._waiting.append(call)
            leads, self._has_leader = not self._has_leader, True
        if not leads:
            call.turn.acquire()
        if call.answers is None and not call.alone:
            self._lead(call)
        if call.answers is None:
            (answer,) = self._many([one])
            return answer
        return call.answers[0]

    def _lead(self, leader: _Call[In, Out]) -> None:
        """Execute the next batch, which includes the leader; then pass the lead on."""
        with self._lock:
            batch, self._waiting = self._waiting[:MOST], self._waiting[MOST:]
        try:
            answers = self._many([call.one for call in batch])
            for call, answer in zip(batch, answers, strict=True):
                call.answers = (answer,)
        except Exception:
            # Which call caused it is not known, so each is repeated alone.
            if len(batch) == 1:
                raise
        finally:
            with self._lock:
                following = self._waiting[0] if self._waiting else None
                self._has_leader = following is not None
            if following is not None:
                following.turn.release()
            for call in batch:
                call.alone = call.answers is None
                if call is not leader:
                    call.turn.release()
