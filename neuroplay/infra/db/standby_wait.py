"""Accepted sessions wait until the standby has them, for a bounded time.

A transaction waits in PostgreSQL, with `synchronous_commit = on`, which the server never ends by
itself. So the thread that waits for the answer ends it after `longest_s`. The session is then
stored here and is acknowledged. The transactions that follow do not wait until the standby answers
again. No other process is needed for this, and none can fail to do it.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from neuroplay.core.errors import StoreUnavailable
from neuroplay.infra.db.connection import ServerConnection

ASK_EVERY_S = 1.0
SLOW_PAUSE_S = 30.0
"""How long nobody waits for a standby that answers, but too slowly."""

LONG_S = 0.25
REGAINED_PER_S = 0.1
"""Waits above LONG_S use up a credit of `longest_s`, which is regained at this rate. So a standby
that is always slow is given up before requests pile up."""


class Standby(Protocol):
    def problem(self) -> str:
        """Why nobody can wait for it, '' if one can. Raises StoreUnavailable."""

    def lag_s(self) -> float:
        """How long its last write took. Raises StoreUnavailable."""

    def end_wait(self, pid: int) -> bool:
        """End the wait of the session `pid`; whether it was waiting. Raises StoreUnavailable."""


class Note(Protocol):
    """What operators see of it."""

    def answers(self) -> None:
        """Accepted sessions wait for the standby from now on."""

    def given_up(self, why: str) -> None:
        """They no longer do."""

    def without(self, sessions: int, *, waited: bool) -> None:
        """So many sessions were accepted without the standby, after a wait or without one."""


class StandbyWait:
    """Whether accepted sessions wait for the standby, for all threads of a process."""

    def __init__(
        self,
        standby: Standby,
        note: Note,
        *,
        longest_s: float,
        seconds: Callable[[], float] = time.monotonic,
    ) -> None:
        self.longest_s = longest_s
        self._standby, self._note, self._seconds = standby, note, seconds
        self._lock = threading.Lock()
        self._answers = False
        self._ask_at = -1.0
        self._used_s, self._used_at = 0.0, 0.0

    def begin(self, sessions: int) -> Wait | None:
        """The wait of a transaction that accepts `sessions`; None if it is not to wait."""
        if not self._answers and not self._ask():
            self._note.without(sessions, waited=False)
            return None
        return Wait(of=self, sessions=sessions, longest_s=self.longest_s)

    def _ask(self) -> bool:
        with self._lock:
            now = self._seconds()
            if self._answers or now < self._ask_at:
                return self._answers
            self._ask_at = now + ASK_EVERY_S
        try:
            problem = self._standby.problem()
        except StoreUnavailable:
            return False
        if problem:
            return False
        with self._lock:
            self._answers, self._used_s = True, 0.0
        self._note.answers()
        return True

    def end(self, pid: int, sessions: int) -> None:
        """As `Wait.end`."""
        try:
            ended = self._standby.end_wait(pid)
        except StoreUnavailable:
            return  # the transaction has a deadline of its own
        if ended:
            self._note.without(sessions, waited=True)
            self._give_up(f"no answer within {self.longest_s:g} s", ASK_EVERY_S)

    def took(self, waited_s: float) -> None:
        """Called with how long each message took that waited."""
        if waited_s < LONG_S:
            return
        try:
            lag_s = self._standby.lag_s()
        except StoreUnavailable:
            return
        if lag_s < LONG_S:
            return  # something else was slow
        with self._lock:
            now = self._seconds()
            regained = (now - self._used_at) * REGAINED_PER_S
            self._used_s = max(0.0, self._used_s - regained) + waited_s
            self._used_at = now
            too_slow = self._used_s > self.longest_s
        if too_slow:
            self._give_up(f"slow, {lag_s:.1f} s for a write", SLOW_PAUSE_S)

    def _give_up(self, why: str, pause_s: float) -> None:
        with self._lock:
            self._ask_at = max(self._ask_at, self._seconds() + pause_s)
            answered, self._answers = self._answers, False
        if answered:
            self._note.given_up(why)


@dataclass(frozen=True, kw_only=True, slots=True)
class Wait:
    """The wait of one transaction: a `connection.Waiting`."""

    of: StandbyWait
    sessions: int
    longest_s: float

    def end(self, connection: ServerConnection) -> None:
        self.of.end(connection.get_backend_pid(), self.sessions)

    def took(self, seconds: float) -> None:
        self.of.took(seconds)
