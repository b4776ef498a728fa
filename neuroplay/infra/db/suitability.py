"""Requirements that an external database must meet."""

from __future__ import annotations

from sqlalchemy import Engine

from neuroplay.core.errors import SettingsError

OLDEST, NEWEST = 15, 18

_LOOK = """
SELECT current_setting('server_version_num')::int / 10000 AS major,
       current_setting('server_encoding') AS encoding,
       pg_is_in_recovery() AS standby,
       current_setting('transaction_read_only') = 'on' AS read_only,
       current_schema() AS schema, current_setting('search_path') AS search_path,
       current_user AS role, current_database() AS database,
       COALESCE(has_schema_privilege(current_schema(), 'CREATE'), false) AS may_create,
       (SELECT pg_get_userbyid(relowner) FROM pg_class
         WHERE oid = to_regclass('alembic_version')) AS owner,
       COALESCE(pg_has_role((SELECT relowner FROM pg_class
         WHERE oid = to_regclass('alembic_version')), 'USAGE'), true) AS owns
"""


class UnsuitableDatabase(SettingsError):  # noqa: N818 - it names what it is
    code = "unsuitable_database"


def check_suitable(engine: Engine) -> int:
    """Check the requirements; returns PostgreSQL's major version.

    Raises UnsuitableDatabase with a hint, StoreUnavailable.
    """
    with engine.connect() as connection:
        found = connection.exec_driver_sql(_LOOK).one()
    if not OLDEST <= found.major <= NEWEST:
        raise UnsuitableDatabase(
            f"the database is PostgreSQL {found.major}",
            hint=f"Use PostgreSQL {OLDEST} to {NEWEST}",
        )
    if found.encoding != "UTF8":
        raise UnsuitableDatabase(
            f"the database {found.database} is encoded in {found.encoding}, which does not hold "
            "every nickname",
            hint="Create a new one: CREATE DATABASE name ENCODING 'UTF8' TEMPLATE template0",
        )
    if found.standby or found.read_only:
        raise UnsuitableDatabase(
            f"the database {found.database} takes no writes: "
            + ("it is a standby" if found.standby else "default_transaction_read_only is on"),
            hint="Name the primary in DATABASE_URL"
            if found.standby
            else f"ALTER ROLE {found.role} SET default_transaction_read_only = off",
        )
    if found.schema is None:
        raise UnsuitableDatabase(
            f"the search_path {found.search_path} names no schema of the database {found.database} "
            f"that the role {found.role} may use",
            hint=f"CREATE SCHEMA name AUTHORIZATION {found.role}, or set another search_path",
        )
    if found.owner is None and not found.may_create:
        raise UnsuitableDatabase(
            f"the role {found.role} may not make tables in the schema {found.schema} of the "
            f"database {found.database}",
            hint="Run there, as its owner: "
            f"GRANT USAGE, CREATE ON SCHEMA {found.schema} TO {found.role}",
        )
    if not found.owns:
        raise UnsuitableDatabase(
            f"the tables in the database {found.database} belong to the role {found.owner}, and "
            f"NeuroPlay comes as {found.role}",
            hint=f"Use that role in DATABASE_URL, or GRANT {found.owner} TO {found.role}",
        )
    return int(found.major)
