"""Passkeys, checked by py_webauthn.

The library is imported at the first use: most processes never need it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from neuroplay.core.entities.passkey import MadePasskey, PublicKey, SignedChallenge
from neuroplay.core.errors import Refused
from neuroplay.core.rules.passkeys import LONGEST_CREDENTIAL_ID, LONGEST_PUBLIC_KEY

if TYPE_CHECKING:
    from webauthn.helpers.cose import COSEAlgorithmIdentifier

ALGORITHMS = (-7, -257)
"""ES256 and RS256: every device has one of them."""


class WebAuthnPasskeys:
    """Passkeys of the page at `origin`; of none if it is ''."""

    def __init__(self, origin: str) -> None:
        self.origin = origin
        self.domain = urlsplit(origin).hostname or ""

    @property
    def algorithms(self) -> Sequence[int]:
        return ALGORITHMS

    def made(self, made: MadePasskey, challenge: str) -> PublicKey:
        from webauthn import verify_registration_response
        from webauthn.helpers import structs

        with _refusing("bad_passkey", "Your device made a passkey that cannot be used here."):
            found = verify_registration_response(
                credential=structs.RegistrationCredential(
                    id="",  # that of the statement counts
                    raw_id=b"",
                    response=structs.AuthenticatorAttestationResponse(
                        client_data_json=made.client_data, attestation_object=made.attestation
                    ),
                ),
                expected_challenge=challenge.encode(),
                expected_rp_id=self.domain,
                expected_origin=self.origin,
                require_user_verification=True,
                supported_pub_key_algs=_algorithms(),
            )
            key = PublicKey(
                credential_id=found.credential_id,
                public_key=found.credential_public_key,
                sign_count=found.sign_count,
            )
            if not 0 < len(key.credential_id) <= LONGEST_CREDENTIAL_ID:
                raise ValueError("the id is too long")
            if len(key.public_key) > LONGEST_PUBLIC_KEY:
                raise ValueError("the key is too long")
            _check_key(key.public_key)
            return key

    def signed(self, key: PublicKey | None, signed: SignedChallenge, challenge: str) -> int:
        from webauthn import verify_authentication_response
        from webauthn.helpers import bytes_to_base64url, structs

        with _refusing("wrong_passkey", "This passkey does not sign in here."):
            found = verify_authentication_response(
                credential=structs.AuthenticationCredential(
                    id=bytes_to_base64url(signed.credential_id),
                    raw_id=signed.credential_id,
                    response=structs.AuthenticatorAssertionResponse(
                        client_data_json=signed.client_data,
                        authenticator_data=signed.authenticator_data,
                        signature=signed.signature,
                    ),
                ),
                expected_challenge=challenge.encode(),
                expected_rp_id=self.domain,
                expected_origin=self.origin,
                credential_public_key=key.public_key if key else _nobodys(),
                credential_current_sign_count=key.sign_count if key else 0,
                require_user_verification=True,
            )
            if key is None or found.credential_id != key.credential_id:
                raise ValueError("it is another's")
            return found.new_sign_count


@contextmanager
def _refusing(code: str, message: str) -> Iterator[None]:
    try:
        yield
    # What is malformed raises errors of many kinds, of the library and of those that it uses.
    except Exception as error:
        raise Refused(message, code=code) from error


def _check_key(public_key: bytes) -> None:
    """Raises an error if nothing can be checked with it."""
    from webauthn.helpers import decode_credential_public_key, decoded_public_key_to_cryptography

    decoded_public_key_to_cryptography(decode_credential_public_key(public_key))


@cache
def _algorithms() -> list[COSEAlgorithmIdentifier]:
    from webauthn.helpers.cose import COSEAlgorithmIdentifier

    return [COSEAlgorithmIdentifier(one) for one in ALGORITHMS]


@cache
def _nobodys() -> bytes:
    """A key of which nobody has the private part."""
    from cryptography.hazmat.primitives.asymmetric import ec
    from webauthn.helpers import encode_cbor

    public = ec.generate_private_key(ec.SECP256R1()).public_key().public_numbers()
    x, y = (part.to_bytes(32, "big") for part in (public.x, public.y))
    return encode_cbor({1: 2, 3: -7, -1: 1, -2: x, -3: y})
