"""Short transactions with fewer trips to the server.

psycopg2 sends BEGIN, waits for its answer, and only then sends a transaction's first statement.
Here BEGIN goes with that statement, and so does one whose answer nobody needs (`send_ahead`). A
trip costs a busy API more than its time: at each, threads hand Python's lock around.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from psycopg2 import extensions

_C = extensions.connection


class OneTripCursor(extensions.cursor):
    def execute(self, query: Any, vars: Any = None) -> None:
        connection = cast("OneTripConnection", self.connection)
        ahead = connection.take_ahead()
        if ahead:
            query = (ahead.replace("%", "%%") if vars else ahead) + query
        super().execute(query, vars)


class OneTripConnection(extensions.connection):
    """For libpq it is always in autocommit; the transactions are our own."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.cursor_factory = OneTripCursor
        self._begins, self._is_begun, self._ahead = True, False, ""
        _C.autocommit.__set__(self, True)  # type: ignore[attr-defined]

    def send_ahead(self, statement: str, values: Mapping[str, Any]) -> None:
        """Send a statement together with the next one, or with COMMIT; its errors are raised
        there."""
        with self.cursor() as cursor:
            self._ahead += cursor.mogrify(statement, values).decode() + ";"

    def take_ahead(self) -> str:
        """What goes before the next statement; from now on a transaction is open."""
        ahead, self._ahead = self._ahead, ""
        if self._begins and not self._is_begun:
            # Whatever becomes of it: a transaction that failed at once is rolled back, too.
            self._is_begun = True
            ahead = "BEGIN;" + ahead
        return ahead

    @property
    def autocommit(self) -> bool:
        return not self._begins

    @autocommit.setter
    def autocommit(self, value: bool) -> None:
        self._begins = not value

    def set_isolation_level(self, level: int | None) -> None:
        """Autocommit or not; the level itself is the server's default."""
        self._begins = level != extensions.ISOLATION_LEVEL_AUTOCOMMIT

    def commit(self) -> None:
        if self._is_begun or self._ahead:
            self._end("COMMIT")

    def rollback(self) -> None:
        self._ahead = ""
        if self._is_begun:
            self._end("ROLLBACK")

    def _end(self, how: str) -> None:
        with self.cursor() as cursor:
            cursor.execute(how)
        self._is_begun = False
