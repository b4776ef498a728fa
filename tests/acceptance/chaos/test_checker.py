"""The checker: it accepts every history of a system that does all right, however requests, backups
and restores overlap, and names each fault that is put into one."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from copy import deepcopy
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.acceptance.chaos import checker
from tests.acceptance.chaos.checker import HistoryError, check
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
from tests.acceptance.chaos.rules import xp_of
from tests.acceptance.chaos.tablets import finished_game

CHILDREN = (1, 2)
ME = "/api/v1/me"


@dataclass
class Store:
    """A database that does all right: by session, its child and whether it is processed."""

    rows: dict[str, tuple[int, bool]] = field(default_factory=dict)
    children: set[int] = field(default_factory=lambda: set(CHILDREN))
    tokens: set[int] = field(default_factory=set)


@dataclass(kw_only=True)
class Request:
    """`status` is 0 until it is done; a broken one will never be."""

    child: int
    batch: list[str]
    status: int = 0
    receipts: list[tuple[str, str]] = field(default_factory=list)
    is_broken: bool = False


class School:
    """A system and its tablets, one for each child, as a program in one thread: whatever takes a
    while is begun, done and told in separate steps."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.games: dict[str, Session] = {}
        self.owners: dict[str, int] = {}
        self.outbox: dict[int, list[str]] = {child: [] for child in CHILDREN}
        self.sent: dict[int, list[str]] = {child: [] for child in CHILDREN}
        self.store = Store()
        self.backups: dict[str, Store] = {}
        self.erased: set[int] = set()
        self.signed_in: set[int] = set()
        """Whose tablet thinks so."""
        self.forgotten: set[int] = set()
        """Whose tablet has been told of the erasure."""
        self.open: dict[int, Request] = {}
        self.looks: list[Heard | BooksRead] = []
        self.backing_up: tuple[float, Store] | None = None
        self._random, self._clock, self._requests = Random(7), 0, 0

    def now(self) -> float:
        self._clock += 1
        return float(self._clock)

    def add(self, event: Event) -> None:
        self.events.append(event)

    def sign_in(self, child: int) -> None:
        begun, there = self.now(), child in self.store.children
        if there:
            self.store.tokens.add(child)
            self.signed_in.add(child)
        else:
            self.forgotten.add(child)
        self._hear(child, SIGN_IN, begun, 200 if there else 401)

    def _hear(self, child: int, path: str, begun: float, status: int) -> None:
        heard = Heard(
            at=self.now(),
            begun=begun,
            student=child,
            device=f"of {child}",
            path=path,
            status=status,
        )
        self.add(heard)

    def play(self, child: int) -> None:
        game = finished_game(self._random, len(self.games))
        name = game["session_id"]
        self.games[name], self.owners[name] = game, child
        self.outbox[child].append(name)
        self.add(Played(at=self.now(), student=child, session=game))

    def begin(self, child: int) -> None:
        """The tablet sends all that it has, and something that it has sent before."""
        if child not in self.signed_in | self.forgotten:
            self.sign_in(child)
        batch = [*self.outbox[child], *self.sent[child][:1]]
        if batch and child not in self.forgotten:
            self._requests += 1
            self.open[self._requests] = Request(child=child, batch=batch)
            sent = Sent(
                at=self.now(),
                request=self._requests,
                student=child,
                device=f"of {child}",
                sessions=batch,
            )
            self.add(sent)

    def status_for(self, child: int) -> int:
        """Of a token that was given before."""
        if child in self.erased:
            return 410
        return 200 if child in self.store.tokens else 401

    def obey(self, child: int, status: int) -> None:
        if status == 401:
            self.signed_in.discard(child)
        if status == 410:
            self.forgotten.add(child)

    def commit(self) -> None:
        """The oldest request that has not been is stored."""
        for request in self.open.values():
            if not (request.status or request.is_broken):
                request.status = self.status_for(request.child)
                if request.status == 200:
                    request.status = 202
                    for name in request.batch:
                        said = "duplicate" if name in self.store.rows else "accepted"
                        request.receipts.append((name, said))
                        self.store.rows.setdefault(name, (request.child, False))
                return

    def tell(self, *, in_vain: bool = False) -> None:
        """The oldest request is answered, or given up; what was not stored by then never is."""
        if not self.open:
            return
        number = next(iter(self.open))
        request = self.open.pop(number)
        if in_vain or not request.status:
            self.add(Unanswered(at=self.now(), request=number, why="broken off"))
            return
        answer = Answered(
            at=self.now(),
            request=number,
            status=request.status,
            retry_after=False,
            receipts=request.receipts,
        )
        self.add(answer)
        self.obey(request.child, request.status)
        if not request.is_broken:  # else it holds what was restored without it
            told = {name for name, _ in request.receipts}
            outbox = self.outbox[request.child]
            self.sent[request.child] += [name for name in outbox if name in told]
            self.outbox[request.child] = [name for name in outbox if name not in told]

    def drain(self) -> None:
        for name, (child, is_processed) in self.store.rows.items():
            if not is_processed:
                self.store.rows[name] = child, True
                return

    def progress_of(self, child: int) -> tuple[int, int]:
        rows = self.store.rows.items()
        own = {name: self.games[name] for name, (owner, done) in rows if owner == child and done}
        return xp_of(own), len(own)

    def look(self, child: int) -> None:
        """A child looks at its progress; `see` tells of it, perhaps later."""
        if child in self.signed_in - self.forgotten:
            status = self.status_for(child)
            heard = Heard(
                at=0,
                begun=self.now(),
                student=child,
                device=f"of {child}",
                path=ME,
                status=status,
                progress=self.progress_of(child) if status == 200 else None,
            )
            self.looks.append(heard)

    def read_books(self) -> None:
        rows = self.store.rows.items()
        books = BooksRead(
            at=0,
            begun=self.now(),
            inbox=[(child, n, "processed" if done else "pending") for n, (child, done) in rows],
            counted=[(child, name, 1) for name, (child, done) in rows if done],
            students={child: self.progress_of(child) for child in self.store.children},
        )
        self.looks.append(books)

    def see(self, which: int = 0) -> None:
        if self.looks:
            seen = replace(self.looks.pop(which), at=self.now())
            self.add(seen)
            if isinstance(seen, Heard):
                self.obey(seen.student, seen.status)

    def begin_backup(self) -> None:
        if self.backing_up is None:
            self.backing_up = self.now(), deepcopy(self.store)

    def snapshot(self) -> None:
        """The moment of the backup that is being made."""
        if self.backing_up is not None:
            self.backing_up = self.backing_up[0], deepcopy(self.store)

    def end_backup(self) -> None:
        if self.backing_up is not None:
            begun, store = self.backing_up
            name = f"{len(self.backups)}.dump"
            self.backups[name], self.backing_up = store, None
            self.add(BackedUp(at=self.now(), begun=begun, name=name))

    def restore(self, which: int) -> None:
        """Stopped, restored, erasures done again; the tablets offer what they hold."""
        if not self.backups:
            return
        for request in self.open.values():  # some are told of it only later
            request.is_broken = True
        self.backing_up = None
        begun = self.now()
        name = sorted(self.backups)[which % len(self.backups)]
        self.store = deepcopy(self.backups[name])
        for child in self.erased:
            self._remove(child)
        self.add(Restored(at=self.now(), begun=begun, name=name))
        for child in CHILDREN:
            self.outbox[child], self.sent[child] = [*self.sent[child], *self.outbox[child]], []

    def erase(self, child: int) -> None:
        if child not in self.erased:
            self.add(Erasing(at=self.now(), student=child))
            self._remove(child)
            self.erased.add(child)
            self.add(Erased(at=self.now(), student=child))

    def _remove(self, child: int) -> None:
        self.store.children.discard(child)
        self.store.rows = {n: row for n, row in self.store.rows.items() if row[0] != child}
        self.store.tokens.discard(child)

    def offer(self, child: int) -> None:
        """What was sent, some of it again; the tablet takes back what is lacking."""
        if child in self.signed_in - self.forgotten and self.status_for(child) == 200:
            begun = self.now()
            stored = [one for one in self.sent[child] if one in self.store.rows]
            lacking = [one for one in self.sent[child] if one not in self.store.rows]
            self.outbox[child] += lacking
            self.sent[child] = list(stored)
            self.add(
                Offered(at=self.now(), begun=begun, student=child, stored=stored, lacking=lacking)
            )

    def exchange(self, child: int) -> None:
        """A whole request, and whatever was under way before it."""
        self.begin(child)
        while self.open:
            self.commit()
            self.tell()

    def settle(self) -> None:
        """Until nothing is under way, and everything is told."""
        self.end_backup()
        while self.looks:
            self.see()
        for child in CHILDREN:
            self.exchange(child)
            while self.outbox[child] and child not in self.forgotten:
                self.exchange(child)
        while any(not done for _, done in self.store.rows.values()):
            self.drain()
        self.add(Settled(at=self.now()))
        self.read_books()
        self.see()


