"""Repositories of the store. The fakes in tests/fakes and the PostgreSQL adapters in
neuroplay/infra/db both pass tests/contract.

A repository belongs to one unit of work: its changes are invisible to others before the commit.
Code that only reads needs the `...Reading` part of a repository.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Protocol
from uuid import UUID

from neuroplay.core.entities.achievement import UnlockedAchievement
from neuroplay.core.entities.allowance import Allowance
from neuroplay.core.entities.epoch import Epoch
from neuroplay.core.entities.game_session import GameSession
from neuroplay.core.entities.inbox_filter import EVERYTHING, InboxFilter
from neuroplay.core.entities.opening_balance import CountedSession, OpeningBalance
from neuroplay.core.entities.principal import CardHolder, StudentPrincipal, TokenRecord
from neuroplay.core.entities.retention import Cutoffs, Removed, RetentionPass
from neuroplay.core.entities.stored_session import BoardPlace, ListedSession, Place, SessionResult
from neuroplay.core.entities.student import (
    DeviceSignIn,
    HoldingDevice,
    KnownDevice,
    MergedStudent,
    NamedStudent,
    OutboxReport,
    SchoolClass,
    Student,
)
from neuroplay.core.entities.sync_item import (
    Attempt,
    AuditEntry,
    AuditRecord,
    Decision,
    Delivery,
    InboxCounts,
    InboxItem,
    InboxOutcome,
    ItemToDrain,
    Receipt,
)
from neuroplay.core.entities.verification import UnverifiedSession, Verdict, Verification
from neuroplay.core.rules.neighbours import SeedKey


class StudentReading(Protocol):
    def get(self, student_id: int) -> Student | None:
        """The student with progress; from memory where `lock` loaded it."""

    def on_page(self, student_id: int) -> tuple[Student, InboxCounts, int] | None:
        """The student as stored, the student's items by state, and the minutes that the class plays
        on a day. `processed` is the counter in the student's progress; the other states are counted
        in the inbox."""

    def by_class(self, class_id: int) -> list[Student]: ...
    def names(self, student_ids: Sequence[int]) -> Mapping[int, tuple[str, str]]:
        """The nickname and class name of each student, by id."""

    def nicknames(self) -> list[NamedStudent]:
        """All students, in order of id."""

    def called(self, nickname: str) -> list[int]:
        """Ids of all students with exactly this nickname, in order.

        For a number, also those whose nickname is the same number with other leading zeros or in
        other digits.
        """

    def merged_into(self, student_id: int) -> int | None:
        """The student into whom this one was merged; None also for one who was erased."""

    def merged(self, student_id: int) -> Sequence[MergedStudent]:
        """Those who were merged into this student, in order of id."""


class CountedStudents(Protocol):
    """The part of the students' repository that counting a session needs."""

    def get(self, student_id: int) -> Student | None:
        """The student with progress; from memory where `lock` loaded it."""

    def save(self, student: Student) -> None:
        """Store the student's progress, in bulk, by the commit at the latest."""


