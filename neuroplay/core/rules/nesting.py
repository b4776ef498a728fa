"""Limit the nesting of JSON before it is parsed: Python's own limits differ between versions."""

from __future__ import annotations

import json
import re
from typing import Any

DEEPEST_DOCUMENT = 512
"""Levels of objects and arrays in any document from outside. A session may have 32 (storable.py),
and one with more is refused by itself. A document with more than this is refused as a whole."""

_STRING = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"?', re.DOTALL)
_NO_BRACKETS = bytes(byte for byte in range(256) if byte not in b"[]{}")


def nested_deeper(text: bytes, levels: int = DEEPEST_DOCUMENT) -> bool:
    """Whether the JSON `text` is nested deeper than `levels`.

    Also true for text that is not valid JSON if a parser would reach such a depth in it.
    """
    if text.count(b"[") + text.count(b"{") <= levels:
        return False
    brackets = _STRING.sub(b"", text).translate(None, _NO_BRACKETS)
    # Cheap test first: removing the innermost pairs takes one level, and a batch has few others.
    rest = brackets.replace(b"[]", b"").replace(b"{}", b"")
    if rest.count(b"[") + rest.count(b"{") + 2 <= levels:
        return False
    depth = 0
    for bracket in brackets:
        depth += 1 if bracket in b"[{" else -1
        if depth > levels:
            return True
    return False


def read_json(text: bytes | str) -> Any:
    """`json.loads` for text from outside. Raises ValueError, also if it is nested too deeply."""
    if nested_deeper(text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text):
        raise ValueError(f"nested deeper than {DEEPEST_DOCUMENT}")
    return json.loads(text)