Step = Callable[[School], None]


def _of(step: Callable[[School, int], None], child: int, school: School) -> None:
    step(school, child)


ONE_OF_A_CHILD = (
    *(School.play, School.play, School.begin, School.begin),
    *(School.exchange, School.exchange, School.look, School.offer),
)
OF_ALL = (
    *(School.commit, School.commit, School.tell, School.tell),
    *(School.drain, School.read_books, School.see, School.see),
    *(School.begin_backup, School.snapshot, School.end_backup),
    lambda school: school.see(-1),
    lambda school: school.tell(in_vain=True),
    lambda school: school.restore(0),
    lambda school: school.restore(1),
)
STEPS: Sequence[Step] = (
    *OF_ALL,
    *(partial(_of, step, child) for step in ONE_OF_A_CHILD for child in CHILDREN),
)
ERASURES: Sequence[Step] = [partial(_of, School.erase, child) for child in CHILDREN]


@st.composite
def schools(draw: st.DrawFn) -> School:
    school = School()
    steps = [*STEPS, *ERASURES] if draw(st.booleans()) else STEPS
    for step in draw(st.lists(st.sampled_from(steps), min_size=20, max_size=90)):
        step(school)
    school.settle()
    return school


@st.composite
def busy_schools(draw: st.DrawFn) -> School:
    """In which each child has played at least twice, and nobody was erased."""
    school = School()
    for child in CHILDREN:
        for _ in range(2):
            school.play(child)
        school.begin(child)
        school.commit()
        school.tell()
    for step in draw(st.lists(st.sampled_from(STEPS), max_size=25)):
        step(school)
    school.settle()
    return school


much = settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow])


@much
@given(schools())
def test_a_system_that_does_all_right_is_never_blamed(school: School) -> None:
    assert check(school.events) is None


def an_answer_is_heard_only_after_a_restore(school: School) -> None:
    school.begin(1)
    school.commit()
    school.restore(0)
    school.tell()
    school.read_books()


def a_request_is_served_only_after_a_restore(school: School) -> None:
    school.begin(1)
    (request,) = school.open.values()
    school.restore(0)
    school.store.tokens.add(1)
    request.is_broken = False
    school.commit()
    school.read_books()


def a_backup_lacks_what_was_seen_while_it_was_made(school: School) -> None:
    school.exchange(1)
    school.drain()
    school.play(1)
    school.begin_backup()
    school.exchange(1)
    school.drain()
    school.look(1)
    school.see()
    school.end_backup()
    school.restore(1)
    school.look(1)


def a_child_hears_late_what_it_had(school: School) -> None:
    school.exchange(1)
    school.look(1)
    school.drain()
    school.look(1)
    school.see(-1)


def the_books_are_read_for_long(school: School) -> None:
    school.exchange(1)
    school.read_books()
    school.drain()
    school.read_books()
    school.see(-1)


def a_tablet_was_signed_in_after_the_backup(school: School) -> None:
    school.exchange(1)
    school.restore(0)
    school.begin(1)
    school.commit()
    school.tell()
    school.begin(1)


def tablets_play_on_after_all_was_settled(school: School) -> None:
    school.exchange(1)
    school.settle()
    school.play(1)
    school.read_books()


def an_erased_child_is_still_on_its_tablet(school: School) -> None:
    school.begin(1)
    school.look(1)
    school.commit()
    school.erase(1)
    school.tell()
    school.begin(1)


@pytest.mark.parametrize(
    "course",
    [
        an_answer_is_heard_only_after_a_restore,
        a_request_is_served_only_after_a_restore,
        a_backup_lacks_what_was_seen_while_it_was_made,
        a_child_hears_late_what_it_had,
        the_books_are_read_for_long,
        a_tablet_was_signed_in_after_the_backup,
        tablets_play_on_after_all_was_settled,
        an_erased_child_is_still_on_its_tablet,
    ],
)
def test_nothing_is_wrong_when(course: Step) -> None:
    school = School()
    school.begin_backup()
    school.end_backup()
    school.play(1)
    course(school)
    school.see()
    assert check(school.events) is None
    school.settle()
    assert check(school.events) is None


