"""Fakes of the repositories about people."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from neuroplay.core.entities.achievement import UnlockedAchievement
from neuroplay.core.entities.adult import audit_word
from neuroplay.core.entities.principal import (
    CardHolder,
    NewToken,
    StudentPrincipal,
    TokenRecord,
    TokenStatus,
)
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
    AuditEntry,
    AuditRecord,
    Decision,
    Delivery,
    InboxCounts,
)
from neuroplay.core.errors import NotFound
from neuroplay.core.interfaces.audit import AUDIT_SOUGHT
from neuroplay.core.rules.sign_ins import IDLE_DAYS, MOST_DEVICES, MOST_OF_DEVICE
from tests.fakes.inbox import counted
from tests.fakes.merging import absorb
from tests.fakes.tables import StoredDevice, StoredToken, Tables

CREATED = datetime(2026, 1, 1, tzinfo=UTC)


class FakeStudents:
    """Records the arguments of `lock` in `locked`, so that tests can check the order."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables
        self.locked: list[int] = []
        self._loaded: dict[int, Student] = {}

    def lock(self, student_ids: Sequence[int]) -> None:
        for student_id in sorted(set(student_ids)):
            student = self._tables.student(student_id)
            if student is not None:
                self.locked.append(student_id)
                self._loaded[student_id] = student

    def get(self, student_id: int) -> Student | None:
        found = self._loaded.get(student_id)
        return found if found is not None else self._tables.student(student_id)

    def on_page(self, student_id: int) -> tuple[Student, InboxCounts, int] | None:
        student = self._tables.student(student_id)
        if student is None:
            return None
        own = [i for i in self._tables.inbox.values() if i.student_id == student_id]
        counts = replace(counted(own), processed=student.progress.sessions)
        return student, counts, self._tables.classes[student.class_id].day_minutes

    def save(self, student: Student) -> None:
        self._tables.students[student.student_id] = student
        self._loaded[student.student_id] = student

    def add(
        self,
        class_id: int,
        nickname: str,
        avatar: str,
        *,
        first_sign_in_at: datetime | None = None,
    ) -> Student:
        student = Student(
            student_id=self._tables.next_id("students"),
            class_id=class_id,
            nickname=nickname,
            avatar=avatar,
            created_at=CREATED,
            first_sign_in_at=first_sign_in_at,
        )
        self._tables.students[student.student_id] = student
        return student

    def by_class(self, class_id: int) -> list[Student]:
        ids = sorted(i for i, s in self._tables.students.items() if s.class_id == class_id)
        return [student for i in ids if (student := self.get(i)) is not None]

    def names(self, student_ids: Sequence[int]) -> Mapping[int, tuple[str, str]]:
        tables = self._tables
        return {
            i: (s.nickname, tables.classes[s.class_id].name)
            for i, s in tables.students.items()
            if i in student_ids
        }

    def nicknames(self) -> list[NamedStudent]:
        return [
            NamedStudent(i, one.class_id, one.nickname)
            for i, one in sorted(self._tables.students.items())
        ]

    def called(self, nickname: str) -> list[int]:
        return sorted(i for i, s in self._tables.students.items() if _same(s.nickname, nickname))

    def move(self, student_id: int, class_id: int) -> None:
        self._change(student_id, class_id=class_id)

    def rename(self, student_id: int, nickname: str, avatar: str) -> None:
        self._change(student_id, nickname=nickname, avatar=avatar)

    def _change(self, student_id: int, **changes: Any) -> None:
        for known in (self._tables.students, self._loaded):
            if student_id in known:
                known[student_id] = replace(known[student_id], **changes)

    def mark_made_up(self, student_ids: Sequence[int]) -> None:
        for student_id in student_ids:
            self._change(student_id, has_made_up_play=True)

    def raise_card_version(self, student_id: int, seen: int) -> Student | None:
        student = self._tables.student(student_id)
        if student is None or student.card_version != seen:
            return None
        student = replace(student, card_version=student.card_version + 1)
        self.save(student)
        for token_hash, token in self._tables.tokens.items():
            owner = token.principal
            if owner is not None and owner.student_id == student_id:
                self._tables.tokens[token_hash] = replace(token, status=TokenStatus.REVOKED)
        return student

    def ids(self, *, after: int, limit: int) -> list[int]:
        return sorted(i for i in self._tables.students if i > after)[:limit]

    def restate(self, student: Student) -> None:
        own = student.student_id
        for key in [k for k in self._tables.unlocked if k[0] == own]:
            if key[1] not in student.progress.achievements:
                del self._tables.unlocked[key]
        for name, at in student.progress.achievements.items():
            self._tables.unlocked.setdefault(
                (own, name),
                UnlockedAchievement(
                    student_id=own, achievement_id=name, unlocked_at=at, session_id=""
                ),
            )
        self.save(student)

    def merged_into(self, student_id: int) -> int | None:
        found = self._tables.merged.get(student_id)
        return None if found is None else found[0]

    def merged(self, student_id: int) -> list[MergedStudent]:
        return [one for _, (into, one) in sorted(self._tables.merged.items()) if into == student_id]

    def absorb(self, merged_id: int, into_id: int, *, now: datetime) -> Mapping[str, int]:
        for own in (merged_id, into_id):
            self._loaded.pop(own, None)
        return absorb(self._tables, merged_id, into_id, now)

    def erase_all(self, student_ids: Sequence[int]) -> Mapping[str, int]:
        removed: Counter[str] = Counter()
        for student_id in student_ids:
            removed.update(self.erase(student_id))
        return removed

    def erase(self, student_id: int) -> Mapping[str, int]:
        tables, removed = self._tables, {}
        removed["merged_students"] = _drop(tables.merged, lambda _, row: row[0] == student_id)
        removed["students"] = _drop(tables.students, lambda key, _: key == student_id)
        removed["game_sessions"] = _drop(
            tables.sessions, lambda _, row: row.session.student_id == student_id
        )
        removed["student_achievements"] = _drop(
            tables.unlocked, lambda key, _: key[0] == student_id
        )
        removed["sync_inbox"] = _drop(tables.inbox, lambda _, row: row.student_id == student_id)
        removed["settled_sessions"] = _drop(
            tables.settled, lambda _, row: row.student_id == student_id
        )
        removed["opening_balances"] = _drop(tables.balances, lambda key, _: key == student_id)
        tables.roster_keys.pop(student_id, None)
        removed["import_changes"] = 0
        for import_id, (one, changes) in tables.imports.items():
            left = tuple(c for c in changes if c.after.student_id != student_id)
            removed["import_changes"] += len(changes) - len(left)
            tables.imports[import_id] = one, left
        removed["devices"] = _drop(tables.devices, lambda key, _: key[1] == student_id)
        tables.audit[:] = [
            {**row, "details": {}} if row["target"] == f"student {student_id}" else row
            for row in tables.audit
        ]
        for token_hash, token in tables.tokens.items():
            if token.principal is not None and token.principal.student_id == student_id:
                tables.tokens[token_hash] = replace(
                    token,
                    student_id=token.principal.known_as,
                    principal=None,
                    status=TokenStatus.ERASED,
                )
        self._loaded.pop(student_id, None)
        return removed


