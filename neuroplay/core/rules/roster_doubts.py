"""Find nicknames in a roster that look wrong: totals, formulas, repeated headings, HTML, and names
with damaged letters."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from neuroplay.core.rules.roster_headings import is_heading, words_of

NAMED = 3
"""Lines that a doubt lists; the others are counted."""

_SUMS = frozenset(
    ["total", "totals", "totais", "totales", "subtotal", "soma", "suma", "sum", "count", "contagem"]
)
_PAGES = frozenset(["pagina", "page", "folha", "hoja", "sheet"])

_CODE = re.compile(r"[=+#|;-]|.*(?:://|<[a-z/!]|[|;\t])", re.IGNORECASE)
_LOST = re.compile(r"[\ufffd?]|&(?:#\d+|#x[0-9a-f]+|[a-z]+);|%[0-9a-f]{2}|\+[a-z0-9/]{2,}-", re.I)


def nickname_doubts(children: Iterable[tuple[int, str]]) -> list[str]:
    """One message for each kind of doubt. `children` are (line number, nickname)."""
    known: dict[str, list[str]] = {}
    for line, nickname in children:
        if why := _doubt(nickname):
            known.setdefault(why, []).append(f"line {line}, {nickname!r}")
    return [_message(why, lines) for why, lines in known.items()]


def _message(why: str, lines: list[str]) -> str:
    more = f" and {len(lines) - NAMED} more" if len(lines) > NAMED else ""
    return f"{why}: {'; '.join(lines[:NAMED])}{more}"


def _doubt(nickname: str) -> str:
    return next((why for why, looks in _KINDS.items() if looks(nickname)), "")


def _is_lost(nickname: str) -> bool:
    if _LOST.search(nickname):
        return True
    try:  # UTF-8 that another program decoded as Windows-1252
        return nickname.encode("windows-1252").decode("utf-8") != nickname
    except UnicodeError:
        return False


def _is_about_the_list(nickname: str) -> bool:
    words = words_of(nickname)
    pages = bool(words & _PAGES) and any(one.isdigit() for one in words)
    return bool(words & _SUMS) or pages or is_heading((nickname,))


_KINDS: dict[str, Callable[[str], object]] = {
    "letters seem to be damaged": _is_lost,
    "this looks like a total or a heading, not a child": _is_about_the_list,
    "this looks like a formula or code, not a child": _CODE.match,
    "this begins with a number": lambda nickname: nickname[:1].isdigit(),
}
