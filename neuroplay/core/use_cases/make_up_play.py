"""Fill the demo class with two weeks of made-up play."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

from neuroplay.core.entities.principal import StudentPrincipal
from neuroplay.core.entities.student import OutboxReport, SchoolClass, Student
from neuroplay.core.interfaces.services import Clock, HashPayload, NewId
from neuroplay.core.interfaces.unit_of_work import UnitOfWorkFactory
from neuroplay.core.rules.made_up_play import DAYS, MadeUpChild, implausible
from neuroplay.core.use_cases.accept_sync import AcceptSync
from neuroplay.core.use_cases.create_class import CreateClass
from neuroplay.core.use_cases.drain_inbox import DrainInbox

FRESH_CHILDREN = 3
"""Children without made-up play: their cards are shown to the newcomer, who starts at level 1."""

MADE_UP_CHILDREN = 9
CHILDREN_OF_A_TABLET = 3
SENT_AFTER_S = 2
UNSENT, UNSENT_DAYS = 2, 2
"""Games that one tablet held when it was last heard, and how many days ago that was."""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Visit:
    """What a tablet sent at `sent_at`, and how many games it held afterwards."""

    principal: StudentPrincipal
    sent_at: datetime
    records: Sequence[dict[str, Any]] = ()
    unsent: int = 0


class MakeUpPlay:
    """Creates the demo class. Its made-up games go the way of all games, but arrive in the past.

    They are counted at once, so that no worker and no alert finds old games waiting.
    """

    def __init__(
        self,
        *,
        uow: UnitOfWorkFactory,
        clock: Clock,
        new_id: NewId,
        hash_payload: HashPayload,
        create_class: CreateClass,
        drain_inbox: DrainInbox,
    ) -> None:
        self._uow = uow
        self._clock = clock
        self._new_id = new_id
        self._hash_payload = hash_payload
        self._create_class = create_class
        self._drain = drain_inbox

    def execute(self, name: str, *, seed: int = 1) -> SchoolClass:
        """Create the class `name`; the same `seed` gives the same habits. Raises as CreateClass."""
        now = self._clock()
        made = self._create_class.execute(
            name,
            FRESH_CHILDREN + MADE_UP_CHILDREN,
            first_sign_in_at=now - timedelta(days=DAYS + 1),
        )
        players = [card.student for card in made.students[FRESH_CHILDREN:]]
        with self._uow() as uow:
            uow.students.mark_made_up([one.student_id for one in players])
            uow.commit()
        for visit in self._visits(players, now, Random(seed)):  # noqa: S311 - need not be secret
            self._send(visit)
        while self._drain.execute().more:
            pass
        return replace(made.school_class, has_made_up_play=True)

    def _visits(
        self, players: Sequence[Student], now: datetime, random: Random
    ) -> Iterator[_Visit]:
        """All visits; the last game is a doubtful one, and one more tablet still holds games."""
        visits = []
        device_id = self._new_id()
        for place, student in enumerate(players):
            if place % CHILDREN_OF_A_TABLET == 0:
                device_id = self._new_id()
            principal = self._on(student, device_id)
            child = MadeUpChild(random=Random(random.getrandbits(32)))  # noqa: S311
            for records in child.visits(now):
                ended = datetime.fromisoformat(records[-1]["ended_at"])
                sent_at = ended + timedelta(seconds=SENT_AFTER_S)
                visits.append(_Visit(principal=principal, sent_at=sent_at, records=records))
        *others, last = sorted(visits, key=lambda one: one.sent_at)
        yield from others
        yield replace(last, records=[*last.records[:-1], implausible(last.records[-1])])
        yield _Visit(
            principal=self._on(players[-1], self._new_id()),
            sent_at=now - timedelta(days=UNSENT_DAYS),
            unsent=UNSENT,
        )

    def _on(self, student: Student, device_id: UUID) -> StudentPrincipal:
        return StudentPrincipal(
            token_id=self._new_id(),
            device_id=device_id,
            student_id=student.student_id,
            class_id=student.class_id,
        )

    def _send(self, visit: _Visit) -> None:
        accept = AcceptSync(
            uow=self._uow,
            clock=lambda: visit.sent_at,
            hash_payload=self._hash_payload,
            wake_up=lambda: None,
        )
        accept.execute(
            visit.principal,
            sessions=visit.records,
            sent_at=visit.sent_at,
            outbox=OutboxReport(
                pending=visit.unsent, oldest=visit.sent_at if visit.unsent else None
            ),
            request_id=None,
        )