class StudentRepository(StudentReading, CountedStudents, Protocol):
    def lock(self, student_ids: Sequence[int]) -> None:
        """Lock the rows, in id order, until the end of the unit of work, and load them with
        progress, games and achievements. The number of statements is fixed. Unknown ids are
        ignored."""

    def add(
        self,
        class_id: int,
        nickname: str,
        avatar: str,
        *,
        first_sign_in_at: datetime | None = None,
    ) -> Student:
        """Add a student. `first_sign_in_at` is for students with generated sessions in the past."""

    def move(self, student_id: int, class_id: int) -> None:
        """Put the student into another class."""

    def rename(self, student_id: int, nickname: str, avatar: str) -> None: ...
    def mark_made_up(self, student_ids: Sequence[int]) -> None:
        """See Student.has_made_up_play."""

    def raise_card_version(self, student_id: int, seen: int) -> Student | None:
        """Increment the version of the card, and revoke all tokens of the student. None, without
        any change, if the version is no longer `seen` or the student does not exist."""

    def ids(self, *, after: int, limit: int) -> list[int]:
        """Up to `limit` ids of students above `after`, in order."""

    def restate(self, student: Student) -> None:
        """Replace the stored progress of the student. Achievements that are in both keep their
        stored time and session."""

    def absorb(self, merged_id: int, into_id: int, *, now: datetime) -> Mapping[str, int]:
        """Give everything of one student to another and remove the first, both of them locked.

        Sessions, items, opening balances, devices and the audit move; of a badge the earlier time
        is kept; tokens stay valid. The progress of `into_id` must then be restated, since it is
        still that of its own sessions. Returns the number of moved rows by table.
        """

    def erase(self, student_id: int) -> Mapping[str, int]:
        """Delete the student everywhere: inbox, sessions, achievements, devices, texts in the
        audit. A tombstone of each token remains. Returns the number of deleted rows by table."""

    def erase_all(self, student_ids: Sequence[int]) -> Mapping[str, int]:
        """`erase` for several students. The number of statements is fixed."""


class ClassReading(Protocol):
    def get(self, class_id: int) -> SchoolClass | None: ...
    def of_student(self, student_id: int) -> SchoolClass | None:
        """The student's class; None if there is no such student."""

    def all(self) -> list[tuple[SchoolClass, int]]:
        """Every class with its number of students, by name."""

    def with_own_retention(self) -> list[SchoolClass]:
        """Those that keep something for another time than the installation."""


class ClassRepository(ClassReading, Protocol):
    def add(self, name: str, code: str, *, leaderboard_enabled: bool = True) -> SchoolClass: ...
    def by_code(self, code: str) -> SchoolClass | None: ...
    def lock(self, class_ids: Collection[int]) -> dict[int, SchoolClass]:
        """Lock the classes, in id order, until the end of the unit of work. Returns those that
        exist, by id, as they are then. Whoever adds, moves or renames a student locks the class,
        and classes are locked before students."""

    def save(self, school_class: SchoolClass) -> None:
        """Store everything about a locked class that can change: all but id, code and time, and
        what follows from its students."""

    def remove(self, class_id: int) -> None:
        """Delete a class that has no students."""


class SessionReading(Protocol):
    def result(self, session_id: UUID) -> SessionResult | None: ...
    def of_student(self, student_id: int) -> list[GameSession]:
        """All stored sessions of a student, without traces, in order of end and id."""

    def opening_balance(self, student_id: int) -> OpeningBalance:
        """What the student's folded sessions came to."""

    def page(self, student_id: int, cursor: Place | None, limit: int) -> list[ListedSession]:
        """The student's sessions in any state: those with a record, newest first, then those whose
        record was removed, by their end. `cursor` is the `place` of the last one on the previous
        page."""

    def leaderboard(
        self, class_id: int, game_type: str, since: datetime, until: datetime
    ) -> list[BoardPlace]:
        """Each student's best session that ended from `since` on and before `until`, best first.
        Of equal scores the earlier is first. Only verified and approved sessions are ranked."""


class CountedSessions(Protocol):
    """The part of the sessions' repository that counting a session needs."""

    def existing(self, session_ids: Sequence[UUID]) -> frozenset[UUID]:
        """The ids that are already stored, or settled."""

    def add(self, session: GameSession, *, xp_gained: int, rating: str, verdict: Verdict) -> None:
        """Store a processed session, in bulk, by the commit at the latest.

        Its times are already on the server's clock. Its trace hash is
        `rules.plausibility.trace_hash(session)`. A plausible session with a trace is due to be
        verified.
        """

    def ends_between(
        self, student_id: int, first: date, last: date
    ) -> tuple[datetime, datetime] | None:
        """The earliest and the latest end among the student's sessions with a play day from `first`
        to `last`, including folded ones and those that this unit of work has added."""