@given(schools())
def test_a_history_says_the_same_after_it_was_written_and_read(school: School) -> None:
    lines = [json.dumps({"what": type(one).__name__, **asdict(one)}) for one in school.events]
    again = list(read_history(lines))
    assert [type(one) for one in again] == [type(one) for one in school.events]
    assert check(again) is None


def last_books(events: list[Event]) -> BooksRead:
    found = events[-1]
    assert isinstance(found, BooksRead)
    return found


def with_last(events: list[Event], **changed: object) -> list[Event]:
    return [*events[:-1], replace(last_books(events), **changed)]  # type: ignore[arg-type]


def forget(books: BooksRead, name: str) -> dict[str, object]:
    return {
        "inbox": [row for row in books.inbox if row[1] != name],
        "counted": [row for row in books.counted if row[1] != name],
    }


Fault = Callable[[School, list[Event]], list[Event]]


def a_game_is_gone(school: School, events: list[Event]) -> list[Event]:
    return with_last(events, **forget(last_books(events), last_books(events).inbox[0][1]))


def a_row_is_there_twice(school: School, events: list[Event]) -> list[Event]:
    inbox = last_books(events).inbox
    return with_last(events, inbox=[*inbox, inbox[0]])


def a_game_counts_twice(school: School, events: list[Event]) -> list[Event]:
    (child, name, _), *others = last_books(events).counted
    return with_last(events, counted=[(child, name, 2), *others])


def experience_is_given_twice(school: School, events: list[Event]) -> list[Event]:
    students = dict(last_books(events).students)
    xp, games = students[1]
    return with_last(events, students={**students, 1: (xp * 2, games + 1)})


def a_point_too_many(school: School, events: list[Event]) -> list[Event]:
    students = dict(last_books(events).students)
    xp, games = students[1]
    return with_last(events, students={**students, 1: (xp + 1, games)})


def a_processed_game_does_not_count(school: School, events: list[Event]) -> list[Event]:
    return with_last(events, counted=last_books(events).counted[1:])


def a_game_that_nobody_sent(school: School, events: list[Event]) -> list[Event]:
    books = last_books(events)
    return with_last(
        events,
        inbox=[*books.inbox, (1, "x", "processed")],
        counted=[*books.counted, (1, "x", 1)],
    )


def a_game_of_another_child(school: School, events: list[Event]) -> list[Event]:
    books = last_books(events)
    name = next(name for child, name, _ in books.inbox if child == 1)

    def moved(rows: object) -> list[object]:
        return [(2, *row[1:]) if row[1] == name else row for row in rows]  # type: ignore[attr-defined]

    return with_last(events, inbox=moved(books.inbox), counted=moved(books.counted))


def a_child_is_gone(school: School, events: list[Event]) -> list[Event]:
    books = last_books(events)
    return with_last(
        events,
        students={2: books.students[2]},
        inbox=[row for row in books.inbox if row[0] == 2],
        counted=[row for row in books.counted if row[0] == 2],
    )


def a_game_is_held(school: School, events: list[Event]) -> list[Event]:
    (child, name, _), *others = last_books(events).inbox
    return with_last(events, inbox=[(child, name, "held"), *others])


def a_child_sees_less(school: School, events: list[Event]) -> list[Event]:
    xp, games = last_books(events).students[1]
    heard = next(one for one in events if isinstance(one, Heard))
    now = events[-1].at
    shown = replace(heard, student=1, begun=now + 1, at=now + 2, path=ME, progress=(xp, games - 1))
    return [*events, shown]


def a_child_sees_more_than_was_sent(school: School, events: list[Event]) -> list[Event]:
    xp, _ = last_books(events).students[1]
    sent = sum(1 for one in school.owners.values() if one == 1)
    heard = next(one for one in events if isinstance(one, Heard))
    now = events[-1].at
    shown = replace(heard, student=1, begun=now + 1, at=now + 2, path=ME, progress=(xp, sent + 1))
    return [*events, shown]


def a_counted_game_waits_again(school: School, events: list[Event]) -> list[Event]:
    """With its XP taken back, so that nothing else is wrong."""
    child, name, _ = last_books(events).counted[0]
    games = {
        other: school.games[other]
        for owner, other, _ in last_books(events).counted
        if owner == child and other != name
    }
    books = replace(
        last_books(events),
        begun=events[-1].at + 1,
        at=events[-1].at + 2,
        inbox=[
            (owner, other, "pending" if other == name else state)
            for owner, other, state in last_books(events).inbox
        ],
        counted=last_books(events).counted[1:],
        students={**last_books(events).students, child: (xp_of(games), len(games))},
    )
    return [*events, books]


