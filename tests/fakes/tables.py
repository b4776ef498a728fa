"""The tables of the fake store, which are copied for each unit of work."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from neuroplay.core.entities.achievement import UnlockedAchievement
from neuroplay.core.entities.adult import Adult
from neuroplay.core.entities.epoch import Epoch
from neuroplay.core.entities.game_session import GameSession
from neuroplay.core.entities.opening_balance import OpeningBalance
from neuroplay.core.entities.passkey import Passkey
from neuroplay.core.entities.principal import StudentPrincipal, TokenStatus
from neuroplay.core.entities.retention import RetentionPass
from neuroplay.core.entities.roster import RosterImport, RosterKeys, StudentChange
from neuroplay.core.entities.student import MergedStudent, SchoolClass, Student
from neuroplay.core.entities.sync_item import Attempt, InboxItem

LONG_AGO = datetime.min.replace(tzinfo=UTC)


def has_come(at: datetime, now: datetime, longest_s: float) -> bool:
    """Whether a due time has come, or is more than `longest_s` ahead and therefore ignored."""
    return at <= now or at > now + timedelta(seconds=longest_s)


@dataclass(frozen=True, kw_only=True, slots=True)
class StoredSession:
    session: GameSession
    xp_gained: int
    rating: str
    verdict: str
    verify_due_at: datetime | None = LONG_AGO
    verify_tries: int = 0
    verify_reasons: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class SettledSession:
    student_id: int
    counted: bool
    payload_hash: bytes


@dataclass(frozen=True, kw_only=True, slots=True)
class StoredToken:
    """`principal` is None once the student was erased."""

    token_id: UUID
    card_version: int
    student_id: int
    principal: StudentPrincipal | None
    status: TokenStatus = TokenStatus.ACTIVE
    device_id: UUID | None = None
    since: datetime = LONG_AGO
    last_used: datetime = LONG_AGO


@dataclass(frozen=True, kw_only=True, slots=True)
class StoredDevice:
    device_id: UUID
    student_id: int
    last_contact: datetime
    pending: int = 0
    oldest: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class StoredAdultLink:
    adult_id: int
    expires_at: datetime
    used_at: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class StoredAdultSignIn:
    adult_id: int
    created_at: datetime
    last_used: datetime


@dataclass(kw_only=True, slots=True)
class Tables:
    """Rows are frozen, so a copy of the tables is a snapshot."""

    classes: dict[int, SchoolClass] = field(default_factory=dict)
    students: dict[int, Student] = field(default_factory=dict)
    sessions: dict[UUID | str, StoredSession] = field(default_factory=dict)
    unlocked: dict[tuple[int, str], UnlockedAchievement] = field(default_factory=dict)
    inbox: dict[int, InboxItem] = field(default_factory=dict)
    leases: dict[int, datetime] = field(default_factory=dict)
    attempts: dict[int, tuple[Attempt, ...]] = field(default_factory=dict)
    tokens: dict[bytes, StoredToken] = field(default_factory=dict)
    devices: dict[tuple[UUID, int], StoredDevice] = field(default_factory=dict)
    settled: dict[UUID, SettledSession] = field(default_factory=dict)
    merged: dict[int, tuple[int, MergedStudent]] = field(default_factory=dict)
    """Into whom, and what is remembered, by the id of the merged student."""
    balances: dict[int, OpeningBalance] = field(default_factory=dict)
    passes: list[RetentionPass] = field(
        default_factory=lambda: [
            RetentionPass(after_student=0, began_at=None, whole_since=LONG_AGO)
        ]
    )
    """The state of the pass, alone."""
    roster_keys: dict[int, RosterKeys] = field(default_factory=dict)
    """By student."""
    imports: dict[int, tuple[RosterImport, tuple[StudentChange, ...]]] = field(default_factory=dict)
    budgets: dict[int, tuple[float, float, datetime]] = field(default_factory=dict)
    """The used sessions and bytes, and the time of the last charge."""
    adults: dict[int, Adult] = field(default_factory=dict)
    adult_keys: dict[str, int] = field(default_factory=dict)
    """The number of each adult, by the key of the name."""
    adult_classes: dict[tuple[int, int], None] = field(default_factory=dict)
    adult_links: dict[bytes, StoredAdultLink] = field(default_factory=dict)
    adult_sign_ins: dict[bytes, StoredAdultSignIn] = field(default_factory=dict)
    adult_passkeys: dict[int, Passkey] = field(default_factory=dict)
    adult_challenges: dict[bytes, datetime] = field(default_factory=dict)
    audit: list[Mapping[str, Any]] = field(default_factory=list)
    epoch: list[Epoch] = field(default_factory=lambda: [Epoch(epoch_id=UUID(int=1))])
    """Of one row."""
    last_id: dict[str, int] = field(default_factory=dict)

    def copy(self) -> Tables:
        return Tables(**{name: getattr(self, name).copy() for name in Tables.__dataclass_fields__})

    def next_id(self, table: str) -> int:
        self.last_id[table] = self.last_id.get(table, 0) + 1
        return self.last_id[table]

    def student(self, student_id: int) -> Student | None:
        """The student with the achievements in their table."""
        student = self.students.get(student_id)
        if student is None:
            return None
        achievements = {
            name: row.unlocked_at
            for (owner, name), row in self.unlocked.items()
            if owner == student_id
        }
        return replace(student, progress=replace(student.progress, achievements=achievements))