class PlayedSessions(Protocol):
    """The part of the sessions' repository that judging a session needs."""

    def near(self, spans: Mapping[int, tuple[datetime, datetime]]) -> dict[int, list[GameSession]]:
        """For each student id, the stored sessions that overlap [start, end], without traces. In
        one statement."""

    def trace_owners(self, trace_hashes: Sequence[bytes]) -> dict[bytes, UUID]:
        """For each trace hash, the stored session that has it, of any student. Mismatches are
        ignored."""

    def seed_owners(self, keys: Collection[SeedKey]) -> dict[SeedKey, UUID]:
        """For each course, the first stored session with a trace. Mismatches are ignored: a
        session that does not agree with its trace is no evidence that the course was played."""


class TracedSessions(Protocol):
    """The part of the sessions' repository that verification needs."""

    def claim_unverified(
        self, limit: int, *, now: datetime, lease_s: float
    ) -> list[UnverifiedSession]:
        """Claim up to `limit` plausible sessions with a trace that are due, with SKIP LOCKED.

        Those without a try come first, and of these the latest stored. Their tries are incremented,
        and they are due again when the lease expires. A due time more than
        verification.LONGEST_WAIT_S ahead is ignored. If the inbox no longer has the trace, the
        session comes without it. The caller commits at once.
        """

    def try_known(self, versions: Collection[tuple[str, str]]) -> None:
        """Make plausible sessions due again that are no longer tried because their rules were
        unknown, if they are of these (game_type, game_version). They have all their tries again."""

    def finish_verification(self, outcomes: Sequence[Verification]) -> None:
        """Store the results of claims.

        A plausible session without reasons was not tried, and keeps its previous reasons. Never
        waits for another transaction: sessions that are locked or no longer plausible are skipped.
        """

    def second_on_their_course(self, session_ids: Sequence[UUID]) -> frozenset[UUID]:
        """The sessions whose course already had a session when they were stored. Mismatches are
        ignored."""


class GameSessionRepository(
    SessionReading, CountedSessions, PlayedSessions, TracedSessions, Protocol
): ...


class AchievementRepository(Protocol):
    def unlock(self, achievement: UnlockedAchievement) -> None:
        """Store an unlocked achievement, in bulk, by the commit at the latest.

        There is one row for each student and achievement; of two unlocks the earlier is kept, with
        its session. A unit of work must not unlock an achievement of a student twice.
        """


class InboxReading(Protocol):
    def has_due(self, *, now: datetime) -> bool:
        """Whether a claim would find something."""

    def attempts_of(self, inbox_id: int) -> Sequence[Attempt]:
        """The recorded attempts of an item, oldest first."""

    def get(self, inbox_id: int) -> InboxItem | None: ...
    def counts(self, *, now: datetime) -> InboxCounts:
        """All items by state. `processed` is the sum of the students' counters, which is the same
        number: one transaction writes both."""

    def counts_of(self, student_id: int) -> InboxCounts:
        """One student's items by state, in one statement. `processed` is the student's counter, as
        in `counts`; `oldest_pending_s` is None."""

    def recent(self, since: datetime) -> tuple[int, int]:
        """The number of items received since then, and how many of these are processed."""

    def errors(self) -> Mapping[str, int]:
        """The number of items that are not processed, by last_error_code."""

    def list(
        self, which: InboxFilter = EVERYTHING, *, before: int | None = None, limit: int = 50
    ) -> list[InboxItem]:
        """Items, newest first. `before` is the last inbox_id of the previous page."""

    def by_session(self, session_id: UUID) -> Sequence[InboxItem]: ...
    def lacking(self, student_id: int, offered: Mapping[UUID, bytes]) -> Sequence[UUID]:
        """The ids of `offered` (payload hashes by session id), in order, that are not stored with
        this hash for this student. Invalid items do not count as stored."""

    def standing(self, session_ids: Sequence[UUID]) -> Mapping[UUID, tuple[int, bytes]]:
        """For each id that is taken, the (student_id, payload_hash) of the item that holds it.
        Items that are invalid or in conflict hold none. Of a settled item the hash is its first
        SHORT_HASH bytes."""