def answered_last(
    school: School, events: list[Event], status: int, *receipts: str, retry_after: bool = False
) -> list[Event]:
    """A request of child 1 with a new game for each receipt, answered like this."""
    now, names = events[-1].at, []
    played: list[Event] = []
    for number, _ in enumerate(receipts or ("none",)):
        game = finished_game(Random(number), 10_000 + number)
        names.append(game["session_id"])
        played.append(Played(at=now + 1 + number, student=1, session=game))
    now += len(played)
    sent = Sent(at=now + 1, request=10**6, student=1, device="of 1", sessions=names)
    answer = Answered(
        at=now + 2,
        request=10**6,
        status=status,
        retry_after=retry_after,
        receipts=list(zip(names, receipts, strict=False)),
    )
    return [*events, *played, sent, answer]


def a_new_game_is_a_duplicate(school: School, events: list[Event]) -> list[Event]:
    return answered_last(school, events, 202, "accepted", "duplicate")


def a_new_game_is_invalid(school: School, events: list[Event]) -> list[Event]:
    return answered_last(school, events, 202, "invalid")


def a_receipt_is_missing(school: School, events: list[Event]) -> list[Event]:
    *before, answer = answered_last(school, events, 202, "accepted", "accepted")
    assert isinstance(answer, Answered)
    return [*before, replace(answer, receipts=answer.receipts[:1])]


def an_internal_error(school: School, events: list[Event]) -> list[Event]:
    return answered_last(school, events, 500)


def no_word_when_to_come_again(school: School, events: list[Event]) -> list[Event]:
    return answered_last(school, events, 503)


def a_child_is_signed_out(school: School, events: list[Event]) -> list[Event]:
    now = events[-1].at
    again = Heard(at=now + 2, begun=now + 1, student=1, device="of 1", path=SIGN_IN, status=200)
    return answered_last(school, [*events, again], 401)


def a_game_is_accepted_again(school: School, events: list[Event]) -> list[Event]:
    once = answered_last(school, events, 202, "accepted")
    sent, answer = once[-2:]
    assert isinstance(sent, Sent)
    assert isinstance(answer, Answered)
    now = answer.at
    return [
        *once,
        replace(sent, at=now + 1, request=10**6 + 1),
        replace(answer, at=now + 2, request=10**6 + 1),
    ]


def offered_last(school: School, events: list[Event], *, is_stored: bool) -> list[Event]:
    """A game that was stored is asked for, or one that was never sent is stored."""
    now = events[-1].at
    _, name, _ = last_books(events).inbox[0]
    offer = Offered(
        at=now + 2,
        begun=now + 1,
        student=1,
        stored=["never sent"] if is_stored else [],
        lacking=[] if is_stored else [name],
    )
    return [*events, offer]


def a_stored_game_is_asked_for(school: School, events: list[Event]) -> list[Event]:
    return offered_last(school, events, is_stored=False)


def a_game_is_stored_that_was_never_sent(school: School, events: list[Event]) -> list[Event]:
    return offered_last(school, events, is_stored=True)


def a_tablet_breaks(school: School, events: list[Event]) -> list[Event]:
    return [*events, Broke(at=events[-1].at + 1, why="KeyError")]


FAULTS: dict[Fault, str] = {
    a_game_is_gone: checker.LOST,
    a_row_is_there_twice: checker.TWICE,
    a_game_counts_twice: checker.TWICE,
    experience_is_given_twice: checker.TWICE,
    a_point_too_many: checker.WRONG_XP,
    a_processed_game_does_not_count: checker.HALF,
    a_game_that_nobody_sent: checker.FROM_NOWHERE,
    a_game_of_another_child: checker.MOVED,
    a_child_is_gone: checker.LOST,
    a_game_is_held: checker.REFUSED,
    a_child_sees_less: checker.WENT_BACK,
    a_child_sees_more_than_was_sent: checker.TOO_MANY,
    a_counted_game_waits_again: checker.WENT_BACK,
    a_new_game_is_a_duplicate: checker.DUPLICATE_OF_NOTHING,
    a_new_game_is_invalid: checker.REFUSED,
    a_receipt_is_missing: checker.OTHER_RECEIPTS,
    an_internal_error: checker.UNEXPECTED,
    no_word_when_to_come_again: checker.UNEXPECTED,
    a_child_is_signed_out: checker.UNEXPECTED,
    a_game_is_accepted_again: checker.ACCEPTED_TWICE,
    a_stored_game_is_asked_for: checker.LOST,
    a_game_is_stored_that_was_never_sent: checker.FROM_NOWHERE,
    a_tablet_breaks: checker.BROKE,
}


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__)
@settings(max_examples=25)
@given(school=busy_schools())
def test_a_fault_is_named_when(fault: Fault, school: School) -> None:
    found = check(fault(school, school.events))
    assert found is not None
    assert found.name == FAULTS[fault], found


