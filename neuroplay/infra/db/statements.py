"""Prepared statements: PostgreSQL parses and plans each once per connection, at its first use."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable
from typing import Any, Self

_NAMED = re.compile(r"%\((\w+)\)s")


class Statement(str):
    """SQL with `%(name)s` for values. A value whose type PostgreSQL cannot infer needs a cast.

    For statements that requests execute thousands of times a minute.
    """

    __slots__ = ("execute", "name", "prepare", "to_row")

    name: str
    """Name of the prepared statement, derived from its text."""

    to_row: Callable[[Iterable[Any]], Any] | None
    """Makes a named tuple of a row. Its columns are those of the first result: a statement has the
    same ones each time."""

    prepare: str
    execute: str
    """With `%(name)s` for values."""

    def __new__(cls, text: str) -> Self:
        self = super().__new__(cls, text)
        names = list(dict.fromkeys(_NAMED.findall(text)))
        body = _NAMED.sub(lambda found: f"${names.index(found[1]) + 1}", text)
        values = ", ".join(f"%({name})s" for name in names)
        self.to_row = None
        self.name = "np_" + hashlib.sha256(text.encode()).hexdigest()[:12]
        self.prepare = f"PREPARE {self.name} AS {body}"
        self.execute = f"EXECUTE {self.name}" + (f"({values})" if names else "")
        return self