class InboxRepository(InboxReading, Protocol):
    def insert(self, deliveries: Sequence[Delivery]) -> list[list[Receipt]]:
        """Store all items with one INSERT statement. Returns, for each delivery, a receipt for each
        item, in order.

        If the id is taken, the receipt is a duplicate for the same hash and student. Otherwise it
        is a conflict, and the item is stored too. An item with an `error` is stored as invalid,
        once for each student and payload_hash; if such a payload is no longer invalid after a
        replay, the receipt is a duplicate. The same rules apply, in order, to repetitions within
        the deliveries. Raises NotFound if a student was erased; then nothing is stored.
        """

    def claim(
        self, limit: int, *, now: datetime, lease_s: float, ids: Sequence[int] | None = None
    ) -> list[ItemToDrain]:
        """Claim up to `limit` pending items that are due and not leased, oldest first, with SKIP
        LOCKED.

        `attempts` is incremented and the lease is set. New items are due at once. A due time or
        lease that ends more than LONGEST_WAIT_S or LATEST_LEASE_S ahead was written before the
        clock was set back, and is ignored. An item whose earlier lease expired is returned alone,
        with `tried_before`. The caller commits at once.
        """

    def finish(
        self,
        outcomes: Sequence[InboxOutcome],
        *,
        now: datetime,
        release: str,
        who: str | None = None,
    ) -> None:
        """Store the outcomes of claimed items, in one statement.

        An item that is no longer pending is not changed: the worker's lease has expired. For an
        operator (`who`), who has locked the items with `take`, the previous state does not matter,
        and a dismissed item is no longer dismissed.

        Outcomes other than `processed`, and all of an operator's, are also recorded as attempts. An
        item without attempts first gets one with its previous state, before an operator's.
        """

    def owners(self, inbox_ids: Sequence[int]) -> Mapping[int, int]:
        """The student id of each item."""

    def take(self, inbox_ids: Sequence[int], *, now: datetime) -> Sequence[InboxItem]:
        """Lock those of the items that are neither claimed nor processed until the end of the unit
        of work, with SKIP LOCKED. Their state does not change."""

    def dismiss(
        self, inbox_ids: Sequence[int], *, now: datetime, release: str, who: str, reason: str
    ) -> None:
        """Dismiss items from `take`. The reason is recorded as an attempt, after the previous state
        as in `finish`. An item holds its session's id as before."""

    def identify(self, inbox_id: int, session_id: UUID) -> None:
        """Set the session id of an item that had none, or that gets another one."""


class EpochReading(Protocol):
    def current(self) -> Epoch: ...


class RetentionRepository(Protocol):
    """Removes what is not kept any longer. Nothing of an item that waits for a decision, or of a
    session that is due to be verified, is ever removed. The trace of a mismatch stays as long as
    its record."""

    def take_pass(self) -> RetentionPass | None:
        """Lock the state of the pass until the end of the unit of work. None if another unit of
        work has locked it."""

    def save_pass(self, place: RetentionPass) -> None: ...
    def remove_imports(self, before: datetime) -> None:
        """Forget the imports of rosters that were applied before this time."""

    def owing(self, student_ids: Sequence[int], cutoffs: Cutoffs) -> list[int]:
        """Those of the students of whom something has to go, in order."""

    def count(self, student_ids: Sequence[int], cutoffs: Cutoffs) -> Removed:
        """How much of these students has to go."""

    def hold(self, student_ids: Sequence[int]) -> None:
        """Lock the students, in id order, as `StudentRepository.lock` does, without loading
        them."""

    def remove_traces(self, student_ids: Sequence[int], cutoffs: Cutoffs, *, limit: int) -> int:
        """Remove the traces of up to `limit` processed items. Returns their number."""

    def settle(self, student_ids: Sequence[int], cutoffs: Cutoffs, *, limit: int) -> int:
        """Reduce up to `limit` items to id, student and hash, so that a session that is sent again
        stays a duplicate. Items that hold no id leave nothing. Returns their number."""

    def foldable(
        self, student_ids: Sequence[int], cutoffs: Cutoffs, *, limit: int
    ) -> list[CountedSession]:
        """Up to `limit` sessions to fold, without traces. Only settled ones: while the record is
        there, so is the session."""

    def fold(self, balances: Mapping[int, OpeningBalance], session_ids: Sequence[UUID]) -> None:
        """Add to the opening balances of these students, and delete the sessions. Their ids remain
        settled."""


