"""Normalise and check nicknames and class names."""

from __future__ import annotations

import unicodedata

from neuroplay.core.errors import RosterFault

LONGEST_NICKNAME = 24

NICKNAME_FAULTS = {
    RosterFault.NICKNAME_EMPTY: "the nickname is empty",
    RosterFault.NICKNAME_LONG: f"the nickname is longer than {LONGEST_NICKNAME} characters",
    RosterFault.NICKNAME_UNSEEN: "the nickname contains a character that cannot be displayed",
    RosterFault.NICKNAME_MAIL: "the nickname looks like an e-mail address; use a nickname",
}

_JOINERS = "\u200c\u200d"
"""ZWNJ and ZWJ: the spelling of Persian, Sinhala and others needs them, and so do emoji."""

_FLAG, _TAGS = "\U0001f3f4", range(0xE0020, 0xE0080)
_BLANK = "\u115f\u1160\u2800\u3164\uffa0"
"""Letters and symbols, by their category, that are invisible."""


def plain_name(text: str) -> str:
    """The text in NFC, with single spaces, without invisible characters that have no effect."""
    if text.isascii() and text.isprintable():
        return " ".join(text.split())
    composed = unicodedata.normalize("NFC", text)
    kept: list[str] = []
    for character in composed:
        if unicodedata.category(character) == "Cf":
            if not _has_effect(character, kept[-1] if kept else ""):
                continue
        elif character in _BLANK:
            continue
        kept.append(character)
    return " ".join("".join(kept).split()).strip(_JOINERS)


def nickname_key(nickname: str) -> str:
    """A key that is equal for nicknames that look the same."""
    if nickname.isascii():
        return nickname.lower()
    shown = (one for one in nickname if unicodedata.category(one) != "Cf")
    return unicodedata.normalize("NFKC", "".join(shown)).casefold()


def searched(text: str) -> str:
    """The text without what a search ignores: case, accents, spaces around and between words, and
    invisible characters."""
    apart = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold())
    return "".join(one for one in apart if unicodedata.category(one)[0] not in "CMZ")


def nickname_fault(nickname: str) -> RosterFault | None:
    """What is wrong with a nickname from `plain_name`; None if it is valid."""
    shown = [one for one in nickname if unicodedata.category(one)[0] not in "CMZ"]
    if not nickname or (not shown and all(map(can_be_shown, nickname))):
        return RosterFault.NICKNAME_EMPTY
    if len(nickname) > LONGEST_NICKNAME:
        return RosterFault.NICKNAME_LONG
    if not all(map(can_be_shown, nickname)):
        return RosterFault.NICKNAME_UNSEEN
    if "@" in nickname:
        return RosterFault.NICKNAME_MAIL
    return None


def can_be_shown(character: str) -> bool:
    """Whether a character of a plain name is visible, or changes one that is."""
    return character.isprintable() or character in _JOINERS or ord(character) in _TAGS


def _has_effect(character: str, before: str) -> bool:
    """Whether a format character follows one that it can change."""
    if ord(character) in _TAGS:
        return before == _FLAG or (before != "" and ord(before) in _TAGS)
    if character not in _JOINERS or not before:
        return False
    # Letters of joining scripts, their marks, emoji and their variation selectors.
    return ord(before) >= 0x0590 and unicodedata.category(before)[0] in "LMS"
