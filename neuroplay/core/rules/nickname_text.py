"""A nickname, or a class's name, as people write it -> as it is kept; what is wrong with it."""

from __future__ import annotations

import unicodedata

LONGEST_NICKNAME = 24

_JOINERS = "\u200c\u200d"
"""ZWNJ and ZWJ: Persian, Sinhala and others spell with them, and emoji are joined by them."""

_FLAG, _TAGS = "\U0001f3f4", range(0xE0020, 0xE0080)
_BLANK = "\u115f\u1160\u2800\u3164\uffa0"
"""They count as letters or symbols, and show nothing."""


def plain_name(text: str) -> str:
    """Composed letters (NFC), single spaces, and no character that shows nothing where it has no
    meaning."""
    composed = unicodedata.normalize("NFC", text)
    kept: list[str] = []
    for character in composed:
        if unicodedata.category(character) == "Cf":
            if not _means_something(character, kept[-1] if kept else ""):
                continue
        elif character in _BLANK:
            continue
        kept.append(character)
    return " ".join("".join(kept).split()).strip(_JOINERS)


def nickname_key(nickname: str) -> str:
    """The same for nicknames that look the same."""
    shown = (one for one in nickname if unicodedata.category(one) != "Cf")
    return unicodedata.normalize("NFKC", "".join(shown)).casefold()


def nickname_fault(nickname: str) -> str | None:
    """What is wrong with a plain nickname, in words; None when nothing is."""
    shown = [one for one in nickname if unicodedata.category(one)[0] not in "CMZ"]
    if not nickname or (not shown and all(map(can_be_shown, nickname))):
        return "the nickname is empty"
    if len(nickname) > LONGEST_NICKNAME:
        return f"the nickname is longer than {LONGEST_NICKNAME} characters"
    if not all(map(can_be_shown, nickname)):
        return "the nickname contains a character that cannot be displayed"
    if "@" in nickname:
        return "the nickname looks like an e-mail address; use a nickname"
    return None


def can_be_shown(character: str) -> bool:
    """Whether a character of a plain name is one that people see, or that changes one."""
    return character.isprintable() or character in _JOINERS or ord(character) in _TAGS


def _means_something(character: str, before: str) -> bool:
    """Whether a format character follows what it can change."""
    if ord(character) in _TAGS:
        return before == _FLAG or (before != "" and ord(before) in _TAGS)
    if character not in _JOINERS or not before:
        return False
    # Letters of scripts that join, their marks, emoji and their variation selectors.
    return ord(before) >= 0x0590 and unicodedata.category(before)[0] in "LMS"