class TokenReading(Protocol):
    def cards(self, class_codes: Sequence[str]) -> Mapping[str, Sequence[CardHolder]]:
        """Who has a card of the classes with these codes, in order of id. Classes without cards
        have no entry."""

    def find(self, token_hash: bytes) -> TokenRecord | None: ...
    def by_id(self, token_id: UUID) -> TokenRecord | None: ...
    def sign_ins(
        self, *, device_id: UUID | None = None, student_id: int | None = None
    ) -> Sequence[DeviceSignIn]:
        """Active sign-ins, most recently used first."""


class TokenRepository(TokenReading, Protocol):
    def add(
        self,
        *,
        token_id: UUID,
        token_hash: bytes,
        holder: CardHolder,
        device_id: UUID,
        secret_mark: str,
        now: datetime,
    ) -> None:
        """Add a token of the secret with this mark. A student's first one sets the time of the
        first sign-in. If the holder does not exist, NotFound may be raised only by the commit."""

    def revoke(self, token_id: UUID, *, now: datetime) -> bool: ...
    def use(self, token_id: UUID) -> None:
        """Record that the token is used today, by the store's clock."""

    def revoke_device(
        self, device_id: UUID, *, student_id: int | None = None, now: datetime
    ) -> None:
        """Revoke the tokens of a device, of one student or of all."""


class DeviceReading(Protocol):
    def holding(self) -> list[HoldingDevice]:
        """Devices with unsent sessions, in order of their oldest session."""

    def of_student(self, student_id: int) -> list[KnownDevice]: ...


class DeviceRepository(DeviceReading, Protocol):
    def report(
        self, principal: StudentPrincipal, outbox: OutboxReport | None, *, now: datetime
    ) -> None:
        """Store the device's last contact and, if given, what it still holds of this student. If
        the student does not exist, NotFound may be raised only later in the unit of work, or by its
        commit."""


class BudgetRepository(Protocol):
    def charge(self, student_id: int, sessions: int, size: int, allowance: Allowance) -> float:
        """Charge the student's budget, unless it is used up.

        Returns 0.0 if it was charged, else the seconds until it is no longer used up. The budget
        recovers evenly, by the store's clock. The charge is committed at once, and may be lost in a
        crash. Raises NotFound if the student was erased.
        """


class AuditReading(Protocol):
    """Adults are named as they are called now, with the number: `Rita (adult:7)`. Of one who was
    erased, the number remains."""

    def list(
        self,
        *,
        targets: Collection[str] | None,
        since: datetime | None,
        who: str,
        limit: int,
    ) -> Sequence[AuditRecord]:
        """Entries about `targets` (None: about anything) from `since` on, newest first, whose
        author's name contains `who`, whatever its case."""

    def about(self, student_id: int) -> Sequence[AuditEntry]:
        """What operators did to this student, oldest first."""

    def decisions(self, student_id: int, inbox_id: int) -> Sequence[Decision]:
        """Adults' decisions about an item of this student, oldest first."""


class AuditRepository(AuditReading, Protocol):
    def add(
        self, *, who: str, what: str, target: str, details: Mapping[str, object], now: datetime
    ) -> None: ...
    def look(self, *, who: str, what: str, target: str, now: datetime, within: timedelta) -> bool:
        """Add an entry without details, unless the same was added `within` this time before.
        Returns whether it was added."""
