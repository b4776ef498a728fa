"""What the store can hold: valid JSON of a bounded size, without the few things that
PostgreSQL's jsonb has no room for.

    code          of a session that
    not_an_object is no JSON object
    not_finite    holds NaN or an infinity
    bad_text      holds U+0000 or half of a surrogate pair
    out_of_range  holds a number beyond LARGEST_NUMBER either way
    too_deep      is nested deeper than DEEPEST
    too_large     is over LARGEST_BYTES as UTF-8
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from math import isfinite
from typing import Any

from neuroplay.core.errors import InvalidSession

LARGEST_BYTES = 64 * 1024
DEEPEST = 32
"""Objects and arrays inside each other, the session itself among them."""

LONGEST_NUMBER = 400
"""Digits of a whole number beyond which it is kept as text."""

LARGEST_NUMBER = 2**64
"""What no counter, no clock and no id of any device goes beyond."""

LARGEST_EXACT = 2**53 - 1
"""Beyond this a whole number is not the same in every JSON reader."""

sorted_json = json.JSONEncoder(
    sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
).encode
"""JSON without blanks, names in order, all characters as they are."""


_ZEROS = bytes.maketrans(b"123456789", b"000000000")
_SIXTEEN_ZEROS = b"0" * 16
_SIXTEEN_DIGITS = re.compile(r"[0-9]{16}")


def check_storable(record: object) -> str:
    """The record as `sorted_json`, where it can be stored as it is. Raises InvalidSession with the
    field."""
    if type(record) is not dict:
        raise InvalidSession("not_an_object", "session", "a session must be an object")
    try:
        text = sorted_json(record)
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
    """A copy that can be stored and still shows what was sent: NaN becomes "NaN", U+0000 becomes
    "\\u0000" in six characters; what is no object stands under `raw`."""
    storable = _storable(value, DEEPEST)
    return storable if isinstance(storable, dict) else {"raw": storable}


def exact_numbers(record: Mapping[str, object]) -> dict[str, object]:
    """A copy in which whole numbers that canonical JSON cannot hold are text; for the hash."""
    return {key: _exact(value) for key, value in record.items()}


def _exact(value: Any) -> Any:
    if type(value) is int and abs(value) > LARGEST_EXACT:
        return hex(value)
    if type(value) is dict:
        return {key: _exact(inner) for key, inner in value.items()}
    if type(value) is list:
        return [_exact(inner) for inner in value]
    return value


def _may_be_large(text: str) -> bool:
    """Whether a number in `text` may be beyond LARGEST_NUMBER: it has 16 digits, or an exponent."""
    if "e+" in text:
        return True
    if text.isascii():
        return _SIXTEEN_ZEROS in text.encode("ascii").translate(_ZEROS)
    return _SIXTEEN_DIGITS.search(text) is not None


def whole_number(value: Any) -> int | None:
    """The number, where it is whole and the same in every JSON reader; 5.0 is whole too. None for
    anything else, a truth value among it."""
    kind = type(value)
    if (kind is int or kind is float) and abs(value) <= LARGEST_EXACT and value == int(value):
        return int(value)
    return None


def _too_deep(record: dict[str, Any], text: str) -> bool:
    # Few brackets cannot nest deeply: most sessions are done after two counts.
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
    """Walk without recursion, so that no depth can exhaust the stack."""
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
            # A path names two levels at most: enough to find the place, and bounded.
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
    if "\x00" in text or any("\ud800" <= character <= "\udfff" for character in text):
        raise InvalidSession(
            "bad_text", path, "the text contains a character that cannot be stored"
        )


def _short(name: str) -> str:
    return _mend_text(name[:64])


def _storable(value: Any, levels: int) -> Any:
    kind = type(value)
    if kind is str:
        return _mend_text(value)
    if kind is float and not isfinite(value):
        return "NaN" if value != value else ("Infinity" if value > 0 else "-Infinity")
    if kind is int and abs(value) >= 10**LONGEST_NUMBER:
        return hex(value)
    if kind is dict or kind is list:
        if not levels:
            return "(nested too deeply)"
        if kind is list:
            return [_storable(inner, levels - 1) for inner in value]
        return {_mend_text(str(k)): _storable(inner, levels - 1) for k, inner in value.items()}
    return value if value is None or kind in (bool, int, float) else _mend_text(str(value))


def _mend_text(text: str) -> str:
    if "\x00" not in text and not any("\ud800" <= c <= "\udfff" for c in text):
        return text
    return "".join(
        f"\\u{ord(c):04x}" if c == "\x00" or "\ud800" <= c <= "\udfff" else c for c in text
    )
