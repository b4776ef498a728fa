"""What the use cases ask of a store. The fakes in tests/fakes and the PostgreSQL adapters in
neuroplay/infra/db both pass tests/contract.

Repositories live inside one unit of work: nothing is visible to others before its commit. What
only reads needs the `...Reading` part of one.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Protocol
from uuid import UUID

from neuroplay.core.entities.achievement import UnlockedAchievement
from neuroplay.core.entities.allowance import Allowance
from neuroplay.core.entities.game_session import GameSession
from neuroplay.core.entities.inbox_filter import EVERYTHING, InboxFilter
from neuroplay.core.entities.stored_session import BoardPlace, ListedSession, SessionResult
from neuroplay.core.entities.student import (
    CardHolder,
    DeviceSignIn,
    HoldingDevice,
    KnownDevice,
    OutboxReport,
    Principal,
    SchoolClass,
    Student,
    TokenRecord,
)
from neuroplay.core.entities.sync_item import (
    Attempt,
    Decision,
    Delivery,
    InboxCounts,
    InboxItem,
    InboxOutcome,
    Receipt,
)
from neuroplay.core.entities.verification import UnverifiedSession, Verdict, Verification
from neuroplay.core.rules.neighbours import SeedKey


class StudentReading(Protocol):
    def get(self, student_id: int) -> Student | None:
        """The student with progress; from memory where `lock` loaded it."""

    def get_with_counts(self, student_id: int) -> tuple[Student, InboxCounts] | None:
        """The student as it is stored, and where its sessions are: those that wait or ended
        otherwise are counted, `processed` is the student's own counter."""

    def by_class(self, class_id: int) -> list[Student]: ...
    def names(self, student_ids: Sequence[int]) -> Mapping[int, tuple[str, str]]:
        """The nickname of each of these students, and the name of the class."""

    def called(self, nickname: str) -> list[int]:
        """Ids of all students with that very nickname, in order; of a number also those whose
        nickname is that number with more or fewer zeros before it, or in other digits."""

    def cards(self, class_codes: Sequence[str]) -> Mapping[str, Sequence[CardHolder]]:
        """The students of the classes with these codes, by id; no entry for an empty class."""


class CountedStudents(Protocol):
    """Students, as far as counting a session goes."""

    def get(self, student_id: int) -> Student | None:
        """The student with progress; from memory where `lock` loaded it."""

    def save(self, student: Student) -> None:
        """Keep the student's progress (written at the latest by commit, in bulk)."""


class StudentRepository(StudentReading, CountedStudents, Protocol):
    def lock(self, student_ids: Sequence[int]) -> None:
        """Lock the rows in id order until the end of the unit of work and load them (with
        progress, games and achievements) in a fixed number of statements; unknown ids are
        passed over."""

    def add(
        self,
        class_id: int,
        nickname: str,
        avatar: str,
        *,
        first_sign_in_at: datetime | None = None,
    ) -> Student:
        """A new student; `first_sign_in_at` is set for those whose past was not lived here."""

    def raise_card_version(self, student_id: int, seen: int) -> Student | None:
        """New card: the version goes up and all tokens of the student are revoked. None where the
        version is not the one that was `seen` any more, or the student is gone."""

    def ids(self, *, after: int, limit: int) -> list[int]:
        """Ids of all students, in order, from above `after` on."""

    def restate(self, student: Student) -> None:
        """Make what is stored of the student's progress be this and nothing else; achievements
        that are stored and still hold keep their time and session."""

    def erase(self, student_id: int) -> Mapping[str, int]:
        """Remove the student everywhere (inbox, sessions, achievements, devices, audit texts);
        tokens stay as nameless tombstones marked erased. Returns rows removed by table."""


class ClassReading(Protocol):
    def get(self, class_id: int) -> SchoolClass | None: ...
    def all(self) -> list[tuple[SchoolClass, int]]:
        """Every class with its number of students, by name."""


class ClassRepository(ClassReading, Protocol):
    def add(self, name: str, code: str, *, leaderboard_enabled: bool = True) -> SchoolClass: ...
    def by_code(self, code: str) -> SchoolClass | None: ...
    def remove(self, class_id: int) -> None:
        """Remove a class that has no students."""


class SessionReading(Protocol):
    def result(self, session_id: UUID) -> SessionResult | None: ...
    def of_student(self, student_id: int) -> list[GameSession]:
        """All stored sessions of a student (without traces), by end and id."""

    def page(
        self, student_id: int, cursor: tuple[datetime, int] | None, limit: int
    ) -> list[ListedSession]:
        """The student's sessions, newest first, pending and held ones too; `cursor` is
        (received_at, inbox_id) of the one before."""

    def leaderboard(
        self, class_id: int, game_type: str, since: datetime, until: datetime
    ) -> list[BoardPlace]:
        """The best of what ended from `since` on and before `until`, best first, ties by who
        reached it first; only sessions whose verdict is verified or approved."""


