"""The definition of a setting: its variable, default, description and reader."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

Read = Callable[[str], Any]
"""Converts a variable's text to its value. Raises ValueError with the reason."""

Write = Callable[[Any], str]
"""Converts a value to a text of which `Read` makes the same value."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Setting:
    """`default` is None if it is computed."""

    variable: str
    default: Any
    description: str
    read: Read
    write: Write = str

    def value_of(self, given: object) -> Any:
        """Read a value from a text, or from a value of the right type. Raises ValueError."""
        text = ",".join(given) if isinstance(given, tuple) else str(given)
        # Python represents bytes of the environment that are not UTF-8 as lone surrogates.
        if re.search("[\ud800-\udfff\0]", text):
            raise ValueError("it is not UTF-8")
        return self.read(text)


def setting(
    variable: str,
    default: Any,
    read: Read = str,
    *,
    description: str,
    hidden: bool = False,
    write: Write = str,
) -> Any:
    """A field of Settings. `default` may be a function. A `hidden` value does not appear in a
    repr."""
    computed = callable(default)
    definition = Setting(
        variable=variable,
        default=None if computed else default,
        description=description,
        read=read,
        write=write,
    )
    default_of: dict[str, Any] = {"default_factory" if computed else "default": default}
    return field(**default_of, repr=not hidden, metadata={"setting": definition})


def whole(least: int, most: int | None = None) -> Read:
    """A reader of whole numbers in this range."""

    def read(text: str) -> int:
        if re.fullmatch(r"\s*[+-]?\d{1,18}\s*", text, re.ASCII):
            number = int(text)
            if number >= least and (most is None or number <= most):
                return number
        to = "upwards" if most is None else f"to {most}"
        raise ValueError(f"it must be a whole number from {least} {to}")

    return read


def whole_or_never(least: int, most: int) -> Read:
    """A reader of whole numbers in this range, and of `never`, which becomes 0. A written 0 is
    refused: it reads like `at once`."""
    number = whole(least, most)

    def read(text: str) -> int:
        if text.strip() == "never":
            return 0
        try:
            return int(number(text))
        except ValueError as error:
            raise ValueError(f"{error}, or never") from None

    return read


def number_or_never(value: int) -> str:
    """What `whole_or_never` reads as this value."""
    return str(value) if value else "never"


def one_of(*words: str) -> Read:
    """A reader that accepts one of these words."""

    def read(text: str) -> str:
        if text not in words:
            raise ValueError(f"it must be one of {', '.join(words)}")
        return text

    return read
