"""Fake of what adults read."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from statistics import fmean
from typing import Any

from neuroplay.core.entities.figures import (
    STAMPED_S,
    WEEK_DAYS,
    ClassDevice,
    ClassFigures,
    CountedRound,
    GameFigures,
    PlayedDay,
    PlayedRound,
    RoundFilter,
    StudentFigures,
)
from neuroplay.core.entities.game_session import GameSession
from neuroplay.core.entities.sync_item import InboxState
from neuroplay.core.entities.verification import Verdict
from neuroplay.core.use_cases.process_game_completion import play_day
from tests.fakes.sessions import STORED
from tests.fakes.tables import StoredDevice, StoredSession, Tables


class FakeFigures:
    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def stamp(self, class_ids: Collection[int], *, now: datetime) -> str:
        tables, classes = self._tables, sorted(class_ids)
        students = sorted(s for s, one in tables.students.items() if one.class_id in classes)
        content = (
            int(now.timestamp()) // STAMPED_S,
            [tables.classes.get(one) for one in classes],
            [tables.students[one] for one in students],
            [one for student in students for one in self._devices(student)],
            sorted(
                (i.inbox_id, i.state)
                for i in tables.inbox.values()
                if i.student_id in students and i.state in (InboxState.HELD, InboxState.PENDING)
            ),
        )
        return sha256(repr(content).encode()).hexdigest()

    def of_classes(self, class_ids: Sequence[int], *, now: datetime) -> list[ClassFigures]:
        return [self._of_class(one, now) for one in class_ids]

    def _of_class(self, class_id: int, now: datetime) -> ClassFigures:
        own = self.of_students(class_id, now=now)
        week = [self._week(one.student_id, now) for one in own]
        devices = [one for student in own for one in self._devices(student.student_id)]
        return ClassFigures(
            class_id=class_id,
            played_today=sum(any(is_today(row, now) for row in rows) for rows in week),
            played_week=sum(map(bool, week)),
            seconds_today=sum(one.seconds_today for one in own),
            seconds_week=sum(one.seconds_week for one in own),
            games_week=sum(one.games_week for one in own),
            last_heard=max((one.last_contact for one in devices), default=None),
            unsent_games=sum(one.pending for one in devices),
            unsent_devices=len({one.device_id for one in devices if one.pending}),
            held=sum(one.held for one in own),
            counting=sum(one.counting for one in own),
        )

    def of_students(self, class_id: int, *, now: datetime) -> list[StudentFigures]:
        return [
            self._of_student(one, now)
            for one, student in sorted(self._tables.students.items())
            if student.class_id == class_id
        ]

    def of_student(self, student_id: int, *, now: datetime) -> StudentFigures | None:
        known = student_id in self._tables.students
        return self._of_student(student_id, now) if known else None

    def _of_student(self, student_id: int, now: datetime) -> StudentFigures:
        week = self._week(student_id, now)
        devices = self._devices(student_id)
        known = self._tables.students[student_id]
        games = known.progress.games.values()
        states = [i.state for i in self._tables.inbox.values() if i.student_id == student_id]
        return StudentFigures(
            student_id=student_id,
            nickname=known.nickname,
            avatar=known.avatar,
            xp=known.progress.xp,
            last_heard=max((one.last_contact for one in devices), default=None),
            last_played=max((g.last_ended_at for g in games if g.last_ended_at), default=None),
            unsent=sum(one.pending for one in devices),
            seconds_today=sum(r.session.duration for r in week if is_today(r, now)),
            seconds_week=sum(row.session.duration for row in week),
            days_week=len({play_day(row.session) for row in week}),
            games_week=len(week),
            held=states.count(InboxState.HELD),
            counting=states.count(InboxState.PENDING),
        )

    def games(self, class_id: int, *, now: datetime) -> list[GameFigures]:
        students = [s for s, one in self._tables.students.items() if one.class_id == class_id]
        played = [row for one in students for row in self._week(one, now)]
        return [
            _game(game_type, [row for row in played if row.session.game_type == game_type])
            for game_type in sorted({row.session.game_type for row in played})
        ]

    def days(self, student_id: int, *, since: datetime) -> list[PlayedDay]:
        own = [
            row.session
            for row in self._own(student_id)
            if row.session.ended_at and row.session.ended_at >= since
        ]
        return [
            PlayedDay(
                day=day,
                seconds=sum(one.duration for one in own if play_day(one) == day),
                games=sum(play_day(one) == day for one in own),
            )
            for day in sorted({play_day(one) or since.date() for one in own})
        ]

    def rounds(self, student_id: int, *, each: int) -> list[PlayedRound]:
        timed = [row for row in self._own(student_id) if row.session.ended_at]
        timed.sort(key=_end)
        kept: list[StoredSession] = []
        games = [row.session.game_type for row in timed]
        for place, row in enumerate(timed):
            if games[place + 1 :].count(row.session.game_type) < each:
                kept.append(row)
        return [_round(row) for row in kept]

    def counted(self, student_ids: Sequence[int], which: RoundFilter) -> list[CountedRound]:
        rows = [
            row
            for one in sorted(student_ids)
            for row in self._own(one)
            if row.verdict in which.verdicts
            and row.session.ended_at is not None
            and (which.played_since is None or row.session.ended_at >= which.played_since)
            and (which.since is None or which.since <= STORED)
            and (which.until is None or which.until > STORED)
        ]
        rows.sort(key=lambda row: (row.session.student_id, *_end(row)))
        return [_counted(row) for row in rows]

    def devices(self, class_id: int) -> list[ClassDevice]:
        students = self._tables.students
        rows = [
            ClassDevice(
                device_id=one.device_id,
                student_id=one.student_id,
                nickname=students[one.student_id].nickname,
                unsent=one.pending,
                oldest=one.oldest,
                last_contact=one.last_contact,
            )
            for one in self._tables.devices.values()
            if students[one.student_id].class_id == class_id
        ]
        rows.sort(key=lambda row: (str(row.device_id), row.student_id))
        return sorted(rows, key=lambda row: row.last_contact, reverse=True)

    def _own(self, student_id: int) -> Iterable[StoredSession]:
        return [
            row for row in self._tables.sessions.values() if row.session.student_id == student_id
        ]

    def _week(self, student_id: int, now: datetime) -> list[StoredSession]:
        return [row for row in self._own(student_id) if 0 <= age(row.session, now) < WEEK_DAYS]

    def _devices(self, student_id: int) -> list[StoredDevice]:
        return [one for one in self._tables.devices.values() if one.student_id == student_id]


def age(session: GameSession, now: datetime) -> int:
    """How many days of the child's calendar ago it was played; -1 without a time."""
    day = play_day(session)
    if day is None:
        return -1
    today = (now + timedelta(minutes=session.utc_offset_minutes)).date()
    return (today - day).days