class CountedSessions(Protocol):
    """Sessions, as far as counting another one goes."""

    def existing(self, session_ids: Sequence[UUID]) -> frozenset[UUID]:
        """Those of the ids that are stored already."""

    def add(self, session: GameSession, *, xp_gained: int, rating: str, verdict: Verdict) -> None:
        """Store a processed session (bulk, at the latest by commit). Its times are already
        corrected by the clock shift. The trace's hash is `rules.plausibility.trace_hash(session)`
        (None: it has no trace). A plausible session with one is to be verified."""

    def ends_between(
        self, student_id: int, first: date, last: date
    ) -> tuple[datetime, datetime] | None:
        """When the earliest and the latest of the student's sessions ended whose play days lie
        from `first` to `last`; those count that this unit of work has added."""


class PlayedSessions(Protocol):
    """Sessions, as far as they speak against another one."""

    def near(self, spans: Mapping[int, tuple[datetime, datetime]]) -> dict[int, list[GameSession]]:
        """For each student id, the stored sessions that overlap [start, end] (without traces),
        in one statement; for the plausibility rules."""

    def trace_owners(self, trace_hashes: Sequence[bytes]) -> dict[bytes, UUID]:
        """Which session already has a trace of this hash (of any student), and is no mismatch."""

    def seed_owners(self, keys: Collection[SeedKey]) -> dict[SeedKey, UUID]:
        """Which session with a trace is the first that was stored of each course, in its class,
        and is no mismatch: what is none of its trace takes no course from others."""


class TracedSessions(Protocol):
    """Sessions to be verified."""

    def claim_unverified(
        self, limit: int, *, now: datetime, lease_s: float
    ) -> list[UnverifiedSession]:
        """Up to `limit` plausible sessions with a trace that are due to be verified, those that
        were never tried first and of them the latest stored; SKIP LOCKED. Their tries + 1 are
        set, and they are due again when the lease runs out. The caller commits at once. A time
        that lies further ahead than verification.LONGEST_WAIT_S keeps nothing back. Where
        the inbox does not hold the trace any more, the session comes without it."""

    def finish_verification(self, outcomes: Sequence[Verification]) -> None:
        """Write what came of claimed sessions. A plausible one without reasons was not tried, and
        keeps those that it had. Never waits for another transaction: a session that is locked,
        or not plausible any more, is left as it is."""

    def second_on_their_course(self, session_ids: Sequence[UUID]) -> frozenset[UUID]:
        """Those of the sessions before which another one of the class was stored on the same
        course, and is no mismatch."""


class GameSessionRepository(
    SessionReading, CountedSessions, PlayedSessions, TracedSessions, Protocol
): ...


class AchievementRepository(Protocol):
    def unlock(self, achievement: UnlockedAchievement) -> None:
        """Once per (student, achievement), at the latest by commit, in bulk. A second unlock adds
        no row; where it is earlier than the stored one, the earlier time and session stay. One
        unit of work never unlocks the same achievement of a student twice."""


class InboxReading(Protocol):
    def has_due(self, *, now: datetime) -> bool:
        """Whether a claim would find something."""

    def attempts_of(self, inbox_id: int) -> Sequence[Attempt]:
        """The kept attempts of an item, oldest first."""

    def get(self, inbox_id: int) -> InboxItem | None: ...
    def counts(self, *, now: datetime) -> InboxCounts:
        """All items by state. `processed` is what the students' counters add up to, which is the
        same: both are written in one transaction."""

    def counts_of(self, student_id: int) -> InboxCounts:
        """One student's items by state (`oldest_pending_s` is None), in one statement."""

    def recent(self, since: datetime) -> tuple[int, int]:
        """How many items came since then, and how many of these are processed."""

    def errors(self) -> Mapping[str, int]:
        """How many items not processed carry each last_error_code."""

    def list(
        self, which: InboxFilter = EVERYTHING, *, before: int | None = None, limit: int = 50
    ) -> list[InboxItem]:
        """Newest first; `before` is the inbox_id to page from."""

    def by_session(self, session_id: UUID) -> Sequence[InboxItem]: ...


