"""Adults' passkeys in the store, and the challenges that were answered. Times are the store's
own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from neuroplay.core.entities.passkey import Passkey, PublicKey


class PasskeyReading(Protocol):
    def of(self, adult_id: int) -> Sequence[Passkey]:
        """In the order in which they were added."""

    def with_credential(self, credential_id: bytes) -> Passkey | None: ...


class PasskeyRepository(PasskeyReading, Protocol):
    def add(self, adult_id: int, name: str, key: PublicKey) -> Passkey | None:
        """Add a passkey to a locked account. None, without any change, if the account has ended or
        has MOST_PASSKEYS, or if the credential is stored already, whoever's it is."""

    def note_use(self, passkey_id: int, sign_count: int) -> bool:
        """Record a use. False, without any change, if the passkey is gone, or if `sign_count` is
        not above the stored one; devices that do not count always send 0."""

    def remove(self, adult_id: int, passkey_id: int) -> Passkey | None:
        """Remove one of the adult's. None if the adult has no such passkey."""

    def remove_all(self, adult_id: int) -> Sequence[Passkey]:
        """Remove the adult's passkeys, and return them."""

    def use_up(self, challenge: bytes) -> bool:
        """Record that a challenge was answered. False if it was before."""

    def forget_challenges(self) -> int:
        """Delete answered challenges that have expired long ago. Returns their number."""
