"""Payloads as JSON, and the payload hash, by which a session that is sent again is recognized."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from typing import Any, cast

import orjson
import rfc8785

from neuroplay.core.rules.storable import exact_numbers, has_long_number, sorted_json

_WHOLE_FLOAT = re.compile(r"\.0[,\]}]")
_LONG_OR_EXPONENT = re.compile(r"[:\[,]-?(?:\d{16}|\d(?:\.\d+)?e)")
"""Numbers that `write_json` may write differently from RFC 8785; those of 16 digits may exceed
2**53. A string in the payload may match, too, which only costs time."""

_AS_IS = (
    orjson.OPT_SORT_KEYS
    | orjson.OPT_PASSTHROUGH_DATACLASS
    | orjson.OPT_PASSTHROUGH_DATETIME
    | orjson.OPT_PASSTHROUGH_SUBCLASS
)


def write_json(value: object) -> str:
    """A WriteJson, several times faster than the standard library's encoder, which still writes
    what orjson refuses: integers beyond 64 bits and unpaired surrogates."""
    try:
        text = orjson.dumps(value, option=_AS_IS).decode()
    except TypeError:
        return sorted_json(value)
    # orjson writes NaN and infinities as null.
    return sorted_json(value) if "null" in text else text


def hash_payload(payload: Mapping[str, object], text: str | None = None) -> bytes:
    """SHA-256 of the canonical JSON (RFC 8785) of `payload`: 32 bytes.

    `text` is `write_json(payload)`, if the caller has it. Different spellings of the same payload
    (order of names, `120` and `120.0`) have the same hash. RFC 8785 has no form for integers beyond
    2**53, so they are hashed as text with all their digits. Raises ValueError for what JSON cannot
    express: NaN, infinities and unpaired surrogates.
    """
    return hashlib.sha256(canonical(payload, text)).digest()


def canonical(payload: Mapping[str, Any], text: str | None = None) -> bytes:
    """The canonical JSON of `payload`.

    A canonical encoder in Python takes dozens of times as long as `write_json`, whose output is
    already canonical if the text is ASCII (so that code points sort as UTF-16 does) and its numbers
    have only one spelling, as in nearly every session.
    """
    if text is None:
        text = write_json(payload)
    if text.isascii() and not _may_differ(text):
        return text.encode("ascii")
    try:
        return rfc8785.dumps(payload)
    except rfc8785.IntegerDomainError:
        return rfc8785.dumps(cast("dict[str, Any]", exact_numbers(payload)))


def _may_differ(text: str) -> bool:
    """Whether a number in `text` may have another canonical form."""
    if _WHOLE_FLOAT.search(text):
        return True
    suspect = has_long_number(text.encode("ascii")) or "e-" in text or "e+" in text
    return suspect and _LONG_OR_EXPONENT.search(text) is not None
