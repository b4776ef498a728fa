"""What a setting is: a variable, a default, a meaning, and how its text is read."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

Read = Callable[[str], Any]
"""What a variable's text says. Raises ValueError with the reason."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Setting:
    """`default` is None where it is computed."""

    variable: str
    default: Any
    description: str
    read: Read

    def value_of(self, given: object) -> Any:
        """The value that a text says; what code gives otherwise is of the right type. Raises
        ValueError."""
        text = ",".join(given) if isinstance(given, tuple) else str(given)
        # Bytes that are no UTF-8 reach Python as halves of a pair, which no program takes.
        if re.search("[\ud800-\udfff\0]", text):
            raise ValueError("it is not UTF-8")
        return self.read(text)


def setting(
    variable: str, default: Any, read: Read = str, *, description: str, hidden: bool = False
) -> Any:
    """A field of Settings; `default` may be a function. `hidden` values are in no repr."""
    computed = callable(default)
    told = Setting(
        variable=variable,
        default=None if computed else default,
        description=description,
        read=read,
    )
    usual: dict[str, Any] = {"default_factory" if computed else "default": default}
    return field(**usual, repr=not hidden, metadata={"setting": told})


def whole(least: int, most: int | None = None) -> Read:
    """A whole number of that range."""

    def read(text: str) -> int:
        if re.fullmatch(r"\s*[+-]?\d{1,18}\s*", text, re.ASCII):
            number = int(text)
            if number >= least and (most is None or number <= most):
                return number
        to = "upwards" if most is None else f"to {most}"
        raise ValueError(f"it must be a whole number from {least} {to}")

    return read


def one_of(*words: str) -> Read:
    """One of these words."""

    def read(text: str) -> str:
        if text not in words:
            raise ValueError(f"it must be one of {', '.join(words)}")
        return text

    return read
