"""Find nicknames in a roster that look wrong: totals, formulas, repeated headings, HTML, and names
with damaged letters."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence

from neuroplay.core.entities.roster import Doubt, RosterDoubt
from neuroplay.core.rules.roster_headings import is_heading, words_of

NAMED = 3
"""Lines that a doubt lists; the others are counted."""

_SUMS = frozenset(
    ["total", "totals", "totais", "totales", "subtotal", "soma", "suma", "sum", "count", "contagem"]
)
_PAGES = frozenset(["pagina", "page", "folha", "hoja", "sheet"])

_CODE = re.compile(r"[=+#|;-]|.*(?:://|<[a-z/!]|[|;\t])", re.IGNORECASE)
_LOST = re.compile(r"[\ufffd?]|&(?:#\d+|#x[0-9a-f]+|[a-z]+);|%[0-9a-f]{2}|\+[a-z0-9/]{2,}-", re.I)


def nickname_doubts(children: Iterable[tuple[int, str]]) -> list[Doubt]:
    """One for each kind. `children` are (line number, nickname)."""
    known: dict[RosterDoubt, list[tuple[int, str]]] = {}
    for line, nickname in children:
        for doubt, (_, looks) in _KINDS.items():
            if looks(nickname):
                known.setdefault(doubt, []).append((line, nickname))
                break
    return [
        Doubt(
            doubt=doubt,
            message=f"{_KINDS[doubt][0]}: "
            + first_and_more([f"line {line}, {nickname!r}" for line, nickname in some]),
            about=first_of([f"{line}: {nickname}" for line, nickname in some]),
        )
        for doubt, some in known.items()
    ]


def shortened_doubt(named: Sequence[tuple[str, str]]) -> Doubt:
    """Of whole names, and the nicknames that they become."""
    more = first_and_more([f"{one!r} is {nickname!r}" for one, nickname in named])
    return Doubt(
        doubt=RosterDoubt.SHORTENED,
        message=f"whole names become nicknames: {more}",
        about=first_of([f"{one} → {nickname}" for one, nickname in named]),
    )


def first_and_more(named: Sequence[str]) -> str:
    """The first NAMED, and how many more there are."""
    more = f" and {len(named) - NAMED} more" if len(named) > NAMED else ""
    return "; ".join(named[:NAMED]) + more


def first_of(named: Sequence[str]) -> str:
    """The same in words of no language."""
    more = f" (+{len(named) - NAMED})" if len(named) > NAMED else ""
    return "; ".join(named[:NAMED]) + more


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


_KINDS: dict[RosterDoubt, tuple[str, Callable[[str], object]]] = {
    RosterDoubt.LETTERS_DAMAGED: ("letters seem to be damaged", _is_lost),
    RosterDoubt.TOTAL: ("this looks like a total or a heading, not a child", _is_about_the_list),
    RosterDoubt.FORMULA: ("this looks like a formula or code, not a child", _CODE.match),
    RosterDoubt.NUMBER: ("this begins with a number", lambda nickname: nickname[:1].isdigit()),
}
