"""What may be a passphrase. Length is what makes one hard to guess, so there is no rule about kinds
of characters; only what everybody tries first is refused."""

from __future__ import annotations

import unicodedata
from itertools import pairwise

from neuroplay.core.errors import Refused
from neuroplay.core.rules import class_words

SHORTEST, LONGEST = 10, 256
"""Characters of a passphrase."""

COMMON = [
    "abcdefghij",
    "abcd123456",
    "abc1234567",
    "administrator",
    "bemvindo123",
    "bienvenido",
    "changeme123",
    "computador",
    "contrasena123",
    "dragon12345",
    "escola1234",
    "escuela123",
    "football12",
    "iloveyou12",
    "iloveyou123",
    "letmein123",
    "minhasenha",
    "minhasenha123",
    "micontrasena",
    "neuroplay1",
    "neuroplay123",
    "passphrase",
    "passw0rd12",
    "password12",
    "password123",
    "password1234",
    "passwordpassword",
    "princess12",
    "profesora1",
    "profesora123",
    "professor1",
    "professor123",
    "professora",
    "professora1",
    "professora123",
    "qwerty1234",
    "qwerty12345",
    "qwerty123456",
    "qwertyuiop",
    "qwertyuiop123",
    "asdfghjkl1",
    "asdfghjklñ",
    "1q2w3e4r5t",
    "1qaz2wsx3edc",
    "zaq12wsxcde",
    "school1234",
    "secret1234",
    "segredo123",
    "senha12345",
    "senha123456",
    "senhasenha",
    "sunshine12",
    "superman12",
    "teacher123",
    "teacher1234",
    "teachers123",
    "tequiero123",
    "teamomucho",
    "welcome123",
    "welcome1234",
    "zxcvbnm123",
]
"""The passphrases of this length that are tried first, in the three languages."""

_KEYS = frozenset(class_words.look(one) for one in COMMON)
_FEWEST_DIFFERENT = 4


def plain_passphrase(typed: str) -> str:
    """The passphrase in the one spelling that is hashed: keyboards write é in two ways, and spaces
    in several."""
    spaced = "".join(" " if unicodedata.category(one) == "Zs" else one for one in typed)
    return unicodedata.normalize("NFC", spaced)


def checked_passphrase(typed: str, *, name: str) -> str:
    """The passphrase in its plain spelling. Raises Refused(code="weak_passphrase")."""
    passphrase = plain_passphrase(typed)
    if len(passphrase) < SHORTEST:
        raise _refused(f"A passphrase has at least {SHORTEST} characters. Several words are best.")
    if len(passphrase) > LONGEST:
        raise _refused(f"A passphrase has at most {LONGEST} characters.")
    if any(unicodedata.category(one) in ("Cc", "Cs") for one in passphrase):
        raise _refused("The passphrase contains a character that no keyboard writes.")
    key = class_words.look(passphrase)
    own = class_words.look(name)
    if own and own in key and key.replace(own, "").strip("0123456789") == "":
        raise _refused("The passphrase is the name itself. Add words that others do not know.")
    if key in _KEYS or len(set(key)) < _FEWEST_DIFFERENT or _is_a_row(key):
        raise _refused("This passphrase is one of those that are tried first. Choose other words.")
    return passphrase


def _is_a_row(key: str) -> bool:
    """Whether it only counts up or down, as 1234567890."""
    steps = {(ord(after) - ord(before)) % 10 for before, after in pairwise(key)}
    return len(steps) == 1 and key.isdecimal()


def _refused(message: str) -> Refused:
    return Refused(message, code="weak_passphrase")
