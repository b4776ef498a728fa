"""Adults who sign in: teachers, who see their own classes, and the school, which sees all."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from hashlib import sha256


class AdultRole(StrEnum):
    TEACHER = "teacher"
    """Sees the classes that the account was given."""
    SCHOOL = "school"
    """Sees every class."""


@dataclass(frozen=True, kw_only=True, slots=True)
class AdultPrincipal:
    """The adult whom a request speaks for. `class_ids` are a teacher's own classes; it is empty for
    the school."""

    adult_id: int
    name: str
    role: AdultRole
    class_ids: frozenset[int] = frozenset()

    @property
    def who(self) -> str:
        """The word for this adult in the audit."""
        return audit_word(self.adult_id)

    def sees(self, class_id: int) -> bool:
        return self.role is AdultRole.SCHOOL or class_id in self.class_ids


@dataclass(frozen=True, kw_only=True, slots=True)
class Adult:
    """An adult's account. `passphrase` is a hash of it; None until the invitation is accepted, and
    after the account has ended. `class_ids` are in order."""

    adult_id: int
    name: str
    role: AdultRole
    created_at: datetime
    class_ids: tuple[int, ...] = ()
    passphrase: str | None = field(default=None, repr=False)
    ended_at: datetime | None = None

    @property
    def principal(self) -> AdultPrincipal:
        own = frozenset(self.class_ids) if self.role is AdultRole.TEACHER else frozenset()
        return AdultPrincipal(adult_id=self.adult_id, name=self.name, role=self.role, class_ids=own)

    @property
    def handle(self) -> bytes:
        """By which devices tell accounts apart, so that a newer passkey of the same account
        replaces an older one. It says nothing about the adult, and another installation at the same
        address has others."""
        return sha256(f"{self.adult_id} {self.created_at.timestamp():.6f}".encode()).digest()


@dataclass(frozen=True, kw_only=True, slots=True)
class AdultLink:
    """An invitation, as stored. It works once, until `expires_at`, unless a newer one replaced
    it."""

    adult: Adult
    expires_at: datetime
    used_at: datetime | None
    is_late: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class AdultSignIn:
    """An adult's sign-in in a browser, while it is valid. `token_hash` identifies it. `unused`: its
    last use was not recorded lately."""

    token_hash: bytes
    adult: Adult
    unused: bool


def audit_word(adult_id: int) -> str:
    """The adult in the audit. Without the name, so that it can be erased."""
    return f"adult:{adult_id}"
