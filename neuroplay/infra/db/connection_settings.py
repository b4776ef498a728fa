"""Parameters of a PostgreSQL connection, and the settings of its sessions."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass

import psycopg2
from psycopg2 import extensions
from psycopg2.extras import register_uuid

from neuroplay.core.errors import SettingsError
from neuroplay.infra.db.connection import ServerConnection, wait
from neuroplay.infra.db.hosts import Hosts, check_hosts, host_timeout_s, split_hosts

IDLE_IN_TRANSACTION_S = 30
"""A process that is idle in a transaction for this long has been stopped. PostgreSQL then ends its
session and releases its locks, before the lease of its claims runs out."""

CLEANING = {"enable_bitmapscan": "off"}
"""An index scan marks the entries of rows that are gone, and the next one skips them. A bitmap scan
does not, so that a child's page would read all that was drained since the last VACUUM.

A statement that needs a BRIN index, which has no other scan, turns this on for itself."""

BY_INDEX = {
    **CLEANING,
    "enable_seqscan": "off",
    "jit": "off",
    "plan_cache_mode": "force_generic_plan",
}
"""In a new installation tables are small, and a sequential scan is the cheapest plan. A prepared
statement would keep that plan until the next ANALYZE, while the tables grow.

PostgreSQL would plan the INSERT of a sync again each time, since it knows the size of an array only
then. That took more than a third of its time for a sync, and the plan was always the same."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ConnectionSettings:
    """`hosts` connects. `at_start` is SQL for the start of a session. Behind a pooler in
    transaction mode it is empty, and `at_begin` is SQL for each transaction."""

    hosts: Hosts
    at_begin: str
    at_start: str

    def set_up(self, connection: ServerConnection) -> None:
        """Prepare a new session: UUID columns as UUID, and the settings of `at_start`."""
        register_uuid(conn_or_curs=connection)  # type: ignore[no-untyped-call]
        if self.at_start:
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute(self.at_start)
            connection.autocommit = False


def connection_settings(
    url: str,
    *,
    answer_timeout_s: float,
    by_index: bool = False,
    pooled: bool = False,
    on_late: Callable[[], None] = lambda: None,
) -> ConnectionSettings:
    """The settings for `url`; for the parameters see engine.make_engine. Raises SettingsError."""
    settings = {"idle_in_transaction_session_timeout": f"{IDLE_IN_TRANSACTION_S}s"}
    if by_index:
        settings |= CLEANING if pooled else BY_INDEX  # only prepared statements keep a plan
    local = "".join(f"SET LOCAL {name}='{value}';" for name, value in settings.items())
    parameters = read_url(url)
    places = split_hosts(parameters)
    attributes = {
        "answer_timeout_s": answer_timeout_s,
        "connect_timeout_s": host_timeout_s(answer_timeout_s, len(places)),
        "on_late": staticmethod(on_late),
        "prepares": not pooled,
        "local_settings": local.encode() if pooled else b"",
    }
    # libpq sends this when it connects, and has no parameter for it. Poolers accept it, but refuse
    # `options`.
    os.environ["PGTZ"] = "UTC"
    extensions.set_wait_callback(wait)
    arguments = {
        "application_name": "neuroplay",
        **parameters,
        "client_encoding": "UTF8",
        "connection_factory": type("Connection", (ServerConnection,), attributes),
    }
    return ConnectionSettings(
        hosts=Hosts([{**arguments, **place} for place in places], on_late=on_late),
        at_begin=local if pooled else "",
        at_start="" if pooled else local.replace("SET LOCAL", "SET"),
    )


def read_url(url: str) -> dict[str, str]:
    """The connection parameters that libpq reads from DATABASE_URL.

    Of several hosts, one that takes writes is wanted unless the URL says otherwise: most are
    standbys, which would take the connection and then refuse.

    Raises SettingsError, without quoting the URL, which may contain a password.
    """
    _, _, rest = url.partition("://")
    try:
        found: dict[str, str] = extensions.parse_dsn(f"postgresql://{rest}")
    except psycopg2.ProgrammingError as error:
        why = str(error).strip().partition("\n")[0].removeprefix("invalid dsn: ")
        if "query parameter" not in why:  # else it may quote the password
            why = "it cannot be read"
        raise SettingsError(
            f"DATABASE_URL: {why}",
            hint="Write it as postgresql://user:password@host:5432/name, with the special "
            "characters of a password as %XX",
        ) from None
    ports = found.get("port", "").split(",")
    if not all(not port or (port.isdecimal() and 0 < int(port) < 65_536) for port in ports):
        raise SettingsError("DATABASE_URL: its port is not a number from 1 to 65535")
    check_hosts(found)
    encoding = found.get("client_encoding", "utf8").lower().replace("-", "")
    if encoding not in ("utf8", "auto"):
        raise SettingsError(
            f"DATABASE_URL: client_encoding={found['client_encoding']} does not hold all that "
            "children may be called",
            hint="Leave client_encoding out",
        )
    if len(split_hosts(found)) > 1:
        found.setdefault("target_session_attrs", "read-write")
    return found
