"""What an installation stores: each table with its purpose and stock, and what lies elsewhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from neuroplay.core.entities.student import SchoolClass
from neuroplay.infra.db.data_map import MappedTable, Purpose, Stock, data_map, stock_of

if TYPE_CHECKING:
    from neuroplay.bootstrap import Container
    from neuroplay.config import Settings

__all__ = ["Place", "Purpose", "StoredData", "look"]

RETENTION = ("trace_days", "raw_days", "keep_sessions_months")
"""The fields of the settings that say how long something is kept."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """Something outside of the database. `where` is a path, an address or None."""

    name: str
    where: str | None
    what: str
    kept: str


@dataclass(frozen=True, kw_only=True, slots=True)
class StoredData:
    """`retention` are settings by their variables; None as a value: never removed. `exceptions` are
    classes with times of their own."""

    tables: Sequence[MappedTable]
    stock: Mapping[str, Stock]
    retention: Mapping[str, int | None]
    exceptions: Sequence[SchoolClass]
    elsewhere: Sequence[Place]


def look(container: Container) -> StoredData:
    """Read the whole database once. Raises StoreUnavailable."""
    tables = data_map(container.engine)
    settings = container.settings
    return StoredData(
        tables=tables,
        stock=stock_of(container.engine, tables),
        retention={settings.variable(one): getattr(settings, one) or None for one in RETENTION},
        exceptions=[
            one
            for one, _ in container.list_classes.execute()
            if (one.trace_days, one.raw_days, one.keep_months) != (None, None, None)
        ],
        elsewhere=_elsewhere(settings),
    )


def _elsewhere(settings: Settings) -> list[Place]:
    return [
        Place(
            name="logs",
            where=str(settings.home / "logs"),
            what="ids of sessions and requests; the IP address of each refused sign-in, and the "
            "one from which most connections were cut. No names, codes or cards",
            kept="five files of 10 MB for each program",
        ),
        Place(
            name="erasure ledger",
            where=str(settings.erasure_ledger),
            what="numbers of erased students and classes, when they were created and erased",
            kept="as long as there are backups from before",
        ),
        Place(
            name="backups",
            where=None,
            what="everything that the database held when they were made",
            kept="until somebody removes them, or `db backup --keep`",
        ),
        Place(
            name="copy of the database",
            where=None if settings.wal_dir is None else str(settings.wal_dir),
            what="everything that the database held since its oldest base backup",
            kept="none is made"
            if settings.wal_dir is None
            else f"{settings.wal_keep} base backups, one every seven days",
        ),
        Place(
            name="tablets",
            where=None,
            what="nickname, avatar, the rounds of three days, choices such as sound; games that "
            "are not sent, or not in a backup yet",
            kept="until the child signs out; unsent games until they are sent, sent ones for at "
            "most 30 days; nothing after the tablet hears of an erasure",
        ),
        Place(
            name="error reports",
            where="the service in SENTRY_DSN" if settings.sentry_dsn else None,
            what="types of errors, places in the code, routes. Nothing that a child did",
            kept="as that service decides" if settings.sentry_dsn else "none are sent",
        ),
    ]
