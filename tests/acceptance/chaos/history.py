"""What tablets, the API and the books were seen to do, in the order in which it was seen.

Each event has a time: seconds since the recording began, no two the same. What takes a while has
`begun` as well. A history is written as JSON lines, so that one that was recorded yesterday, or on
another machine, can be checked again.
"""

from __future__ import annotations

import json
import threading
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, TypeVar

SIGN_IN = "/api/v1/sign-in"

Session = dict[str, Any]
"""A game as the tablet sends it."""


@dataclass(frozen=True, kw_only=True)
class Event:
    at: float


@dataclass(frozen=True, kw_only=True)
class Played(Event):
    """A tablet keeps a new game in its outbox."""

    student: int
    session: Session


@dataclass(frozen=True, kw_only=True)
class Sent(Event):
    """A tablet begins a request with these games."""

    request: int
    student: int
    device: str
    sessions: Sequence[str]


@dataclass(frozen=True, kw_only=True)
class Answered(Event):
    """The answer to `Sent`, with (session id, status) of each receipt if it was accepted."""

    request: int
    status: int
    retry_after: bool
    receipts: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True, kw_only=True)
class Unanswered(Event):
    """The tablet gave up waiting: what it sent may be stored, now or a little later."""

    request: int
    why: str


@dataclass(frozen=True, kw_only=True)
class Heard(Event):
    """The answer to any other request of a child: with what it was shown of its own progress, or
    None where the request asked for something else."""

    begun: float
    student: int
    device: str
    path: str
    status: int
    retry_after: bool = False
    progress: tuple[int, int] | None = None
    """(XP, games that count)"""


@dataclass(frozen=True, kw_only=True)
class Offered(Event):
    """A tablet offered games that it still holds, and was told which the server has."""

    begun: float
    student: int
    stored: Sequence[str]
    lacking: Sequence[str]


@dataclass(frozen=True, kw_only=True)
class BooksRead(Event):
    """Everything that the database holds of rounds, as of one moment between `begun` and `at`."""

    begun: float
    inbox: Sequence[tuple[int, str, str]]
    """(student, session, state) of each row"""
    counted: Sequence[tuple[int, str, int]]
    """(student, session, how often)"""
    students: Mapping[int, tuple[int, int]]
    """(XP, games that count) of each"""


@dataclass(frozen=True, kw_only=True)
class BackedUp(Event):
    """The backup is of one moment between `begun` and `at`."""

    begun: float
    name: str


@dataclass(frozen=True, kw_only=True)
class Restored(Event):
    """The system was stopped before `begun`, and is not started yet at `at`."""

    begun: float
    name: str


@dataclass(frozen=True, kw_only=True)
class Erasing(Event):
    """From here on the child may be gone."""

    student: int


@dataclass(frozen=True, kw_only=True)
class Erased(Event):
    """From here on the child is gone, for ever."""

    student: int


@dataclass(frozen=True, kw_only=True)
class Settled(Event):
    """No tablet has an unsent game, and nothing waits: what was played until now must count."""


@dataclass(frozen=True, kw_only=True)
class Broke(Event):
    """A tablet could not go on: an answer that it did not understand."""

    why: str


KINDS = {kind.__name__: kind for kind in Event.__subclasses__()}

_Kind = TypeVar("_Kind", bound=Event)


class History:
    """A recording, written to by every tablet."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.answers: Counter[str] = Counter()
        """How often each status was answered, or why there was no answer."""
        self.acknowledged: set[str] = set()
        """Games of which a tablet was told that they are stored."""
        self.latest = ""
        """The game acknowledged last."""
        self._owners: dict[str, int] = {}
        self._moments: list[float] = []
        self._lock = threading.Lock()
        self._began = time.monotonic()
        self._last = 0.0
        self._requests = 0

    def now(self) -> float:
        with self._lock:
            return self._tick()

    def _tick(self) -> float:
        self._last = max(round(time.monotonic() - self._began, 6), round(self._last + 1e-6, 6))
        return self._last

    def add(self, kind: type[_Kind], **what: Any) -> _Kind:
        """Record that this has just been seen."""
        with self._lock:
            event = kind(at=self._tick(), **what)
            self.events.append(event)
            return event

    def plays(self, student: int, session: Session) -> None:
        self.add(Played, student=student, session=session)
        with self._lock:
            self._owners[session["session_id"]] = student

    def owners(self) -> dict[str, int]:
        """By the id of each game that was played: whose it is."""
        with self._lock:
            return dict(self._owners)

    def all_acknowledged(self) -> set[str]:
        with self._lock:
            return set(self.acknowledged)

    def sends(self, student: int, device: str, sessions: Iterable[str]) -> int:
        """The number of the request, which begins after this."""
        with self._lock:
            self._requests += 1
            request = self._requests
        self.add(Sent, request=request, student=student, device=device, sessions=list(sessions))
        return request

    def is_told(
        self,
        request: int,
        status: int,
        *,
        retry_after: bool = False,
        receipts: Sequence[tuple[str, str]] = (),
    ) -> None:
        seen = self.add(
            Answered, request=request, status=status, retry_after=retry_after, receipts=receipts
        )
        with self._lock:
            self.answers[str(status)] += 1
            for session_id, said in receipts:
                if said in ("accepted", "duplicate"):
                    self.acknowledged.add(session_id)
                    self.latest = session_id
                    self._moments.append(seen.at)

    def gives_up(self, request: int, why: str) -> None:
        self.add(Unanswered, request=request, why=why)
        self.misses(why)

    def hears(self, *, status: int, **more: Any) -> None:
        """`more` as in Heard."""
        self.add(Heard, status=status, **more)
        with self._lock:
            self.answers[str(status)] += 1

    def misses(self, why: str) -> None:
        """A request of which nothing follows was not answered."""
        with self._lock:
            self.answers[why] += 1

    def longest_silence(self, since: float) -> float:
        """The longest time after `since`, a time of this recording, in which no game was
        acknowledged, in seconds."""
        with self._lock:
            moments = [since, *(moment for moment in self._moments if moment > since)]
            ends = self._tick()
        assert since < ends, "a time by another clock"
        return max(later - earlier for earlier, later in pairwise([*moments, ends]))

    def write(self, file: Path) -> None:
        with file.open("w") as lines:
            for event in list(self.events):
                lines.write(json.dumps({"what": type(event).__name__, **asdict(event)}) + "\n")


def read_history(lines: Iterable[str]) -> Iterator[Event]:
    """Raises ValueError where a line is none of a history."""
    for number, line in enumerate(lines, 1):
        try:
            found = json.loads(line)
            kind = KINDS[found.pop("what")]
            if kind is BooksRead:  # JSON's keys are texts
                found["students"] = {int(key): value for key, value in found["students"].items()}
            yield kind(**found)
        except (KeyError, TypeError, ValueError) as error:
            raise ValueError(f"line {number} is no event: {error!r}") from error
