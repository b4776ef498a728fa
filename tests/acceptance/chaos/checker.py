"""Names the first contradiction of a history.

What may be true is no contradiction. A request that was not answered may have been stored, now or
later. A backup and a look at the books are of some moment between their beginning and their end. A
restore undoes what was stored after its backup began, unless the backup has it all the same.

A restored system is another line of time: what must be in the books is then what had been
acknowledged before the backup began, and what was acknowledged again.

    python -m tests.acceptance.chaos.checker HISTORY.jsonl
"""

from __future__ import annotations

import sys
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path

from tests.acceptance.chaos.history import (
    SIGN_IN,
    Answered,
    BackedUp,
    BooksRead,
    Broke,
    Erased,
    Erasing,
    Event,
    Heard,
    Offered,
    Played,
    Restored,
    Sent,
    Session,
    Settled,
    Unanswered,
    read_history,
)
from tests.acceptance.chaos.rules import Experience

GOOD_STATES = frozenset({"pending", "processed"})
"""Those that an honest game may have."""

LOST = "acknowledged, and not in the books"
TWICE = "counted twice"
HALF = "processed, and not counted (or the reverse)"
FROM_NOWHERE = "in the books, and never sent"
MOVED = "in the books of another child"
WRONG_XP = "XP that the rules do not give"
REFUSED = "an honest game refused"
DUPLICATE_OF_NOTHING = "a duplicate of what was never sent before"
ACCEPTED_TWICE = "accepted twice"
OTHER_RECEIPTS = "receipts for other games than those sent"
UNEXPECTED = "an answer that no tablet should get"
WENT_BACK = "went back without a restore"
TOO_MANY = "more games counted than were sent"
ERASED_AND_SEEN = "erased, and seen again"
CHILD_LOST = "a child lost"
NOT_COUNTED = "played, and not counted in the end"
LOST_BY_RESTORE = "lost by a restore, though a tablet had been told that it is stored"
BROKE = "a tablet could not go on"


@dataclass(frozen=True, kw_only=True)
class Contradiction:
    name: str
    what: str
    at: float

    def __str__(self) -> str:
        return f"{self.name}: {self.what} (at {self.at:.3f} s)"


class HistoryError(ValueError):
    """The history itself cannot be: an answer to a request that was never begun."""


@dataclass
class Line:
    """What is known of a line of time, which a restore goes back to."""

    acknowledged: dict[str, float] = field(default_factory=dict)
    """When a tablet was told that it is stored, first."""
    accepted: dict[str, float] = field(default_factory=dict)
    """When it was told `accepted`."""
    carried: Counter[str] = field(default_factory=Counter)
    """How many requests have begun that carry it: it may be stored from then on."""
    sent_of: Counter[int] = field(default_factory=Counter)
    """How many different games of each student these are."""
    counted: dict[str, float] = field(default_factory=dict)
    """When it was first seen to count."""
    progress: dict[int, list[tuple[float, int, int]]] = field(
        default_factory=lambda: defaultdict(list)
    )
    """Of each student, (when, XP, games) as seen, each higher than the one before."""

    def carry(self, sent: Sent) -> None:
        for one in sent.sessions:
            self.sent_of[sent.student] += one not in self.carried
            self.carried[one] += 1

    def before(self, moment: float) -> Line:
        """Of a backup begun then and done now: what it must have, and all that it may have."""

        def until(times: dict[str, float]) -> dict[str, float]:
            return {one: at for one, at in times.items() if at < moment}

        return Line(
            acknowledged=until(self.acknowledged),
            accepted=until(self.accepted),
            carried=Counter(self.carried),
            sent_of=Counter(self.sent_of),
            counted=until(self.counted),
            progress=defaultdict(
                list,
                {
                    student: [one for one in seen if one[0] < moment]
                    for student, seen in self.progress.items()
                },
            ),
        )


