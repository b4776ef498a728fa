"""Find the adult whom a request speaks for, and end a sign-in."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass

from neuroplay.core.entities.adult import Adult, AdultPrincipal
from neuroplay.core.errors import Refused, TransientError
from neuroplay.core.interfaces.services import Clock, Secrets
from neuroplay.core.interfaces.unit_of_work import UnitOfWork, UnitOfWorkFactory

LONGEST_ADULT_TOKEN = 200


@dataclass(frozen=True, kw_only=True, slots=True)
class AdultSession:
    """A valid sign-in. `csrf` is what its page sends with each change, in hexadecimal digits."""

    principal: AdultPrincipal
    token_hash: bytes
    csrf: str


class AuthenticateAdult:
    """Finds the sign-in of a cookie. Nothing is cached, so that an end is in force at once."""

    def __init__(self, *, uow: UnitOfWorkFactory, secrets: Secrets) -> None:
        self._uow = uow
        self._secrets = secrets

    def execute(self, token: str) -> AdultSession:
        """Raises Refused with `unauthorized`."""
        if not token or len(token) > LONGEST_ADULT_TOKEN or not token.isascii():
            raise signed_out()
        by_hash = {one.adult_hash("sign-in", token): one for one in self._secrets.accepted}
        with self._uow(in_steps=True) as uow:
            found = uow.adults.sign_in(list(by_hash))
        if found is None:
            raise signed_out()
        if found.unused:
            self._note_use(found.token_hash)
        return AdultSession(
            principal=found.adult.principal,
            token_hash=found.token_hash,
            csrf=by_hash[found.token_hash].adult_hash("csrf", token).hex(),
        )

    def _note_use(self, token_hash: bytes) -> None:
        """If it fails, the next request tries again."""
        with suppress(TransientError), self._uow() as uow:
            uow.adults.note_use(token_hash)
            uow.commit()


def new_session(uow: UnitOfWork, adult: Adult, secrets: Secrets) -> tuple[str, AdultSession]:
    """Add a sign-in to the unit of work. Returns its token, and the sign-in."""
    token = secrets.new_token()
    token_hash = secrets.adult_hash("sign-in", token)
    uow.adults.add_sign_in(adult.adult_id, token_hash)
    return token, AdultSession(
        principal=adult.principal,
        token_hash=token_hash,
        csrf=secrets.adult_hash("csrf", token).hex(),
    )


class SignOutAdult:
    """Ends one sign-in. It is in force at once."""

    def __init__(self, *, uow: UnitOfWorkFactory, clock: Clock) -> None:
        self._uow = uow
        self._clock = clock

    def execute(self, session: AdultSession) -> None:
        adult = session.principal
        with self._uow() as uow:
            uow.adults.end_sign_in(session.token_hash)
            uow.audit.add(
                who=adult.who,
                what="adult signed out",
                target=f"adult {adult.adult_id}",
                details={},
                now=self._clock(),
            )
            uow.commit()


def signed_out() -> Refused:
    return Refused("Sign in first, or again: this sign-in has ended.", code="unauthorized")