class InboxRepository(InboxReading, Protocol):
    def insert(self, deliveries: Sequence[Delivery]) -> list[list[Receipt]]:
        """Store all items with one INSERT statement; for each delivery a receipt an item, in
        order.

        Same id + same hash + same student: duplicate. Same id otherwise: conflict, stored too.
        An item with `error`: stored as invalid, once per (student, payload_hash); when such a
        payload was since replayed out of `invalid`, the answer is duplicate. What is repeated
        within the deliveries follows the same rules in order. Raises NotFound where a student was
        erased: then nothing of it is stored."""

    def claim(
        self, limit: int, *, now: datetime, lease_s: float, ids: Sequence[int] | None = None
    ) -> list[InboxItem]:
        """Up to `limit` pending items that are due and not leased, oldest first, SKIP LOCKED;
        attempts + 1 and the lease are set. An item is due from its arrival on. A time that lies
        further ahead than LONGEST_WAIT_S or LATEST_LEASE_S was written before the clock was set
        back, and keeps nothing back. The caller commits at once. An item whose earlier
        lease ran out is returned alone (with tried_before)."""

    def finish(
        self,
        outcomes: Sequence[InboxOutcome],
        *,
        now: datetime,
        release: str,
        who: str | None = None,
    ) -> None:
        """Write what became of claimed items, in one statement. An item that is not pending any
        more is left as it is: a worker that lost its lease comes too late. An operator (`who`) has
        taken the items: whatever they were, they become this, and a dismissed one is open again.

        Outcomes that are not `processed`, and all of an operator's, are kept as attempts too;
        before an operator's also what the item says of its fate, where no attempt is kept."""

    def owners(self, inbox_ids: Sequence[int]) -> Mapping[int, int]:
        """The student of each of these items."""

    def take(self, inbox_ids: Sequence[int], *, now: datetime) -> Sequence[InboxItem]:
        """Those of the items that nobody works on and that are not processed, as they are, locked
        until the end of the unit of work; SKIP LOCKED."""

    def dismiss(
        self, inbox_ids: Sequence[int], *, now: datetime, release: str, who: str, reason: str
    ) -> None:
        """Close items that were taken; the reason is kept as an attempt, and before it what an
        item itself says of its fate, where none is kept. An item holds its id as before."""

    def standing(self, session_ids: Sequence[UUID]) -> Mapping[UUID, tuple[int, bytes]]:
        """Which of the ids are taken by an item that is neither invalid nor conflict:
        (student_id, payload_hash)."""

    def identify(self, inbox_id: int, session_id: UUID) -> None:
        """Give an item whose record had no readable id the one that is read now."""


class TokenReading(Protocol):
    def find(self, token_hash: bytes) -> TokenRecord | None: ...
    def by_id(self, token_id: UUID) -> TokenRecord | None: ...
    def sign_ins(
        self, *, device_id: UUID | None = None, student_id: int | None = None
    ) -> Sequence[DeviceSignIn]:
        """Who is signed in on which device, last used first."""


class TokenRepository(TokenReading, Protocol):
    def add(
        self,
        *,
        token_id: UUID,
        token_hash: bytes,
        student_id: int,
        device_id: UUID,
        card_version: int,
        now: datetime,
    ) -> None:
        """The student's first one is remembered as the first sign-in. That the student does not
        exist may be said later, by commit."""

    def revoke(self, token_id: UUID, *, now: datetime) -> bool: ...
    def use(self, token_id: UUID) -> None:
        """Note that it is used today, by the store's clock."""

    def revoke_device(
        self, device_id: UUID, *, student_id: int | None = None, now: datetime
    ) -> None:
        """End the sign-ins on a device, of one student or of all."""


class DeviceReading(Protocol):
    def holding(self) -> list[HoldingDevice]:
        """Devices with unsent sessions, oldest first."""

    def of_student(self, student_id: int) -> list[KnownDevice]: ...


class DeviceRepository(DeviceReading, Protocol):
    def report(self, principal: Principal, outbox: OutboxReport | None, *, now: datetime) -> None:
        """Last contact and what the device still holds of this student. That the student does
        not exist may be said later, by what follows in the unit of work or by its commit."""


class BudgetRepository(Protocol):
    def charge(self, student_id: int, sessions: int, size: int, allowance: Allowance) -> float:
        """Note that the student sent so much, unless its budget is used up already: then
        nothing is noted. Seconds until it is not, 0.0 where it was not. What is used comes back
        evenly, by the store's own clock. Committed at once; a crash may forget it. Raises NotFound
        where the student was erased."""


class AuditReading(Protocol):
    def decisions(self, student_id: int, inbox_id: int) -> Sequence[Decision]:
        """What adults decided about an item of this student, oldest first."""


class AuditRepository(AuditReading, Protocol):
    def add(
        self, *, who: str, what: str, target: str, details: Mapping[str, object], now: datetime
    ) -> None: ...