class Checker:
    """Reads a history event by event. `take` gives the contradictions that an event shows."""

    def __init__(self) -> None:
        self._line = Line()
        self._backups: dict[str, Line] = {}
        self._owners: dict[str, int] = {}
        self._games: dict[str, Session] = {}
        self._open: dict[int, Sent] = {}
        self._erasing: set[int] = set()
        self._erased: dict[int, float] = {}
        self._restored: tuple[float, float] = (-1.0, -1.0)
        self._settled_at = 0.0
        self._settled: dict[str, int] = {}
        """What had been played when all was settled, and by whom."""
        self._signed_in: dict[str, float] = {}
        """By device, the last time."""
        self._once_acknowledged: set[str] = set()
        """On any line of time."""
        self._experience = Experience()

    def take(self, event: Event) -> Iterator[Contradiction]:
        match event:
            case Played():
                self._owners[event.session["session_id"]] = event.student
                self._games[event.session["session_id"]] = event.session
            case Sent():
                self._begin(event)
            case Answered():
                for name, what in self._answered(event):
                    yield Contradiction(name=name, what=what, at=event.at)
            case Unanswered():
                self._end(event.request)
            case Heard():
                for name, what in self._heard(event):
                    yield Contradiction(name=name, what=what, at=event.at)
            case Offered():
                for name, what in self._offered(event):
                    yield Contradiction(name=name, what=what, at=event.at)
            case BooksRead():
                for name, what in self._read(event):
                    yield Contradiction(name=name, what=what, at=event.at)
            case BackedUp():
                self._backups[event.name] = self._line.before(event.begun)
            case Restored():
                self._restore(event)
            case Erasing():
                self._erasing.add(event.student)
            case Erased():
                self._erased[event.student] = event.at
            case Settled():
                self._settled_at, self._settled = event.at, dict(self._owners)
            case Broke():
                yield Contradiction(name=BROKE, what=event.why, at=event.at)

    def _begin(self, sent: Sent) -> None:
        unknown = [one for one in sent.sessions if one not in self._owners]
        if unknown or sent.request in self._open:
            raise HistoryError(f"request {sent.request} was begun before, or sends {unknown}")
        self._open[sent.request] = sent
        self._line.carry(sent)

    def _end(self, request: int) -> Sent:
        try:
            return self._open.pop(request)
        except KeyError:
            raise HistoryError(f"request {request} was never begun, or ended before") from None

    def _restore(self, restored: Restored) -> None:
        if restored.name not in self._backups:
            raise HistoryError(f"no backup is called {restored.name}")
        self._line = deepcopy(self._backups[restored.name])
        for sent in self._open.values():
            self._line.carry(sent)
        self._restored = restored.begun, restored.at
        self._settled = {}

    def _straddles_restore(self, begun: float) -> bool:
        """Whether what began then, and is over now, may belong to either line of time."""
        return begun < self._restored[1]

    def _answered(self, answer: Answered) -> Iterator[tuple[str, str]]:
        sent = self._end(answer.request)
        student, line = sent.student, self._line
        if answer.status != 202:
            yield from self._unexpected(sent, answer.status, answer.retry_after, "sync")
            return
        if student in self._erased and sent.at > self._erased[student]:
            yield ERASED_AND_SEEN, f"student {student} sent games"
        if [one for one, _ in answer.receipts] != list(sent.sessions):
            yield OTHER_RECEIPTS, f"request {answer.request}"
            return
        if self._straddles_restore(sent.at):
            return
        for one, said in answer.receipts:
            if said not in ("accepted", "duplicate"):
                yield REFUSED, f"{one} is {said}"
                continue
            if said == "duplicate" and line.carried[one] < 2:
                yield DUPLICATE_OF_NOTHING, one
            if said == "accepted":
                if one in line.accepted:
                    yield ACCEPTED_TWICE, one
                line.accepted.setdefault(one, answer.at)
            line.acknowledged.setdefault(one, answer.at)
            self._once_acknowledged.add(one)

    def _unexpected(
        self, request: Sent | Heard, status: int, retry_after: bool, where: str
    ) -> Iterator[tuple[str, str]]:
        student = request.student
        may_be_gone = status in (401, 410) and student in self._erasing
        begun = request.at if isinstance(request, Sent) else request.begun
        signed_in = self._restored[1] < self._signed_in.get(request.device, -1.0) < begun
        signed_out = status == 401 and not signed_in
        if not (may_be_gone or signed_out or (status == 503 and retry_after)):
            yield UNEXPECTED, f"{status} to student {student} at {where}"

    def _heard(self, heard: Heard) -> Iterator[tuple[str, str]]:
        if heard.status != 200:
            yield from self._unexpected(heard, heard.status, heard.retry_after, heard.path)
            return
        if heard.path == SIGN_IN:
            self._signed_in[heard.device] = heard.begun
        if heard.begun > self._erased.get(heard.student, heard.at):
            yield ERASED_AND_SEEN, f"student {heard.student} at {heard.path}"
        elif heard.progress is not None and not self._straddles_restore(heard.begun):
            yield from self._progress(heard.student, heard.begun, heard.at, *heard.progress)

    def _offered(self, offer: Offered) -> Iterator[tuple[str, str]]:
        if self._straddles_restore(offer.begun):
            return
        line = self._line
        for one in offer.stored:
            if not line.carried[one]:
                yield FROM_NOWHERE, f"{one} of student {offer.student}"
            line.acknowledged.setdefault(one, offer.at)
        for one in offer.lacking:
            if line.acknowledged.get(one, offer.at) < offer.begun:
                yield LOST, f"{one} of student {offer.student}, which the server asks for again"

    def _progress(
        self, student: int, begun: float, at: float, xp: int, games: int
    ) -> Iterator[tuple[str, str]]:
        seen = self._line.progress[student]
        earlier = seen[: bisect_left(seen, begun, key=lambda one: one[0])]
        if earlier:
            _, most_xp, most_games = earlier[-1]
            if xp < most_xp or games < most_games:
                had, has = f"{most_xp} XP of {most_games} games", f"{xp} of {games}"
                yield WENT_BACK, f"student {student} had {had}, then {has}"
        if not seen or (xp, games) > seen[-1][1:]:
            seen.append((at, xp, games))
        sent = self._line.sent_of[student]
        if games > sent:
            yield TOO_MANY, f"student {student}: {games} of {sent}"

    def _read(self, books: BooksRead) -> Iterator[tuple[str, str]]:
        yield from self._erased_seen(books)
        if self._straddles_restore(books.begun):
            return
        ours = {*self._owners.values()} - self._erasing
        states: dict[str, list[str]] = defaultdict(list)
        for student, one, state in books.inbox:
            if student in ours:
                states[one].append(state)
        times = {one: number for student, one, number in books.counted if student in ours}
        counted: dict[int, dict[str, Session]] = defaultdict(dict)
        for one in times.keys() & self._owners.keys():
            counted[self._owners[one]][one] = self._games[one]
        yield from self._rows(books, ours, states, times)
        yield from self._lost(books.begun, ours, states, times)
        for student in sorted(ours & books.students.keys()):
            xp, games = books.students[student]
            own = counted[student]
            wanted = self._experience.of(student, own)
            if games > len(own):
                yield TWICE, f"student {student}: {games} of {len(own)}"
            elif xp != wanted:
                yield WRONG_XP, f"student {student} has {xp}, the rules give {wanted}"
            yield from self._progress(student, books.begun, books.at, xp, games)
        for student in sorted(ours - books.students.keys()):
            yield CHILD_LOST, f"student {student}"
        for one in times:
            self._line.counted.setdefault(one, books.at)

    def _erased_seen(self, books: BooksRead) -> Iterator[tuple[str, str]]:
        gone = {student for student, at in self._erased.items() if books.begun > at}
        there = {
            *books.students,
            *(student for student, *_ in books.inbox),
            *(student for student, *_ in books.counted),
        }
        for student in sorted(gone & there):
            yield ERASED_AND_SEEN, f"student {student} in the books"

    def _rows(
        self,
        books: BooksRead,
        ours: set[int],
        states: dict[str, list[str]],
        times: dict[str, int],
    ) -> Iterator[tuple[str, str]]:
        sent = self._line.carried
        for student, one, *_ in [*books.inbox, *books.counted]:
            if student in ours and one not in sent:
                yield FROM_NOWHERE, f"{one} of student {student}"
            elif student in ours and self._owners[one] != student:
                yield MOVED, f"{one} of student {self._owners[one]} in those of {student}"
        for one in states.keys() | times.keys():
            if len(states[one]) > 1 or times.get(one, 0) > 1:
                yield TWICE, f"{one} is there {states[one]} and counts {times.get(one, 0)} times"
            elif bad := {*states[one]} - GOOD_STATES:
                yield REFUSED, f"{one} is {', '.join(bad)}"
            elif ("processed" in states[one]) != (one in times):
                yield HALF, f"{one} is {states[one] or 'not there'}"

    def _lost(
        self,
        begun: float,
        ours: set[int],
        states: dict[str, list[str]],
        times: dict[str, int],
    ) -> Iterator[tuple[str, str]]:
        line = self._line
        for one, at in line.acknowledged.items():
            if at < begun and self._owners[one] in ours and not (states[one] or one in times):
                yield LOST, f"{one} of student {self._owners[one]}, acknowledged at {at:.3f} s"
        for one, at in line.counted.items():
            if at < begun and self._owners[one] in ours and one not in times and states[one]:
                yield WENT_BACK, f"{one} counted, and is {states[one]} again"
        if begun > self._settled_at:
            for one, student in self._settled.items():
                if student in ours and one not in times:
                    was_told = one in self._once_acknowledged and one not in line.acknowledged
                    name = LOST_BY_RESTORE if was_told else NOT_COUNTED
                    yield name, f"{one} of student {student} is {states[one] or 'nowhere'}"


def contradictions(history: Iterable[Event]) -> Iterator[Contradiction]:
    """In the order in which they show. Raises HistoryError."""
    checker = Checker()
    for event in history:
        yield from checker.take(event)


def check(history: Iterable[Event]) -> Contradiction | None:
    """The first contradiction, or None. Raises HistoryError for a history that cannot be."""
    return next(contradictions(history), None)


def main() -> int:
    with Path(sys.argv[1]).open() as lines:
        found = Counter()
        for one in contradictions(read_history(lines)):
            if not found:
                print(f"first: {one}")
            found[one.name] += 1
    for name, number in found.items():
        print(f"{number:6} {name}")
    return bool(found)


if __name__ == "__main__":
    raise SystemExit(main())
