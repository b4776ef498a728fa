"""Models of the requests and responses about passkeys. Bytes are base64url without padding, as
browsers write them."""

from __future__ import annotations

import base64
import binascii
import re
from typing import Annotated

from pydantic import Field, PlainValidator, WithJsonSchema

from neuroplay.api.contract.schemas import Answer, Request, Time, Typed

MOST_BYTES = 16 * 1024
"""Of a field. An authenticator's statement, the longest, has some KiB."""

_PATTERN = "^[A-Za-z0-9_-]*$"
_WRITTEN = re.compile(_PATTERN)


def _read_bytes(value: object) -> bytes:
    if type(value) is not str or not _WRITTEN.fullmatch(value):
        raise ValueError("it must be base64url without padding")
    if len(value) > MOST_BYTES * 4 / 3:
        raise ValueError(f"it must be {MOST_BYTES} bytes at most")
    try:
        return base64.urlsafe_b64decode(value + "==")
    except binascii.Error:
        raise ValueError("it must be base64url without padding") from None


def written(value: bytes) -> str:
    """The bytes in base64url without padding."""
    return base64.urlsafe_b64encode(value).decode().rstrip("=")


Bytes = Annotated[
    bytes,
    PlainValidator(_read_bytes),
    WithJsonSchema({"type": "string", "pattern": _PATTERN, "maxLength": MOST_BYTES * 4 // 3}),
]


class PasskeyPath(Request):
    passkey_id: int


class PasskeyBegin(Request):
    passphrase: Typed = Field(description="The own one, again")


class PasskeyMade(Request):
    challenge: Typed = Field(description="That of POST /api/v1/adult/passkeys/challenge")
    name: Typed = Field(description="The adult's word for the device")
    client_data: Bytes = Field(description="clientDataJSON of the browser's answer")
    attestation: Bytes = Field(description="attestationObject of the browser's answer")


class PasskeySigned(Request):
    challenge: Typed = Field(description="That of POST /api/v1/adult/sign-in/passkey/challenge")
    credential_id: Bytes
    client_data: Bytes = Field(description="clientDataJSON of the browser's answer")
    authenticator_data: Bytes
    signature: Bytes
    handle: Bytes = Field(description="userHandle of the browser's answer")


BODIES = (PasskeyBegin, PasskeyMade, PasskeySigned)
"""Requests, which their routes parse themselves."""


class PasskeyChallenge(Answer):
    challenge: str = Field(description="To be signed as it is, in ASCII; for ten minutes, once")
    origin: str = Field(description="The address of the page at which passkeys work")
    domain: str = Field(description="To which passkeys belong, as `rpId`")


class NewPasskeyChallenge(PasskeyChallenge):
    handle: str = Field(description="`user.id`, base64url")
    name: str = Field(description="`user.name`")
    known: list[str] = Field(description="Ids of the passkeys that there are, base64url")
    algorithms: list[int] = Field(description="`alg` of `pubKeyCredParams`, the best first")


class AdultPasskey(Answer):
    id: int
    name: str
    created_at: Time
    last_used: Time | None
