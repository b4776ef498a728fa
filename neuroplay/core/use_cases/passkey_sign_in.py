"""Sign in with a passkey, without a name or a passphrase.

Checking an answer costs little, and none can be guessed. So nobody has to wait before it is
checked, and strangers cannot lock anybody out; wrong ones are counted to be reported.
"""

from __future__ import annotations

from dataclasses import dataclass

from neuroplay.core.entities.adult import Adult
from neuroplay.core.entities.passkey import Passkey, SignedChallenge
from neuroplay.core.errors import Refused
from neuroplay.core.interfaces.services import Clock, Passkeys, RateLimiter, Secrets
from neuroplay.core.interfaces.unit_of_work import UnitOfWorkFactory
from neuroplay.core.use_cases.adult_sign_in import AdultSignedIn, note_failure, sign_in
from neuroplay.core.use_cases.passkey_challenges import (
    SIGN_IN,
    check_challenge,
    new_challenge,
    use_up,
)


@dataclass(frozen=True, kw_only=True, slots=True)
class PasskeyQuestion:
    """What a browser asks its devices: to sign `challenge` for the page at `origin`, with any
    passkey of `domain`."""

    challenge: str
    origin: str
    domain: str


class AskForPasskey:
    """Makes a challenge for a sign-in."""

    def __init__(self, *, clock: Clock, secrets: Secrets, passkeys: Passkeys) -> None:
        self._clock = clock
        self._secrets = secrets
        self._passkeys = passkeys

    def execute(self) -> PasskeyQuestion:
        """Raises Refused(code="passkeys_off")."""
        check_offered(self._passkeys)
        return PasskeyQuestion(
            challenge=new_challenge(self._secrets, SIGN_IN, self._clock()),
            origin=self._passkeys.origin,
            domain=self._passkeys.domain,
        )


class SignInWithPasskey:
    """Exchanges a signed challenge for a sign-in."""

    def __init__(
        self,
        *,
        uow: UnitOfWorkFactory,
        clock: Clock,
        secrets: Secrets,
        passkeys: Passkeys,
        rate_limiter: RateLimiter,
    ) -> None:
        self._uow = uow
        self._clock = clock
        self._secrets = secrets
        self._passkeys = passkeys
        self._limiter = rate_limiter

    def execute(self, challenge: str, signed: SignedChallenge) -> AdultSignedIn:
        """Raises Refused with `passkeys_off`, `passkey_late`, `wrong_passkey`, or with
        `too_many_attempts` and `retry_after_s`."""
        check_offered(self._passkeys)
        check_challenge(self._secrets, SIGN_IN, challenge, self._clock())
        passkey, adult = self._find(signed.credential_id)
        try:
            count = self._passkeys.signed(passkey.key if passkey else None, signed, challenge)
        except Refused:
            raise self._failed(adult, signed) from None
        if passkey is None or adult is None or signed.handle != adult.handle:
            raise self._failed(adult, signed)
        with self._uow() as uow:
            uow.adults.lock(adult.adult_id, shared=True)
            use_up(uow, challenge)
            fits = uow.passkeys.note_use(passkey.passkey_id, count)
            if fits:
                made = sign_in(
                    uow,
                    adult,
                    self._secrets,
                    self._clock,
                    "adult signed in with a passkey",
                    passkey=passkey.passkey_id,
                )
                uow.commit()
        if not fits:  # removed in between, or a copy of the key has signed
            raise self._failed(adult, signed)
        self._limiter.succeeded(self._key(signed))
        return made

    def _find(self, credential_id: bytes) -> tuple[Passkey | None, Adult | None]:
        with self._uow(in_steps=True) as uow:
            passkey = uow.passkeys.with_credential(credential_id)
            return passkey, uow.adults.get(passkey.adult_id) if passkey else None

    def _failed(self, adult: Adult | None, signed: SignedChallenge) -> Refused:
        wait_s = self._limiter.failed(self._key(signed))
        note_failure(self._uow, self._clock, adult, "wrong passkey")
        if not wait_s:
            return Refused(
                "This passkey does not sign in here. It may have been removed.",
                code="wrong_passkey",
            )
        return Refused(
            "Too many wrong passkeys. Wait a moment.",
            code="too_many_attempts",
            retry_after_s=wait_s,
        )

    def _key(self, signed: SignedChallenge) -> str:
        return "passkey:" + self._secrets.adult_hash("attempt", signed.credential_id.hex()).hex()


def check_offered(passkeys: Passkeys) -> None:
    """Raises Refused(code="passkeys_off")."""
    if not passkeys.origin:
        raise Refused(
            "Passkeys need HTTPS and an address with a name. Whoever runs the server sets "
            "NEUROPLAY_PUBLIC_URL.",
            code="passkeys_off",
        )
