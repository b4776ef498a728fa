"""What the store accepts: valid JSON of limited size that PostgreSQL's jsonb can represent.

For any other record `check_storable` raises InvalidSession with one of these codes.

    code           the session
    not_an_object  is not a JSON object
    not_finite     contains NaN or an infinity
    bad_text       contains U+0000 or an unpaired surrogate
    out_of_range   contains a number whose absolute value is above LARGEST_NUMBER
    too_deep       is nested deeper than DEEPEST
    too_large      is larger than LARGEST_BYTES in UTF-8
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from math import isfinite
from typing import Any

from neuroplay.core.errors import InvalidSession

_RAW = "raw"

LARGEST_BYTES = 64 * 1024
DEEPEST = 32
"""Levels of objects and arrays, including the session itself."""

LONGEST_NUMBER = 400
"""Digits above which a whole number is kept as text."""

LARGEST_NUMBER = 2**64
"""No counter, clock or id of a device exceeds this."""

LARGEST_EXACT = 2**53 - 1
"""The largest whole number that every JSON parser reads exactly."""

sorted_json = json.JSONEncoder(
    sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
).encode
"""JSON with sorted keys, without spaces and without escapes for non-ASCII characters."""


_BAD_CHARACTER = re.compile(r"[\x00\ud800-\udfff]")
"""U+0000 and surrogates, which PostgreSQL cannot store. Text from JSON has only unpaired ones."""

_ZEROS = bytes.maketrans(b"123456789", b"000000000")
_SIXTEEN_ZEROS = b"0" * 16
_SIXTEEN_DIGITS = re.compile(r"[0-9]{16}")


def check_storable(record: object, write_json: Callable[[object], str] = sorted_json) -> str:
    """The record as JSON. Raises InvalidSession if it cannot be stored unchanged."""
    if type(record) is not dict:
        raise _no_object()
    try:
        text = write_json(record)
        size = len(text) if text.isascii() else len(text.encode())
    except (ValueError, TypeError, RecursionError):
        text, size = "", 0
    if not text or "\\u0000" in text or _may_be_large(text) or _too_deep(record, text):
        _raise_first_flaw(record)
    if not text:
        raise InvalidSession("not_an_object", "session", "the session is not JSON")
    if size > LARGEST_BYTES:
        _check_size(record)
    return text


def storable(value: object) -> dict[str, object]:
    """A copy that can be stored and still shows what was sent.

    NaN becomes "NaN", U+0000 becomes the six characters "\\u0000". A value that is not an object is
    put under the key `raw`, alone.
    """
    storable = _storable(value, DEEPEST)
    return storable if isinstance(storable, dict) else {_RAW: storable}


def check_is_object(stored: Mapping[str, object]) -> None:
    """Raises InvalidSession if `storable` made it of a value that was no object."""
    if stored.keys() == {_RAW}:
        raise _no_object()


def _no_object() -> InvalidSession:
    return InvalidSession("not_an_object", "session", "a session must be an object")


def exact_numbers(record: Mapping[str, object]) -> dict[str, object]:
    """A copy for the hash, in which whole numbers that canonical JSON cannot represent are text."""
    return {key: _exact(value) for key, value in record.items()}


def _exact(value: Any) -> Any:
    if type(value) is int and abs(value) > LARGEST_EXACT:
        return hex(value)
    if type(value) is dict:
        return {key: _exact(inner) for key, inner in value.items()}
    if type(value) is list:
        return [_exact(inner) for inner in value]
    return value


def has_long_number(text: bytes) -> bool:
    """Whether 16 digits are in a row, which a number above LARGEST_EXACT needs without exponent. A
    search for the pattern would try every number of a long trace."""
    return _SIXTEEN_ZEROS in text.translate(_ZEROS)


def _may_be_large(text: str) -> bool:
    """Whether `text` may have a number above LARGEST_NUMBER: 16 digits in a row, or an exponent."""
    if "e+" in text:
        return True
    if text.isascii():
        return has_long_number(text.encode("ascii"))
    return _SIXTEEN_DIGITS.search(text) is not None


def whole_number(value: Any) -> int | None:
    """The value as int if it is a whole number up to LARGEST_EXACT, such as 5 or 5.0.

    None for anything else, including booleans.
    """
    kind = type(value)
    if (kind is int or kind is float) and abs(value) <= LARGEST_EXACT and value == int(value):
        return int(value)
    return None


def _too_deep(record: dict[str, Any], text: str) -> bool:
    # Few brackets cannot nest deeply, so two counts suffice for most sessions.
    return text.count("{") + text.count("[") > DEEPEST and _deeper_than(record, DEEPEST - 1)


def _deeper_than(value: Any, levels: int) -> bool:
    if levels < 0:
        return True
    inside = value.values() if type(value) is dict else value
    return any(
        _deeper_than(inner, levels - 1)
        for inner in inside
        if type(inner) is list or type(inner) is dict
    )


def _check_size(record: dict[str, Any]) -> None:
    sizes = {name: _size(value) + len(name) for name, value in record.items()}
    if sum(sizes.values()) > LARGEST_BYTES:
        largest = max(sizes, key=lambda name: sizes[name])
        raise InvalidSession(
            "too_large", _short(largest), f"the session is larger than {LARGEST_BYTES // 1024} KiB"
        )


def _size(value: Any) -> int:
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return len(text.encode("utf-8", "surrogatepass"))


def _raise_first_flaw(record: dict[str, Any]) -> None:
    """Raise InvalidSession for the first flaw. Not recursive: depth must not exhaust the stack."""
    waiting: list[tuple[str, Any, int]] = [("", record, 0)]
    while waiting:
        path, value, depth = waiting.pop()
        kind = type(value)
        if kind is str:
            _check_characters(value, path)
        elif kind is float and not isfinite(value):
            raise InvalidSession("not_finite", path or "session", "a number must be finite")
        elif (kind is int or kind is float) and not -LARGEST_NUMBER <= value <= LARGEST_NUMBER:
            raise InvalidSession("out_of_range", path or "session", "a number is too large")
        elif kind is dict or kind is list:
            if depth >= DEEPEST:
                raise InvalidSession("too_deep", path, f"nested deeper than {DEEPEST}")
            # A path has at most two levels: enough to find the field, and bounded.
            waiting.extend(_inside(path, value, depth))


def _inside(path: str, value: Any, depth: int) -> Iterator[tuple[str, Any, int]]:
    if type(value) is list:
        for inner in reversed(value):
            yield path, inner, depth + 1
        return
    for key in reversed(value):
        name = f"{path}.{_short(key)}" if path else _short(key)
        yield (name if depth < 2 else path), value[key], depth + 1
        yield path or "session", key, depth


def _check_characters(text: str, path: str) -> None:
    if _BAD_CHARACTER.search(text):
        raise InvalidSession(
            "bad_text", path, "the text contains a character that cannot be stored"
        )


def _short(name: str) -> str:
    return _escaped(name[:64])


def _storable(value: Any, levels: int) -> Any:
    kind = type(value)
    if kind is str:
        return _escaped(value)
    if kind is float and not isfinite(value):
        return "NaN" if value != value else ("Infinity" if value > 0 else "-Infinity")
    if kind is int and abs(value) >= 10**LONGEST_NUMBER:
        return hex(value)
    if kind is dict or kind is list:
        if not levels:
            return "(nested too deeply)"
        if kind is list:
            return [_storable(inner, levels - 1) for inner in value]
        return {_escaped(str(k)): _storable(inner, levels - 1) for k, inner in value.items()}
    return value if value is None or kind in (bool, int, float) else _escaped(str(value))


def _escaped(text: str) -> str:
    return _BAD_CHARACTER.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
