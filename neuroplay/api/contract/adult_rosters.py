"""Models of what adults ask about rosters."""

from __future__ import annotations

import base64
import binascii
from typing import Annotated, Literal

from pydantic import Field, PlainValidator, WithJsonSchema

from neuroplay.api.contract.schemas import Answer, Pasted, Request, Time, Typed
from neuroplay.core.entities.roster import RosterDoubt, RosterOptions, RosterSource
from neuroplay.core.errors import RosterFault

LONGEST_FILE_NAME = 255


def _read_base64(value: object) -> bytes:
    if not isinstance(value, str):
        raise ValueError("it must be text in base64")
    try:
        return base64.b64decode(value, validate=True)
    except binascii.Error:
        raise ValueError("it is not base64") from None


Base64 = Annotated[
    bytes,
    PlainValidator(_read_base64),
    WithJsonSchema({"type": "string", "format": "byte"}),
]


class ImportPath(Request):
    import_id: int


class Roster(Request):
    name: Annotated[Typed, Field(max_length=LONGEST_FILE_NAME)] = Field(
        "", description="Of the file"
    )
    content: Base64 | None = Field(None, description="The file")
    text: Pasted | None = Field(None, description="Without a file: a paste from a sheet")
    order: Literal["first-last", "last-first"] | None = Field(
        None, description="Of the words of a whole name; null: as the file looks"
    )

    @property
    def source(self) -> RosterSource:
        content = self.text or "" if self.content is None else self.content
        return RosterSource(name=self.name.replace("\\", "/").split("/")[-1], content=content)

    @property
    def options(self) -> RosterOptions:
        return RosterOptions(order=self.order)


class AppliedRosterRequest(Roster):
    preview_id: Typed = Field(description="Of the preview that the adult saw")
    gone_to: Annotated[int, Field(strict=True)] | None = Field(
        None, description="The class to which those who are gone move; null: they stay"
    )


class PreviewClass(Answer):
    id: int | None
    name: str
    code: str | None


class PreviewError(Answer):
    line: int
    column: str | None
    message: str


class PreviewDoubt(Answer):
    code: RosterDoubt
    about: str = Field(description="What the message names, in words of no language")
    message: str


class PreviewFault(Answer):
    code: RosterFault
    column: str = Field(description="As a spreadsheet shows it, with its heading; '' for the line")
    about: str = Field(description="The line, class or word that it names; '' if none")


class PreviewLine(Answer):
    line: int | None = Field(description="null: of a child who is not in the roster")
    becomes: Literal["added", "kept", "changed", "gone", "bad", "skipped"]
    nickname: str | None
    avatar: str | None
    class_: str | None = Field(alias="class")
    student_id: int | None
    was: str | None = Field(description="The nickname that is replaced")
    was_class: str | None
    message: str | None
    faults: list[PreviewFault] = Field(description="What `message` says, by code")


class PreviewAnswer(Answer):
    preview_id: str
    can_apply: bool
    classes: list[PreviewClass]
    counts: dict[str, int]
    doubts: list[PreviewDoubt]
    errors: list[PreviewError]
    lines: list[PreviewLine]
    encoding: str | None = Field(description="If it was guessed")


class AppliedAnswer(Answer):
    import_id: int | None = Field(description="null: there was nothing to do")
    counts: dict[str, int]


class ImportLine(Answer):
    id: int
    at: Time
    counts: dict[str, int]
    undone_at: Time | None
    can_undo: bool


class ImportsAnswer(Answer):
    at: Time
    imports: list[ImportLine] = Field(description="Newest first")


class LeftStudent(Answer):
    student_id: int
    nickname: str
    reason: str


class UndoneAnswer(Answer):
    import_id: int
    removed: int = Field(description="Children whom the import had added")
    back: int = Field(description="Children who are called, or are, as before")
    classes: list[str] = Field(description="Removed ones")
    left: list[LeftStudent]


BODIES = (AppliedRosterRequest, Roster)
"""Requests, which their routes parse themselves."""
