"""Apply the rules to inbox items, within one unit of work."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast
from uuid import UUID

from neuroplay.core.entities.game_catalogue import GAMES, UNKNOWN_GAME
from neuroplay.core.entities.game_session import GameSession
from neuroplay.core.entities.sync_item import FieldError, InboxOutcome, InboxState, ItemToDrain
from neuroplay.core.entities.verification import Verdict
from neuroplay.core.errors import InvalidSession, StoreUnavailable
from neuroplay.core.interfaces.services import Clock
from neuroplay.core.interfaces.sessions import PlayedSessions
from neuroplay.core.interfaces.students import CountedStudents
from neuroplay.core.interfaces.unit_of_work import UnitOfWork
from neuroplay.core.rules.neighbours import LONGEST_SPAN_S, Neighbours, Player
from neuroplay.core.rules.plausibility import check_possible, doubts
from neuroplay.core.rules.session_record import read_session
from neuroplay.core.rules.storable import check_is_object
from neuroplay.core.use_cases.process_game_completion import ProcessGameCompletion

_Judged = tuple[ItemToDrain, GameSession, list[str]]


@dataclass(frozen=True, kw_only=True, slots=True)
class DrainedItem:
    """The result for one item. `state` is `pending` if it will be tried again.

    `seconds` is the time that the rules took. `game_type` is UNKNOWN_GAME if it is not in the
    catalogue.
    """

    game_type: str
    state: InboxState
    seconds: float
    session_id: UUID | None = None
    request_id: str | None = None
    """The id of the request that delivered it."""


SetAside = Callable[[ItemToDrain, Exception], InboxOutcome]
"""Decides the outcome of an item for which a rule raised an unexpected error."""


class DrainBatch:
    """Reads, judges and counts items, and collects their outcomes."""

    def __init__(
        self,
        uow: UnitOfWork,
        *,
        clock: Clock,
        timer: Callable[[], float],
        approved: bool = False,
        set_aside: SetAside | None = None,
    ) -> None:
        """`approved`: an adult has reviewed the items, so doubts do not hold them.

        `set_aside` gets the items for which a rule raises an unexpected error. Without it the error
        is raised, and the other items are not processed either.
        """
        self._uow = uow
        self._clock = clock
        self._timer = timer
        self._approved = approved
        self._set_aside = set_aside
        self.outcomes: list[InboxOutcome] = []
        self.items: list[DrainedItem] = []
        self.unlocked: list[str] = []

    def apply(self, items: Sequence[ItemToDrain]) -> None:
        """Process the items; the caller commits.

        Of two sessions that exclude each other, the one that arrived first stays. Sessions are
        counted in the order in which they were played.
        """
        students = self._uow.students
        students.lock(sorted({item.student_id for item in items}))
        # Items of a student who was erased or merged since the claim are left alone: they are gone,
        # or another student's by now.
        there = [item for item in items if students.get(item.student_id) is not None]
        read = self._read(sorted(there, key=lambda item: item.inbox_id))
        self._count(sorted(self._judge(read), key=_by_end))

    def record(self, item: ItemToDrain, outcome: InboxOutcome, seconds: float = 0.0) -> None:
        """Record an item's outcome."""
        self.outcomes.append(outcome)
        game_type = item.payload.get("game_type")
        known = isinstance(game_type, str) and game_type in GAMES
        self.items.append(
            DrainedItem(
                game_type=cast("str", game_type) if known else UNKNOWN_GAME,
                state=outcome.state,
                seconds=seconds,
                session_id=item.session_id,
                request_id=item.request_id,
            )
        )

    def _record(
        self,
        item: ItemToDrain,
        state: InboxState,
        seconds: float = 0.0,
        *,
        error_code: str | None = None,
        error: str | None = None,
        reasons: tuple[str, ...] = (),
    ) -> None:
        outcome = InboxOutcome(
            inbox_id=item.inbox_id,
            state=state,
            error_code=error_code,
            error=error,
            reasons=reasons,
        )
        self.record(item, outcome, seconds)

    def _failed(self, item: ItemToDrain, error: Exception) -> None:
        """Handle an unexpected error of a rule. Only before anything of the item is written."""
        if self._set_aside is None or isinstance(error, StoreUnavailable):
            raise error
        self.record(item, self._set_aside(item, error))

    def _read(self, items: Sequence[ItemToDrain]) -> list[_Judged]:
        """The valid items with their sessions, and the doubts about each by itself."""
        read = []
        for item in items:
            try:
                if item.session_id is None:
                    check_is_object(item.payload)
                session = read_session(
                    item.payload,
                    item.student_id,
                    session_id=item.session_id,
                    clock_shift_s=item.clock_shift_s,
                )
                check_possible(session)
                reasons = doubts(session)
            except InvalidSession as error:
                self._record(
                    item,
                    InboxState.INVALID,
                    error_code=error.code,
                    error=FieldError.of(error).text,
                )
            except Exception as error:  # noqa: BLE001 - a bad item must not stop the others
                self._failed(item, error)
            else:
                read.append((item, session, reasons))
        return read

    def _judge(self, read: Sequence[_Judged]) -> list[tuple[ItemToDrain, GameSession]]:
        """The sessions to count. The others get their outcomes here."""
        known = set(self._uow.sessions.existing([_id_of(session) for _, session, _ in read]))
        neighbours = _neighbours(
            self._uow.students, self._uow.sessions, [session for _, session, _ in read]
        )
        counted = []
        for item, session, reasons in read:
            if session.session_id in known:
                self._record(
                    item,
                    InboxState.CONFLICT,
                    error_code="already_counted",
                    error="a session with this id has already been counted",
                )
                continue
            reasons += neighbours.doubts(session, received_at=item.received_at)
            if reasons and not self._approved:
                self._record(item, InboxState.HELD, reasons=tuple(reasons))
                continue
            known.add(_id_of(session))
            neighbours.add(session)
            counted.append((item, session))
        return counted

    def _count(self, counted: Sequence[tuple[ItemToDrain, GameSession]]) -> None:
        uow, timer = self._uow, self._timer
        process = ProcessGameCompletion(
            student_repo=uow.students,
            game_repo=uow.sessions,
            achievement_repo=uow.achievements,
            clock=self._clock,
        )
        for item, session in counted:
            started = timer()
            try:
                weighed = process.weigh(session)
            except Exception as error:  # noqa: BLE001 - a bad item must not stop the others
                self._failed(item, error)
                continue
            verdict = Verdict.APPROVED if self._approved else Verdict.PLAUSIBLE
            process.write(weighed, verdict=verdict)
            self.unlocked.extend(weighed.new_achievements)
            self._record(item, InboxState.PROCESSED, timer() - started)


