"""Statements that each connection has PostgreSQL parse and plan once, at their first use."""

from __future__ import annotations

import hashlib
import re
from typing import Self

_NAMED = re.compile(r"%\((\w+)\)s")


class Statement(str):
    """SQL with `%(name)s` for values; a value whose type PostgreSQL cannot infer needs a cast.
    For what requests ask thousands of times a minute."""

    __slots__ = ("execute", "name", "prepare")

    name: str
    """Of the prepared statement; the same text has the same."""

    prepare: str
    """Its PREPARE."""

    execute: str
    """Its EXECUTE, with `%(name)s` for values."""

    def __new__(cls, text: str) -> Self:
        self = super().__new__(cls, text)
        names = list(dict.fromkeys(_NAMED.findall(text)))
        body = _NAMED.sub(lambda found: f"${names.index(found[1]) + 1}", text)
        values = ", ".join(f"%({name})s" for name in names)
        self.name = "np_" + hashlib.sha256(text.encode()).hexdigest()[:12]
        self.prepare = f"PREPARE {self.name} AS {body}"
        self.execute = f"EXECUTE {self.name}" + (f"({values})" if names else "")
        return self
