"""Challenges: what a device signs with a passkey, so that an old answer is worth nothing.

A challenge carries its own seal, so nothing is stored for it until it is answered: whoever asks for
many fills nothing.
"""

from __future__ import annotations

from datetime import datetime
from hmac import compare_digest

from neuroplay.core.errors import Refused
from neuroplay.core.interfaces.services import Secrets
from neuroplay.core.interfaces.unit_of_work import UnitOfWork
from neuroplay.core.rules.adult_sign_ins import AHEAD_MINUTES
from neuroplay.core.rules.passkeys import CHALLENGE_S, LONGEST_CHALLENGE

SIGN_IN = "sign-in"


def new_challenge(secrets: Secrets, purpose: str, now: datetime) -> str:
    """A random challenge for `purpose`. ASCII, in which a dot separates token, end and seal."""
    token, ends = secrets.new_token(), int(now.timestamp()) + CHALLENGE_S
    return f"{token}.{ends}.{_seal(secrets, purpose, token, str(ends)).hex()}"


def check_challenge(secrets: Secrets, purpose: str, challenge: str, now: datetime) -> None:
    """Raises Refused(code="passkey_late") unless this server made it for `purpose`, lately."""
    token, _, rest = challenge.partition(".")
    ends, _, seal = rest.partition(".")
    fits = len(challenge) <= LONGEST_CHALLENGE and challenge.isascii()
    known = fits and any(
        compare_digest(_seal(one, purpose, token, ends).hex(), seal) for one in secrets.accepted
    )
    # One that ends later than any made now was made while the clock was ahead.
    if not known or not 0 < int(ends) - now.timestamp() <= CHALLENGE_S + AHEAD_MINUTES * 60:
        raise _late()


def use_up(uow: UnitOfWork, challenge: str) -> None:
    """Of a challenge that was checked. Raises Refused(code="passkey_late") if it was answered
    before."""
    if not uow.passkeys.use_up(bytes.fromhex(challenge.rpartition(".")[2])):
        raise _late()


def _seal(secrets: Secrets, purpose: str, token: str, ends: str) -> bytes:
    return secrets.adult_hash("challenge", f"{purpose} {token} {ends}")


def _late() -> Refused:
    return Refused("This took too long, or was sent twice. Try again.", code="passkey_late")
