"""Hashes of adults' passphrases, by Argon2id.

A hash takes 32 MiB and some 65 ms of one core. A process computes one at a time; a few callers wait
for their turn, and the others are told to come again, so that a flood of sign-ins occupies neither
the memory nor the threads of the API.
"""

from __future__ import annotations

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError

from neuroplay.core.errors import Refused
from neuroplay.infra.turns import LineIsFull, Turns

MEMORY_KIB = 32 * 1024
PASSES = 2

MOST_WAITING = 2
"""Strangers who wait for their turn."""

MOST_KNOWN_WAITING = 6
"""The same with those who are known, who find a place when strangers have taken theirs."""

RETRY_AFTER_S = 5.0


class ArgonPassphrases:
    """Passphrases with these parameters. A hash names its own, so that those of an earlier release
    are still recognised."""

    def __init__(self, *, memory_kib: int = MEMORY_KIB, passes: int = PASSES) -> None:
        self._argon = PasswordHasher(
            time_cost=passes, memory_cost=memory_kib, parallelism=1, type=Type.ID
        )
        self._nobodys = self._argon.hash("")  # what is checked for a name that does not exist
        self._turns = Turns()

    def hash(self, passphrase: str) -> str:
        try:
            with self._turns.take(MOST_KNOWN_WAITING):
                return self._argon.hash(passphrase)
        except LineIsFull:
            raise _busy() from None

    def verify(self, stored: str | None, passphrase: str, *, known: bool) -> bool:
        try:
            with self._turns.take(MOST_KNOWN_WAITING if known else MOST_WAITING):
                return self._argon.verify(stored or self._nobodys, passphrase) and bool(stored)
        except (VerificationError, InvalidHashError):
            return False
        except LineIsFull:
            raise _busy() from None

    def is_outdated(self, stored: str) -> bool:
        return self._argon.check_needs_rehash(stored)


def _busy() -> Refused:
    return Refused(
        "Many people are signing in just now. Try again in a moment.",
        code="too_many_attempts",
        retry_after_s=RETRY_AFTER_S,
    )
