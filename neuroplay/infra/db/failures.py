"""The one place that turns the driver's errors into NeuroPlay's."""

from __future__ import annotations

import psycopg2
from psycopg2 import errors as pg

from neuroplay.core.errors import NotFound, StoreUnavailable

READ_ONLY, DISK_FULL, NOT_ALLOWED = "25006", "53100", "42501"

_REFUSALS = {
    DISK_FULL: ("has no room to write", ""),
    READ_ONLY: (
        "takes no writes",
        "It is a standby, or default_transaction_read_only is on: name the primary in DATABASE_URL",
    ),
    NOT_ALLOWED: (
        "refuses",
        "Let its owner GRANT that to the role of DATABASE_URL, or make the role the owner",
    ),
}


def is_demoted(error: BaseException | None) -> bool:
    """Whether the server takes no writes. It may have been the primary when the connection was
    made, and another one is now: a new connection finds that one, an old one never does."""
    return getattr(error, "pgcode", None) == READ_ONLY


def raise_ours(error: BaseException | None) -> None:
    """Translate `error`; returns if it has no translation.

    Raises StoreUnavailable if the server cannot be reached or accepts no writes, and NotFound if a
    row's student or class no longer exists. The messages quote neither statements nor values.
    """
    code = getattr(error, "pgcode", None)
    unreachable = isinstance(error, psycopg2.OperationalError | psycopg2.InterfaceError)
    if unreachable or code in _REFUSALS:
        reason = str(error).strip().partition("\n")[0] or type(error).__name__
        what, hint = _REFUSALS.get(str(code), ("is not reachable", ""))
        raise StoreUnavailable(f"the database {what}", reason=reason, hint=hint) from error
    if isinstance(error, pg.ForeignKeyViolation):
        what = "class" if error.diag.table_name in ("students", "adult_classes") else "student"
        raise NotFound(f"no such {what}") from error