@settings(max_examples=50)
@given(school=busy_schools())
def test_a_child_without_games_that_is_gone_is_named(school: School) -> None:
    events = [one for one in school.events if isinstance(one, Played) and one.student == 1][:1]
    now = events[0].at
    books = BooksRead(at=now + 2, begun=now + 1, inbox=[], counted=[], students={2: (0, 0)})
    found = check([*events, books])
    assert found is not None
    assert found.name == checker.CHILD_LOST


@given(steps=st.lists(st.sampled_from(STEPS), max_size=20))
def test_a_restore_that_loses_what_no_tablet_holds_any_more_is_named(
    steps: list[Step],
) -> None:
    school = School()
    school.begin_backup()
    school.end_backup()
    for step in steps:
        step(school)
    school.play(1)
    school.exchange(1)
    school.exchange(1)
    school.sent[1].clear()  # on the server's word
    school.restore(0)
    school.settle()
    found = check(school.events)
    assert found is not None
    assert found.name == checker.LOST_BY_RESTORE


@given(steps=st.lists(st.sampled_from(STEPS), max_size=20))
def test_an_erased_child_that_a_restore_brings_back_is_named(
    steps: list[Step],
) -> None:
    school = School()
    for step in steps:
        step(school)
    school.play(1)
    school.settle()
    assert check(school.events) is None
    school.begin_backup()
    school.end_backup()
    school.erase(1)
    school.erased.clear()  # the ledger of erasures was not read
    school.restore(len(school.backups) - 1)
    school.read_books()
    school.see()
    found = check(school.events)
    assert found is not None
    assert found.name == checker.ERASED_AND_SEEN


@pytest.mark.parametrize("how", ["signs in", "looks", "sends"])
def test_an_erased_child_that_is_served_is_named(how: str) -> None:
    school = School()
    school.erase(1)
    now = school.now()
    if how == "sends":
        events = answered_last(school, school.events, 202, "accepted")
    else:
        path = SIGN_IN if how == "signs in" else ME
        heard = Heard(
            at=now + 1, begun=now, student=1, device="of 1", path=path, status=200, progress=None
        )
        events = [*school.events, heard]
    found = check(events)
    assert found is not None
    assert found.name == checker.ERASED_AND_SEEN


def test_a_game_that_no_tablet_could_send_is_missed_in_the_end() -> None:
    school = School()
    school.play(1)
    school.outbox[1].clear()
    school.settle()
    found = check(school.events)
    assert found is not None
    assert found.name == checker.NOT_COUNTED


def test_the_first_of_two_contradictions_is_named() -> None:
    school = School()
    school.play(1)
    school.settle()
    broken = [a_tablet_breaks(school, school.events[:1])[-1]]
    found = check([*school.events[:1], *broken, *a_game_is_gone(school, school.events[1:])])
    assert found is not None
    assert (found.name, found.at) == (checker.BROKE, broken[0].at)


@pytest.mark.parametrize(
    "impossible",
    [
        [Answered(at=1, request=1, status=202, retry_after=False)],
        [Unanswered(at=1, request=1, why="")],
        [Sent(at=1, request=1, student=1, device="d", sessions=["nobody played it"])],
        [Sent(at=n, request=1, student=1, device="d", sessions=[]) for n in (1, 2)],
        [Restored(at=2, begun=1, name="none.dump")],
    ],
)
def test_a_history_that_cannot_be_is_refused(impossible: list[Event]) -> None:
    with pytest.raises(HistoryError):
        check(impossible)


@pytest.mark.parametrize("line", ["", "{}", '{"what": "Sent", "at": 1}', '{"what": "X"}', "[1]"])
def test_a_line_that_is_no_event_is_told_with_its_number(line: str) -> None:
    with pytest.raises(ValueError, match="line 1 is no event"):
        list(read_history([line]))
