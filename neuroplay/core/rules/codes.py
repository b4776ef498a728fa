"""Class and card codes in Crockford base32, as people type them."""

from __future__ import annotations

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""No I, L, O (they look like 1 and 0) and no U."""

CLASS_CODE_LENGTH = 5
CARD_CODE_LENGTH = 10

_LOOKALIKES = str.maketrans({"O": "0", "I": "1", "L": "1"})
_SEPARATORS = str.maketrans("", "", "-_. \t\r\n\u00a0\u2010\u2011\u2012\u2013\u2014")
_LONGEST_TYPED = 64


def normalise_code(typed: str, length: int) -> str | None:
    """The code in its canonical form; None if it cannot be a code of `length` characters.

    Case, spaces, hyphens and dots do not matter. O is read as 0, I and L as 1.
    """
    if len(typed) > _LONGEST_TYPED:
        return None
    code = typed.translate(_SEPARATORS).upper().translate(_LOOKALIKES)
    if len(code) != length or any(character not in ALPHABET for character in code):
        return None
    return code
