"""How many passkeys an adult has, how they are called, and how long a challenge lasts."""

from __future__ import annotations

from neuroplay.core.errors import Refused
from neuroplay.core.rules.nickname_text import can_be_shown, plain_name

MOST_PASSKEYS = 10
"""Passkeys of an adult."""

LONGEST_PASSKEY_NAME = 40

CHALLENGE_S = 600
"""A challenge can be answered for so long. The sign-in page holds one while it is open."""

USED_CHALLENGE_HOURS = 24
"""Challenges that were answered are kept for so long; CHALLENGE_S and clocks that differ are
less."""

LONGEST_CHALLENGE = 200
LONGEST_CREDENTIAL_ID = 1023
"""Bytes; by the standard."""

LONGEST_PUBLIC_KEY = 1100
"""Bytes. RSA with 8192 bits fits; a larger key would make each sign-in expensive."""


def checked_passkey_name(name: str) -> str:
    """The name as it is stored. Raises Refused(code="bad_passkey_name")."""
    name = plain_name(name)
    if not name or len(name) > LONGEST_PASSKEY_NAME or not all(map(can_be_shown, name)):
        raise Refused(
            f"A passkey needs a name of 1 to {LONGEST_PASSKEY_NAME} characters that can be shown.",
            code="bad_passkey_name",
        )
    return name
