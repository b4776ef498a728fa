"""Short transactions with fewer trips to the server, and less to plan for it.

psycopg2 sends BEGIN, waits for its answer, and only then sends a transaction's first statement.
Here BEGIN goes with that statement, and so does one whose answer nobody needs (`send_ahead`). A
trip costs a busy API more than its time: at each, threads hand Python's lock around. A `Statement`
is prepared at its first use, with the message that uses it.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Any, cast

import psycopg2
from psycopg2 import extensions

from neuroplay.infra.db.statements import Statement

_C = extensions.connection


class OneTripCursor(extensions.cursor):
    def execute(self, query: Any, vars: Any = None) -> None:
        connection = cast("OneTripConnection", self.connection)
        if isinstance(query, Statement):
            query = connection.ready(query)
        ahead = connection.take_ahead()
        if ahead:
            query = (ahead.replace("%", "%%") if vars else ahead) + query
        try:
            super().execute(query, vars)
        except BaseException:
            connection.forget_preparations()
            raise
        connection.prepared()


class OneTripConnection(extensions.connection):
    """For libpq it is always in autocommit; the transactions are our own."""

    prepares = True
    """Whether a session is one server's: behind a pooler of transactions the next one is another's,
    which knows of nothing that was prepared."""

    at_begin = ""
    """Sent with each BEGIN: settings of a transaction, where none of a session would last."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.cursor_factory = OneTripCursor
        self._begins, self._is_begun, self._ahead = True, False, ""
        self._known: dict[str, str] = {}
        self._preparing: dict[str, str] = {}
        self._given_up = 0
        _C.autocommit.__set__(self, True)  # type: ignore[attr-defined]

    def send_ahead(self, statement: Statement, values: Mapping[str, Any]) -> None:
        """Send a statement together with the next one, or with `commit`; its errors are raised
        there."""
        text = self.ready(statement)
        with self.cursor() as cursor:
            self._ahead += cursor.mogrify(text, values).decode() + ";"

    def ready(self, statement: Statement) -> str:
        """The EXECUTE of a statement; where it is new here, its PREPARE goes with the next
        message."""
        if not self.prepares:
            return str(statement)
        name = self._known.get(statement.name)
        if name is None:
            name = f"{statement.name}_{self._given_up}"
            self._known[statement.name] = name
            self._preparing[statement.name] = f"PREPARE {name} AS {statement.body};"
        return f"EXECUTE {name}{statement.arguments}"

    def prepared(self) -> None:
        """The message with the preparations has arrived."""
        if self._preparing:
            self._preparing.clear()

    def forget_preparations(self) -> None:
        """The message failed, at a place that is not known: prepare again, under other names."""
        if self._preparing:
            for statement in self._preparing:
                del self._known[statement]
            self._preparing.clear()
            self._given_up += 1

    def take_ahead(self) -> str:
        """What goes before the next statement; from now on a transaction is open."""
        ahead, self._ahead = self._ahead, ""
        if self._begins and not self._is_begun:
            # Whatever becomes of it: a transaction that failed at once is rolled back, too.
            self._is_begun = True
            ahead = "BEGIN;" + self.at_begin + ahead
        # Not within the transaction: what is prepared stays when that is rolled back.
        return "".join(self._preparing.values()) + ahead if self._preparing else ahead

    @property
    def autocommit(self) -> bool:
        return not self._begins

    @autocommit.setter
    def autocommit(self, value: bool) -> None:
        self._begins = not value

    def set_isolation_level(self, level: int | None) -> None:
        """Autocommit or not; the level itself is the server's default. As psycopg2 does, this rolls
        an open transaction back: SQLAlchemy has just begun one to ask for the present level."""
        self.rollback()
        self._begins = level != extensions.ISOLATION_LEVEL_AUTOCOMMIT

    @property
    def is_ahead(self) -> bool:
        """Whether something waits for the next message."""
        return bool(self._ahead)

    def commit(self) -> None:
        if self._is_begun or (self._ahead and self._begins):
            try:
                self._end("COMMIT")
            except psycopg2.Error:
                # What went ahead of it may have failed, and COMMIT was never reached. SQLAlchemy
                # takes a failed commit for the end of the transaction.
                with suppress(psycopg2.Error):
                    self.rollback()
                raise
        elif self._ahead:
            # One message is one transaction.
            ahead, self._ahead = self._ahead, ""
            with self.cursor() as cursor:
                cursor.execute(ahead)

    def rollback(self) -> None:
        self._ahead = ""
        self.forget_preparations()
        if self._is_begun:
            self._end("ROLLBACK")

    def _end(self, how: str) -> None:
        with self.cursor() as cursor:
            cursor.execute(how)
        self._is_begun = False
