"""Passkeys: keys of adults' devices, by which they sign in without a passphrase.

The private key never leaves the device or the password manager that made it. The server has the
public one, and checks what was signed.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class PublicKey:
    """A device's new key, after it was checked. `public_key` is in COSE form. `sign_count` is how
    often the device says it has signed with the key, 0 if it does not count."""

    credential_id: bytes
    public_key: bytes = field(repr=False)
    sign_count: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Passkey:
    """A passkey as stored. `name` is the adult's own word for it. `last_used` is None until a first
    sign-in."""

    passkey_id: int
    adult_id: int
    name: str
    key: PublicKey
    created_at: datetime
    last_used: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class MadePasskey:
    """What a browser sends of a new passkey, not yet checked: the data that it signed or showed,
    and the authenticator's statement."""

    client_data: bytes
    attestation: bytes


@dataclass(frozen=True, kw_only=True, slots=True)
class SignedChallenge:
    """What a browser sends to sign in, not yet checked. `handle` says whose account the device
    means."""

    credential_id: bytes
    client_data: bytes
    authenticator_data: bytes
    signature: bytes
    handle: bytes
