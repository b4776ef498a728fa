"""PostgreSQL's own statistics that every role may read."""

from __future__ import annotations

from sqlalchemy import Engine

_FIGURES = """
SELECT (SELECT sum(numbackends) FROM pg_stat_database)::int AS connections,
       current_setting('max_connections')::int AS most_connections,
       pg_database_size(datname) AS size_bytes, xact_commit AS commits, xact_rollback AS rollbacks
  FROM pg_stat_database WHERE datname = current_database()
"""


def server_figures(engine: Engine) -> dict[str, int]:
    """The fields of `DatabaseFigures`: connections, most_connections, size_bytes, commits and
    rollbacks. One statement."""
    with engine.connect() as connection:
        return dict(connection.exec_driver_sql(_FIGURES).one()._mapping)
