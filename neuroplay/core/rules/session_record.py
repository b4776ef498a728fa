"""Read a session record, as any client may send it, into a GameSession.

The only error is InvalidSession, whatever was sent. Its codes are those of GameSession, and
`missing`, `bad_session_id`, `bad_time` and `absurd_time`.
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
"""The range of times. A device's clock may be wrong by decades: after a flat battery it begins at
1970, which is still 1969 west of Greenwich."""

_LONGEST_TIME_TEXT = 40
_UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", re.ASCII)
_NIL = UUID(int=0)

_CONVERTED = ("session_id", "student_id", "started_at", "ended_at")
_PLAIN = [one for one in fields(GameSession) if one.name not in _CONVERTED]
_NAMES = tuple(one.name for one in _PLAIN)
_REQUIRED = tuple(
    one.name for one in _PLAIN if one.default is MISSING and one.default_factory is MISSING
)
_INTEGERS = tuple(one.name for one in _PLAIN if one.type == "int")
"""Fields in which 500.0 counts as 500: some encoders write integers so."""

_all_of: Callable[[Mapping[str, object]], tuple[object, ...]] = itemgetter(*_NAMES)


def read_session(
    record: Mapping[str, object],
    student_id: int,
    *,
    session_id: UUID | str | None = None,
    clock_shift_s: float = 0.0,
    times_required: bool = True,
) -> GameSession:
    """The session in `record`. Unknown fields are ignored.

    `session_id` replaces the record's own if the caller has already read that. `clock_shift_s` is
    added to the times, which are then on the server's clock. Raises InvalidSession.
    """
    if session_id is None:
        session_id = read_session_id(record)
    started_at = read_time(record, "started_at", required=times_required)
    ended_at = read_time(record, "ended_at", required=times_required)
    values = _plain_values(record)
    for name in _INTEGERS:
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


def _plain_values(record: Mapping[str, object]) -> dict[str, Any]:
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
    """When the item's round ended, on the server's clock; None if its record has no valid time."""
    try:
        ended = read_time(item.payload, "ended_at", required=False)
        return moved(ended, item.clock_shift_s)
    except (InvalidSession, OverflowError):
        return None


def played_since(item: InboxItem, moment: datetime) -> bool:
    """Whether the item's round ended at `moment` or later. False if its end is not known."""
    played = played_at(item)
    return played is not None and played >= moment


def read_session_id(record: Mapping[str, object]) -> UUID:
    """The id: a UUID as text with hyphens, but not the nil UUID. Raises InvalidSession."""
    text = record.get("session_id")
    if text is None:
        raise _missing("session_id")
    if type(text) is str and _UUID.fullmatch(text):
        session_id = UUID(text)
        if session_id != _NIL:
            return session_id
    raise InvalidSession("bad_session_id", "session_id", "session_id must be a UUID")


def read_time(record: Mapping[str, object], name: str, *, required: bool = True) -> datetime | None:
    """Parse an ISO 8601 time with an offset, as aware UTC. Raises InvalidSession."""
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
    """The moment plus `seconds`; unchanged if the sum would be out of range."""
    if moment is None or not seconds:
        return moment
    try:
        shifted = moment + timedelta(seconds=seconds)
    except (OverflowError, ValueError):
        return moment
    return shifted if EARLIEST_YEAR <= shifted.year <= LATEST_YEAR else moment


def _missing(name: str) -> InvalidSession:
    return InvalidSession("missing", name, f"{name} is missing")
