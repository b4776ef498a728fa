"""A device that makes a passkey and signs with it, as a browser sends it: real keys, and no
hardware."""

from __future__ import annotations

import json
import struct
from base64 import urlsafe_b64encode
from dataclasses import dataclass, field
from hashlib import sha256
from secrets import token_bytes
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from webauthn.helpers import encode_cbor

from neuroplay.core.entities.passkey import MadePasskey, SignedChallenge

PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40


def _es256() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


@dataclass(kw_only=True)
class Device:
    """Holds one passkey of `domain`, and signs for the page at `origin`. It counts if `count` is
    not 0. `flags` says whether somebody was there, and proved who it is."""

    origin: str
    domain: str
    handle: bytes = b""
    count: int = 0
    flags: int = PRESENT | VERIFIED
    credential_id: bytes = field(default_factory=lambda: token_bytes(32))
    private: Any = field(default_factory=_es256)

    def make(self, challenge: str) -> MadePasskey:
        data = self._data(self.flags | ATTESTED)
        data += bytes(16) + struct.pack(">H", len(self.credential_id)) + self.credential_id
        data += self.public_key
        return MadePasskey(
            client_data=self.client_data("webauthn.create", challenge),
            attestation=encode_cbor({"fmt": "none", "attStmt": {}, "authData": data}),
        )

    def sign(self, challenge: str) -> SignedChallenge:
        if self.count:
            self.count += 1
        data = self._data(self.flags)
        client_data = self.client_data("webauthn.get", challenge)
        return SignedChallenge(
            credential_id=self.credential_id,
            client_data=client_data,
            authenticator_data=data,
            signature=self._signature(data + sha256(client_data).digest()),
            handle=self.handle,
        )

    @property
    def public_key(self) -> bytes:
        numbers = self.private.public_key().public_numbers()
        if isinstance(self.private, rsa.RSAPrivateKey):
            n = numbers.n.to_bytes((numbers.n.bit_length() + 7) // 8, "big")
            return encode_cbor({1: 3, 3: -257, -1: n, -2: numbers.e.to_bytes(3, "big")})
        x, y = (part.to_bytes(32, "big") for part in (numbers.x, numbers.y))
        return encode_cbor({1: 2, 3: -7, -1: 1, -2: x, -3: y})

    def _signature(self, signed: bytes) -> bytes:
        if isinstance(self.private, rsa.RSAPrivateKey):
            made: bytes = self.private.sign(signed, padding.PKCS1v15(), SHA256())
        else:
            made = self.private.sign(signed, ec.ECDSA(SHA256()))
        return made

    def _data(self, flags: int) -> bytes:
        return sha256(self.domain.encode()).digest() + struct.pack(">BI", flags, self.count)

    def client_data(self, kind: str, challenge: str) -> bytes:
        written = urlsafe_b64encode(challenge.encode()).decode().rstrip("=")
        said = {"type": kind, "challenge": written, "origin": self.origin, "crossOrigin": False}
        return json.dumps(said).encode()