def is_today(row: StoredSession, now: datetime) -> bool:
    return age(row.session, now) == 0


def _game(game_type: str, rows: Sequence[StoredSession]) -> GameFigures:
    fair = [row.session.accuracy for row in rows if row.verdict != Verdict.MISMATCH]
    return GameFigures(
        game_type=game_type,
        children=len({row.session.student_id for row in rows}),
        games_week=len(rows),
        accuracy_week=fmean(fair) if fair else None,
    )


def _round(row: StoredSession) -> PlayedRound:
    one: Any = row.session
    return PlayedRound(
        game_type=one.game_type,
        ended_at=one.ended_at,
        utc_offset_minutes=one.utc_offset_minutes,
        difficulty=one.difficulty,
        next_difficulty=one.next_difficulty,
        accuracy=one.accuracy,
        duration_s=one.duration,
        completed=one.completed,
        verdict=Verdict(row.verdict),
    )


def _end(row: StoredSession) -> tuple[Any, str]:
    return row.session.ended_at, str(row.session.session_id)


def _counted(row: StoredSession) -> CountedRound:
    one: Any = row.session
    return CountedRound(
        session_id=one.session_id,
        student_id=one.student_id,
        game_type=one.game_type,
        game_version=one.game_version,
        score=one.score,
        duration=one.duration,
        accuracy=one.accuracy,
        completed=one.completed,
        difficulty=one.difficulty,
        next_difficulty=one.next_difficulty,
        ended_at=one.ended_at,
        utc_offset_minutes=one.utc_offset_minutes,
        verdict=Verdict(row.verdict),
    )
