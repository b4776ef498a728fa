"""Which base backup is due, and which are removed. Pure decisions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

FULL_EVERY = timedelta(days=7)
INCREMENTAL_EVERY = timedelta(days=1)
"""A restore replays what was written since; a day of it takes seconds."""

GOES_BACK = timedelta(days=1)
"""How far back the base backups reach at least, once the standby is that old. Each restore and each
gap begins with a full one: without this, some of them in an hour would end all points in time from
before it, when somebody has just restored the wrong one."""

Kind = Literal["full", "incremental"]
FULL: Kind = "full"
INCREMENTAL: Kind = "incremental"


@dataclass(frozen=True, kw_only=True, slots=True)
class Base:
    """A complete and verified base backup. `after` is the name of the one that an incremental one
    builds on. `start_wal` is the first WAL file that it needs; `ended` is when it was complete."""

    name: str
    kind: Kind
    after: str | None
    start_wal: str
    began: datetime
    ended: datetime
    bytes: int


def due(bases: Sequence[Base], now: datetime, *, incremental: bool) -> Kind | None:
    """The kind of base backup that is due. `bases` are those of the current series, oldest first;
    `incremental` is whether the server can make such a one."""
    fulls = [one for one in bases if one.kind == FULL]
    if not fulls or now - fulls[-1].began >= FULL_EVERY:
        return FULL
    if now - bases[-1].began < INCREMENTAL_EVERY:
        return None
    return INCREMENTAL if incremental else FULL


def kept(bases: Sequence[Base], keep: int, now: datetime) -> list[Base]:
    """The newest `keep` full ones, or as many as go back for GOES_BACK, and all that came after the
    oldest of them. `bases` are of all series, oldest first."""
    fulls = [number for number, one in enumerate(bases) if one.kind == FULL]
    old = [number for number in fulls if now - bases[number].ended >= GOES_BACK]
    if len(fulls) < keep or not old:
        return list(bases)
    return list(bases[min(fulls[-keep], old[-1]) :])


def chain(bases: Sequence[Base], newest: Base) -> list[Base]:
    """What a restore of `newest` needs: the full one first, then each incremental one."""
    by_name = {one.name: one for one in bases}
    found = [newest]
    while (after := found[0].after) is not None:
        found.insert(0, by_name[after])
    return found


def base_for(bases: Sequence[Base], to: datetime | None) -> Base | None:
    """The base backup to begin with: the newest, or the newest that was complete at `to`."""
    fitting = [one for one in bases if to is None or one.ended <= to]
    return fitting[-1] if fitting else None