class FakeClasses:
    """Records the arguments of `lock` in `locked`, as FakeStudents does."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables
        self.locked: list[int] = []

    def add(self, name: str, code: str, *, leaderboard_enabled: bool = True) -> SchoolClass:
        school_class = SchoolClass(
            class_id=self._tables.next_id("classes"),
            name=name,
            code=code,
            leaderboard_enabled=leaderboard_enabled,
            created_at=CREATED,
        )
        self._tables.classes[school_class.class_id] = school_class
        return school_class

    def get(self, class_id: int) -> SchoolClass | None:
        found = self._tables.classes.get(class_id)
        return None if found is None else self._marked(found)

    def _marked(self, one: SchoolClass) -> SchoolClass:
        students = self._tables.students.values()
        made_up = any(s.has_made_up_play for s in students if s.class_id == one.class_id)
        return replace(one, has_made_up_play=made_up)

    def of_student(self, student_id: int) -> SchoolClass | None:
        student = self._tables.student(student_id)
        return None if student is None else self._tables.classes[student.class_id]

    def by_code(self, code: str) -> SchoolClass | None:
        return next((one for one, _ in self.all() if one.code == code), None)

    def with_own_retention(self) -> list[SchoolClass]:
        own = ("trace_days", "raw_days", "keep_months")
        return [
            one
            for one in map(self._marked, self._tables.classes.values())
            if any(getattr(one, name) is not None for name in own)
        ]

    def lock(self, class_ids: Collection[int]) -> dict[int, SchoolClass]:
        found = {i: self.get(i) for i in sorted(set(class_ids))}
        self.locked += [i for i, one in found.items() if one is not None]
        return {i: one for i, one in found.items() if one is not None}

    def save(self, school_class: SchoolClass) -> None:
        known = self._tables.classes[school_class.class_id]
        self._tables.classes[school_class.class_id] = replace(
            school_class,
            code=known.code,
            created_at=known.created_at,
            has_made_up_play=False,
        )

    def remove(self, class_id: int) -> None:
        self._tables.classes.pop(class_id, None)

    def all(self) -> list[tuple[SchoolClass, int]]:
        counts = [s.class_id for s in self._tables.students.values()]
        return [
            (self._marked(c), counts.count(c.class_id))
            for c in sorted(self._tables.classes.values(), key=lambda c: (c.name, c.class_id))
        ]


class FakeTokens:
    def __init__(self, tables: Tables, clock: Callable[[], datetime]) -> None:
        self._tables = tables
        self._clock = clock

    def cards(self, class_codes: Sequence[str]) -> dict[str, list[CardHolder]]:
        classes = self._tables.classes
        found: dict[str, list[CardHolder]] = {}
        for one in sorted(self._tables.students.values(), key=lambda one: one.student_id):
            own = classes[one.class_id]
            card = CardHolder(
                StudentPrincipal,
                one.student_id,
                one.nickname,
                one.avatar,
                one.card_version,
                not own.is_archived,
            )
            if own.code in class_codes:
                found.setdefault(own.code, []).append(card)
        return found

    def add(self, tokens: Sequence[NewToken]) -> None:
        for one in tokens:
            self._add(one)

    def _add(self, new: NewToken) -> None:
        student_id = new.holder.holder_id
        student = self._tables.students[student_id]
        if student.first_sign_in_at is None:
            student = replace(student, first_sign_in_at=new.now)
            self._tables.students[student_id] = student
        self._tables.tokens[new.token_hash] = StoredToken(
            token_id=new.token_id,
            card_version=new.holder.card_version,
            student_id=student_id,
            device_id=new.device_id,
            since=new.now,
            last_used=self._clock(),
            principal=StudentPrincipal(
                token_id=new.token_id,
                student_id=student_id,
                class_id=student.class_id,
                device_id=new.device_id,
            ),
        )
        self._end_most(student_id)

    def _end_most(self, student_id: int) -> None:
        own = [
            (key, token)
            for key, token in self._tables.tokens.items()
            if token.student_id == student_id and token.status is TokenStatus.ACTIVE
        ]
        own.sort(key=lambda one: (one[1].last_used, one[1].since), reverse=True)
        kept: dict[UUID | None, int] = {}
        for key, token in own:
            kept[token.device_id] = kept.get(token.device_id, 0) + 1
            place = list(kept).index(token.device_id)
            if place >= MOST_DEVICES or kept[token.device_id] > MOST_OF_DEVICE:
                self._tables.tokens[key] = replace(token, status=TokenStatus.REVOKED)

    def find(self, token_hash: bytes) -> TokenRecord | None:
        token = self._tables.tokens.get(token_hash)
        if token is None:
            return None
        status, unused = token.status, False
        if token.principal is not None:
            student = self._tables.students[token.student_id]
            silent = self._clock() - token.last_used
            unused = silent > timedelta(days=1)
            if student.card_version != token.card_version or silent > timedelta(days=IDLE_DAYS):
                status = TokenStatus.REVOKED
            if isinstance(token.principal, StudentPrincipal):
                own = replace(token.principal, class_id=student.class_id)
                token = replace(token, principal=own)
        return TokenRecord(
            status=status, student_id=token.student_id, principal=token.principal, unused=unused
        )

    def use(self, token_id: UUID) -> None:
        for key, token in self._tables.tokens.items():
            if token.token_id == token_id:
                self._tables.tokens[key] = replace(token, last_used=self._clock())

    def sign_ins(
        self, *, device_id: UUID | None = None, student_id: int | None = None
    ) -> list[DeviceSignIn]:
        found: dict[Any, dict[str, Any]] = {}
        for key, token in self._tables.tokens.items():
            record = self.find(key)
            who = token.principal
            if record is None or record.status is not TokenStatus.ACTIVE or who is None:
                continue
            if device_id not in (None, who.device_id) or student_id not in (None, who.student_id):
                continue
            student = self._tables.students[who.student_id]
            row = found.setdefault(
                (who.device_id, who.student_id),
                {
                    "device_id": who.device_id,
                    "student_id": who.student_id,
                    "nickname": student.nickname,
                    "class_name": self._tables.classes[student.class_id].name,
                    "since": token.since,
                    "last_used": token.last_used,
                },
            )
            row["since"] = min(row["since"], token.since)
            row["last_used"] = max(row["last_used"], token.last_used)
        signed_in = [DeviceSignIn(**row) for row in found.values()]
        return sorted(signed_in, key=lambda one: one.last_used, reverse=True)

    def revoke_device(
        self, device_id: UUID, *, student_id: int | None = None, now: datetime
    ) -> None:
        for key, token in self._tables.tokens.items():
            if token.device_id == device_id and student_id in (None, token.student_id):
                self._tables.tokens[key] = replace(token, status=TokenStatus.REVOKED)

    def by_id(self, token_id: UUID) -> TokenRecord | None:
        hashes = [key for key, token in self._tables.tokens.items() if token.token_id == token_id]
        return self.find(hashes[0]) if hashes else None

    def revoke(self, token_id: UUID, *, now: datetime) -> bool:
        for token_hash, token in self._tables.tokens.items():
            if token.token_id == token_id and token.status is TokenStatus.ACTIVE:
                self._tables.tokens[token_hash] = replace(token, status=TokenStatus.REVOKED)
                return True
        return False


class FakeDevices:
    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def report(
        self, principal: StudentPrincipal, outbox: OutboxReport | None, *, now: datetime
    ) -> None:
        if principal.student_id not in self._tables.students:
            raise NotFound("no such student")
        key = principal.device_id, principal.student_id
        known = self._tables.devices.get(key) or StoredDevice(
            device_id=principal.device_id, student_id=principal.student_id, last_contact=now
        )
        known = replace(known, last_contact=now)
        if outbox is not None:
            known = replace(known, pending=outbox.pending, oldest=outbox.oldest)
        self._tables.devices[key] = known

    def report_all(self, deliveries: Sequence[Delivery]) -> None:
        for one in deliveries:
            self.report(one.principal, one.outbox, now=one.received_at)

    def holding(self) -> list[HoldingDevice]:
        rows = [row for row in self._tables.devices.values() if row.pending]
        rows.sort(key=lambda row: row.oldest or row.last_contact)
        return [
            HoldingDevice(
                device_id=row.device_id,
                student_id=row.student_id,
                nickname=self._tables.students[row.student_id].nickname,
                class_id=self._tables.students[row.student_id].class_id,
                class_name=self._tables.classes[
                    self._tables.students[row.student_id].class_id
                ].name,
                pending=row.pending,
                oldest=row.oldest,
                last_contact=row.last_contact,
            )
            for row in rows
        ]

    def of_student(self, student_id: int) -> list[KnownDevice]:
        return [
            KnownDevice(
                device_id=row.device_id,
                pending=row.pending,
                oldest=row.oldest,
                last_contact=row.last_contact,
            )
            for row in self._tables.devices.values()
            if row.student_id == student_id
        ]


class FakeAudit:
    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def add(
        self, *, who: str, what: str, target: str, details: Mapping[str, object], now: datetime
    ) -> None:
        self._tables.audit.append(
            {"who": who, "what": what, "target": target, "details": dict(details), "at": now}
        )

    def look(self, *, who: str, what: str, target: str, now: datetime, within: timedelta) -> bool:
        same = (who, what, target)
        known = any(
            (row["who"], row["what"], row["target"]) == same and now - within < row["at"] <= now
            for row in self._tables.audit
        )
        if not known:
            self.add(who=who, what=what, target=target, details={}, now=now)
        return not known

    def newest_change(self, *, besides: Collection[str]) -> int | None:
        sought = list(enumerate(self._tables.audit, start=1))[-AUDIT_SOUGHT:]
        return max(
            (
                number
                for number, row in sought
                if row["target"].startswith(("class ", "student ")) and row["what"] not in besides
            ),
            default=None,
        )

    def _who(self, row: Mapping[str, Any]) -> str:
        who: str = row["who"]
        known = {audit_word(one.adult_id): one.name for one in self._tables.adults.values()}
        return f"{known[who]} ({who})" if who in known else who

    def list(
        self,
        *,
        targets: Collection[str] | None,
        since: datetime | None,
        who: str,
        limit: int,
    ) -> Sequence[AuditRecord]:
        found = [
            AuditRecord(
                audit_id=number,
                at=row["at"],
                who=self._who(row),
                what=row["what"],
                target=row["target"],
                details=row["details"],
            )
            for number, row in enumerate(self._tables.audit, start=1)
            if (targets is None or row["target"] in targets)
            and (since is None or row["at"] >= since)
            and who.lower() in self._who(row).lower()
        ]
        return found[::-1][:limit]

    def about(self, student_id: int) -> Sequence[AuditEntry]:
        return [
            AuditEntry(at=row["at"], who=self._who(row), what=row["what"], details=row["details"])
            for row in self._tables.audit
            if row["target"] == f"student {student_id}"
        ]

    def decisions(self, student_id: int, inbox_id: int) -> Sequence[Decision]:
        return [
            Decision(
                at=row["at"],
                who=self._who(row),
                what=row["what"],
                reason=row["details"]["reason"],
            )
            for row in self._tables.audit
            if row["target"] == f"student {student_id}"
            and row["details"].get("inbox_id") == inbox_id
            and "reason" in row["details"]
        ]


def _drop(table: dict[Any, Any], gone: Any) -> int:
    keys = [key for key, row in table.items() if gone(key, row)]
    for key in keys:
        del table[key]
    return len(keys)


def _same(nickname: str, word: str) -> bool:
    if not (word.isascii() and word.isdigit()):
        return nickname == word
    return unicodedata.normalize("NFKC", nickname).lstrip("0 ") == word.lstrip("0")
