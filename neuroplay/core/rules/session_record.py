"""One raw session of a sync, as any client may send it -> GameSession, or InvalidSession.

Codes beside those of GameSession: `missing`, `bad_session_id`, `bad_time`, `absurd_time`; and, of
what cannot be stored as it is, those of `rules.storable`. Nothing else is raised, whatever is sent.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields
from datetime import UTC, datetime, timedelta
from operator import itemgetter
from typing import Any
from uuid import UUID

from neuroplay.core.entities.game_session import GameSession
from neuroplay.core.entities.sync_item import InboxItem
from neuroplay.core.errors import InvalidSession

EARLIEST_YEAR = 1969
LATEST_YEAR = 2100
"""A device's clock may be wrong by decades: a flat battery says 1970, which west of Greenwich is
still 1969. This is out of range."""

_LONGEST_TIME_TEXT = 40
_UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", re.ASCII)
_NIL = UUID(int=0)

_READ_APART = ("session_id", "student_id", "started_at", "ended_at")
_READ_AS_THEY_ARE = [one for one in fields(GameSession) if one.name not in _READ_APART]
_NAMES = tuple(one.name for one in _READ_AS_THEY_ARE)
_REQUIRED = tuple(
    one.name
    for one in _READ_AS_THEY_ARE
    if one.default is MISSING and one.default_factory is MISSING
)
_WHOLE = tuple(one.name for one in _READ_AS_THEY_ARE if one.type == "int")
"""Whole numbers: 500.0 is one too; some encoders write it so."""

_all_of: Callable[[Mapping[str, object]], tuple[object, ...]] = itemgetter(*_NAMES)


def read_session(
    record: Mapping[str, object],
    student_id: int,
    *,
    session_id: UUID | str | None = None,
    clock_shift_s: float = 0.0,
    times_required: bool = True,
) -> GameSession:
    """The session that `record` tells of; unknown fields are passed over.

    `session_id` overrides the record's own, where the caller has read that already. The times of
    the result are moved by `clock_shift_s` to the server's clock. Raises InvalidSession.
    """
    started_at = read_time(record, "started_at", required=times_required)
    ended_at = read_time(record, "ended_at", required=times_required)
    if session_id is None:
        session_id = read_session_id(record)
    values = _as_they_are(record)
    for name in _WHOLE:
        value = values.get(name)
        if type(value) is float and value.is_integer():
            values[name] = int(value)
    return GameSession(
        session_id=session_id,
        student_id=student_id,
        started_at=moved(started_at, clock_shift_s),
        ended_at=moved(ended_at, clock_shift_s),
        **values,
    )


def _as_they_are(record: Mapping[str, object]) -> dict[str, Any]:
    try:
        found = _all_of(record)
    except KeyError:
        found = tuple(record.get(name) for name in _NAMES)
    values = dict(zip(_NAMES, found, strict=True))
    if None in found:
        for name in _REQUIRED:
            if values[name] is None:
                raise _missing(name)
        return {name: value for name, value in values.items() if value is not None}
    return values


def played_at(item: InboxItem) -> datetime | None:
    """When a game ended, on the server's clock, as far as its record says so."""
    try:
        ended = read_time(item.payload, "ended_at", required=False)
        return moved(ended, item.clock_shift_s)
    except (InvalidSession, OverflowError):
        return None


def played_since(item: InboxItem, moment: datetime) -> bool:
    """Whether a game ended then or later; not where its record does not say so."""
    played = played_at(item)
    return played is not None and played >= moment


def read_session_id(record: Mapping[str, object]) -> UUID:
    """The session's id: a UUID as text with its hyphens, and not the nil one."""
    text = record.get("session_id")
    if text is None:
        raise _missing("session_id")
    if type(text) is str and _UUID.fullmatch(text):
        session_id = UUID(text)
        if session_id != _NIL:
            return session_id
    raise InvalidSession("bad_session_id", "session_id", "session_id must be a UUID")


def read_time(record: Mapping[str, object], name: str, *, required: bool = True) -> datetime | None:
    """An ISO 8601 time with its offset, as aware UTC."""
    text = record.get(name)
    if text is None:
        if not required:
            return None
        raise _missing(name)
    if type(text) is not str:
        raise InvalidSession("wrong_type", name, f"{name} must be a time, as text")
    if len(text) > _LONGEST_TIME_TEXT:
        raise InvalidSession("too_long", name, f"{name} is too long for a time")
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise InvalidSession("bad_time", name, f"{name} is not an ISO 8601 time") from None
    if moment.tzinfo is None:
        raise InvalidSession("naive_time", name, f"{name} must include its offset from UTC")
    if not EARLIEST_YEAR <= moment.year <= LATEST_YEAR:
        raise InvalidSession("absurd_time", name, f"{name} is out of range")
    return moment if moment.tzinfo is UTC else moment.astimezone(UTC)


def moved(moment: datetime | None, seconds: float) -> datetime | None:
    """The moment on the server's clock; as it was where that would be beyond any clock."""
    if moment is None or not seconds:
        return moment
    try:
        there = moment + timedelta(seconds=seconds)
    except (OverflowError, ValueError):
        return moment
    return there if EARLIEST_YEAR <= there.year <= LATEST_YEAR else moment


def _missing(name: str) -> InvalidSession:
    return InvalidSession("missing", name, f"{name} is missing")
