"""Whom a request speaks for: a class of principal for each role, and the cards and tokens that
lead to it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import ClassVar, NamedTuple, TypeVar
from uuid import UUID


@dataclass(frozen=True, kw_only=True, slots=True)
class Principal:
    """Whom a request speaks for, according to its token.

    Each role is a subclass. What a role may do is what takes its class: a route asks for it
    (`api.request.caller.signed_in`), and a use case has it in its signature.
    """

    kind: ClassVar[str]
    """The word for this role, as in the answer to a sign-in."""

    card_word: ClassVar[str]
    """Keeps the codes of this role's cards apart from whatever else is derived from the server's
    secret (`Secrets`)."""

    token_id: UUID
    device_id: UUID


Role = type[Principal]
SomePrincipal = TypeVar("SomePrincipal", bound=Principal)


@dataclass(frozen=True, kw_only=True, slots=True)
class StudentPrincipal(Principal):
    """A student on a device."""

    kind: ClassVar[str] = "student"
    card_word: ClassVar[str] = "card"

    student_id: int
    class_id: int
    merged_id: int | None = None
    """The number that the device knows, if that student was merged into this one."""

    @property
    def known_as(self) -> int:
        """The number by which the device knows the student."""
        return self.student_id if self.merged_id is None else self.merged_id


class CardHolder(NamedTuple):
    """Whom a card is for: the part that a sign-in needs. `holder_id` is that of the role."""

    role: Role
    holder_id: int
    nickname: str
    avatar: str
    card_version: int
    may_sign_in: bool = True
    """False in an archived class."""


@dataclass(frozen=True, kw_only=True, slots=True)
class NewToken:
    """A token for the holder of a card, as it is stored. It was made at `now`, with the secret of
    the mark `secret_mark`."""

    token_id: UUID
    token_hash: bytes
    holder: CardHolder
    device_id: UUID
    secret_mark: str
    now: datetime


class TokenStatus(StrEnum):
    ACTIVE = "active"
    REVOKED = "revoked"
    """Also a token that was not used for IDLE_DAYS."""
    ERASED = "erased"


@dataclass(frozen=True, kw_only=True, slots=True)
class TokenRecord:
    """A stored token. `unused`: it has not been used today.

    `principal` is None if the student was erased. `student_id` remains; it is None only if an
    earlier release erased the student.
    """

    status: TokenStatus
    student_id: int | None
    principal: Principal | None
    unused: bool = False