def _id_of(session: GameSession) -> UUID:
    # Inbox items have UUIDs; only records from other systems have text ids.
    return cast("UUID", session.session_id)


def _by_end(pair: tuple[ItemToDrain, GameSession]) -> tuple[float, int]:
    item, session = pair
    return (session.ended_at.timestamp() if session.ended_at else 0.0), item.inbox_id


def _neighbours(
    students: CountedStudents, played: PlayedSessions, sessions: Sequence[GameSession]
) -> Neighbours:
    """The stored sessions to judge these against, read with three queries at most."""
    neighbours = Neighbours()
    for student_id in {session.student_id for session in sessions}:
        student = students.get(student_id)
        if student is not None:
            neighbours.add_player(
                Player(
                    student_id=student_id,
                    class_id=student.class_id,
                    first_sign_in_at=student.first_sign_in_at,
                    played_s=student.progress.played_s,
                )
            )
    spans = _spans(sessions)
    for beside in played.near(spans).values() if spans else ():
        neighbours.add_played(beside)
    traces = {trace for session in sessions if (trace := neighbours.trace_of(session))}
    if traces:
        neighbours.add_traces(played.trace_owners(sorted(traces)))
    seeds = {seed for session in sessions if (seed := neighbours.seed_of(session))}
    if seeds:
        neighbours.add_seeds(played.seed_owners(seeds))
    return neighbours


def _spans(sessions: Sequence[GameSession]) -> dict[int, tuple[datetime, datetime]]:
    """For each student, the time from the earliest start to the latest end."""
    spans: dict[int, tuple[datetime, datetime]] = {}
    longest = timedelta(seconds=LONGEST_SPAN_S)
    for session in sessions:
        start, end = session.started_at, session.ended_at
        if start is None or end is None:
            continue
        start = max(start, end - longest)
        known = spans.get(session.student_id)
        spans[session.student_id] = (
            (start, end) if known is None else (min(start, known[0]), max(end, known[1]))
        )
    return spans
