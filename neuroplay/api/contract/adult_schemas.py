"""Models of the requests and responses of adults' sign-ins."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, Field

from neuroplay.api.contract.adult_passkeys import AdultPasskey
from neuroplay.api.contract.schemas import Time, Typed


class LinkRequest(BaseModel):
    token: Typed = Field(description="What comes after #join= in the link")


class JoinRequest(LinkRequest):
    passphrase: Typed


class AdultSignInRequest(BaseModel):
    name: Typed = Field(description="Case, accents, spaces and signs do not matter")
    passphrase: Typed


class PassphraseRequest(BaseModel):
    old: Typed
    new: Typed


ADULT_REQUESTS = (LinkRequest, JoinRequest, AdultSignInRequest, PassphraseRequest)


class InvitedClass(BaseModel):
    id: int
    name: str


class Invitation(BaseModel):
    name: str
    role: Literal["teacher", "school"]
    classes: list[InvitedClass]
    expires_at: Time
    returning: bool = Field(description="The adult has a passphrase, which the link replaces")


class SignedInAdult(BaseModel):
    id: int
    name: str
    role: Literal["teacher", "school"]


class AdultsClass(BaseModel):
    id: int
    name: str
    code: str
    students: int = Field(description="How many children are in it")
    archived: bool


class AdultSelf(BaseModel):
    adult: SignedInAdult
    csrf: str = Field(description="Belongs in the header X-CSRF-Token of each change")
    classes: list[AdultsClass] = Field(description="Those that the adult sees")
    passkeys: list[AdultPasskey] = Field(description="The adult's own, oldest first")
    passkeys_at: str = Field(description="The address at which passkeys work; empty if at none")
