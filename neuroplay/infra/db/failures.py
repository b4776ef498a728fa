"""The one place where an error of the driver becomes one of ours."""

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


def raise_ours(error: BaseException | None) -> None:
    """Raise StoreUnavailable where the server cannot be reached or takes nothing, and NotFound
    where what a row belongs to is gone. Quotes neither statement nor values."""
    code = getattr(error, "pgcode", None)
    away = isinstance(error, psycopg2.OperationalError | psycopg2.InterfaceError)
    if away or code in _REFUSALS:
        reason = str(error).strip().partition("\n")[0] or type(error).__name__
        what, hint = _REFUSALS.get(str(code), ("is not reachable", ""))
        raise StoreUnavailable(f"the database {what}: {reason}", hint=hint) from error
    if isinstance(error, pg.ForeignKeyViolation):
        what = "class" if error.diag.table_name == "students" else "student"
        raise NotFound(f"no such {what}") from error
