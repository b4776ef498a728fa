"""Models of the requests and responses of adults' sign-ins."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, Field


class SignedInAdult(BaseModel):
    id: int
    name: str
    role: Literal["teacher", "school"]


class AdultsClass(BaseModel):
    id: int
    name: str
    code: str
    students: int = Field(description="How many children are in it")


class AdultSelf(BaseModel):
    adult: SignedInAdult
    csrf: str = Field(description="Belongs in the header X-CSRF-Token of each change")
    classes: list[AdultsClass] = Field(description="Those that the adult sees")
