"""How deep JSON may be nested, told from its text: before anything parses it, and the same under
every interpreter, whose own limits differ."""

from __future__ import annotations

import json
import re
from typing import Any

DEEPEST_DOCUMENT = 512
"""Objects and arrays inside each other in whatever comes in. A session may have 32 (storable.py),
and one with more is refused alone; a document deeper than this is nobody's."""

_STRING = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"?', re.DOTALL)
_NO_BRACKETS = bytes(byte for byte in range(256) if byte not in b"[]{}")


def nested_deeper(text: bytes, levels: int = DEEPEST_DOCUMENT) -> bool:
    """Whether the JSON `text` nests deeper than `levels`. Of text that is no JSON it says so at
    the latest where a parser would have come so deep."""
    if text.count(b"[") + text.count(b"{") <= levels:
        return False
    brackets = _STRING.sub(b"", text).translate(None, _NO_BRACKETS)
    # Without its innermost pairs it is one level less deep, and a batch has few others.
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
    """`json.loads` of what somebody else wrote. Raises ValueError, also where it is too deep."""
    if nested_deeper(text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text):
        raise ValueError(f"nested deeper than {DEEPEST_DOCUMENT}")
    return json.loads(text)
