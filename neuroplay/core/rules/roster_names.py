"""Turn the names of a roster into nicknames: no whole name is stored unless the school insists."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import count

from neuroplay.core.entities.roster import Order, RosterName
from neuroplay.core.rules.nickname_text import LONGEST_NICKNAME, nickname_key, plain_name
from neuroplay.core.rules.nicknames import avatar_named

_WORD = re.compile(r"[^\W\d_]+(?:['’.\-‐][^\W\d_]+)*\.?")
_LETTERS = re.compile(r"[^\W\d_]+")
_PARTICLES = frozenset(
    re.findall(r"\w+", "al da das de del der di do dos du e el la las le los van y")
)


def nickname_name(written: str) -> RosterName:
    """The name of a child whose nickname the school chose."""
    nickname = plain_name(written)
    return RosterName(written=nickname, short=nickname, given=True)


def split_name(given: str, family: str, *, full_names: bool) -> RosterName:
    """The name of a child from columns of first names and of surnames."""
    given, family = plain_name(given), plain_name(family)
    if full_names:
        return _full(f"{given} {family}".strip())
    return RosterName(written=f"{given} {family}".strip(), short=_short(given), more=_main(family))


def whole_name(written: str, order: Order | None, *, full_names: bool) -> RosterName:
    """The name of a child from a column of names, which may be whole ones.

    A comma after the surname is understood unless `order` says first-last; without one, `order`
    says where the first name is. What is no name of several words, such as a nickname with a
    number or an animal, is taken as it is.
    """
    text = plain_name(written)
    family, comma, first = text.partition(",")
    if comma and order != "first-last" and "," not in first and family.strip() and first.strip():
        words = [*first.split(), *family.split()]
        text = " ".join(words)
    else:
        words = text.split()
        if order == "last-first" and len(words) > 1:
            words = [words[-1], *words[:-1]]
            text = " ".join(words)
    if full_names:
        return _full(text)
    if not is_whole(text):
        return RosterName(written=text, short=_cased(text) if len(words) == 1 else text)
    return RosterName(written=text, short=_short(words[0]), more=_main(" ".join(words[1:])))


def is_whole(text: str) -> bool:
    """Whether this is a name of several words, and not a nickname such as Blue Fox."""
    words = text.split()
    return (
        len(words) > 1
        and all(map(_WORD.fullmatch, words))
        and not any(avatar_named(word) for word in words)
    )


def nicknames_for(names: Sequence[RosterName], taken: Collection[str]) -> list[str]:
    """A nickname for each name, in order. Those that are not `given` differ from each other and
    from those in `taken`, which has nickname keys."""
    shorts = Counter(nickname_key(name.short) for name in names)
    used = set(taken) | {nickname_key(name.short) for name in names if name.given}
    found = []
    for name in names:
        if name.given:
            found.append(name.short)
            continue
        alone = shorts[nickname_key(name.short)] == 1 or not name.more
        nickname = next(
            one
            for place, one in enumerate(candidates(name))
            if (alone or place > 0) and nickname_key(one) not in used
        )
        used.add(nickname_key(nickname))
        found.append(nickname)
    return found


def candidates(name: RosterName) -> Iterator[str]:
    """The nicknames that a name can become, the shortest first, without end."""
    yield _bounded(name.short, "")
    initials = [f"{word[0].upper()}." for word in name.more]
    for some in dict.fromkeys((*initials[-1:], *initials[:1], " ".join(initials[:4]))):
        if some:
            yield _bounded(name.short, f" {some}")
    for number in count(2):
        yield _bounded(name.short, f" {number}")


def few_candidates(name: RosterName) -> Iterable[str]:
    """The nicknames that a child of this name is likely to have; one that was given, only that."""
    found = candidates(name)
    return [next(found) for _ in range(1 if name.given else 5)]


def _full(text: str) -> RosterName:
    return RosterName(written=text, short=text, given=True)


def _short(text: str) -> str:
    """As many of the first names as a nickname has room for."""
    words = _cased(text).split()
    while len(words) > 1 and len(" ".join(words)) > LONGEST_NICKNAME:
        words.pop()
    return _bounded(" ".join(words), "")


def _bounded(text: str, suffix: str) -> str:
    return plain_name(text[: LONGEST_NICKNAME - len(suffix)] + suffix)


def _main(family: str) -> tuple[str, ...]:
    """The words of a surname that have an initial, without particles."""
    return tuple(
        word
        for word in family.split()
        if _LETTERS.match(word) and word.casefold() not in _PARTICLES
    )


def _cased(text: str) -> str:
    """JOÃO as João: school systems often write capitals."""
    words = [
        _LETTERS.sub(lambda part: part[0].capitalize(), word)
        if word.isupper() and len(word) > 2 and _WORD.fullmatch(word)
        else word
        for word in text.split()
    ]
    return " ".join(words)
