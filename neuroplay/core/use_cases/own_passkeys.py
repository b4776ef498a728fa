"""Add, list and remove passkeys: an adult's own, and those of another as an operator."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from neuroplay.core.entities.adult import Adult, AdultPrincipal
from neuroplay.core.entities.passkey import MadePasskey, Passkey
from neuroplay.core.errors import NotFound, Refused
from neuroplay.core.interfaces.services import Clock, Passkeys, Secrets
from neuroplay.core.interfaces.unit_of_work import ReadingFactory, UnitOfWork, UnitOfWorkFactory
from neuroplay.core.rules.class_words import LARGEST_ID
from neuroplay.core.rules.passkeys import MOST_PASSKEYS, checked_passkey_name
from neuroplay.core.use_cases.adult_session import AdultSession, signed_out
from neuroplay.core.use_cases.adult_sign_in import ConfirmPassphrase
from neuroplay.core.use_cases.adults import hold_adult
from neuroplay.core.use_cases.passkey_challenges import check_challenge, new_challenge, use_up
from neuroplay.core.use_cases.passkey_sign_in import PasskeyQuestion, check_offered


@dataclass(frozen=True, kw_only=True, slots=True)
class PasskeyRequest:
    """What a browser asks a device: to make a passkey for this adult by one of these algorithms,
    unless it holds one of `known`, the ids of those that there are."""

    question: PasskeyQuestion
    adult: Adult
    known: tuple[bytes, ...]
    algorithms: tuple[int, ...]


class ListOwnPasskeys:
    def __init__(self, *, uow: ReadingFactory) -> None:
        self._uow = uow

    def execute(self, adult: AdultPrincipal) -> Sequence[Passkey]:
        """In the order in which they were added."""
        with self._uow(in_steps=True) as uow:
            return uow.passkeys.of(adult.adult_id)


class BeginPasskey:
    """Makes the challenge for a new passkey. It asks for the passphrase again: a passkey outlasts
    the sign-in of a browser that somebody left open."""

    def __init__(
        self,
        *,
        uow: ReadingFactory,
        clock: Clock,
        secrets: Secrets,
        passkeys: Passkeys,
        confirm_passphrase: ConfirmPassphrase,
    ) -> None:
        self._uow = uow
        self._clock = clock
        self._secrets = secrets
        self._passkeys = passkeys
        self._confirm = confirm_passphrase

    def execute(self, session: AdultSession, passphrase: str) -> PasskeyRequest:
        """Raises Refused with `passkeys_off`, `too_many_passkeys`, and as ConfirmPassphrase."""
        check_offered(self._passkeys)
        with self._uow(in_steps=True) as uow:
            known = uow.passkeys.of(session.principal.adult_id)
        if len(known) >= MOST_PASSKEYS:
            raise Refused(
                f"There are {MOST_PASSKEYS} passkeys already. Remove one first.",
                code="too_many_passkeys",
            )
        adult = self._confirm.execute(session, passphrase)
        return PasskeyRequest(
            question=PasskeyQuestion(
                challenge=new_challenge(self._secrets, _purpose(session), self._clock()),
                origin=self._passkeys.origin,
                domain=self._passkeys.domain,
            ),
            adult=adult,
            known=tuple(one.key.credential_id for one in known),
            algorithms=tuple(self._passkeys.algorithms),
        )


class AddPasskey:
    """Stores a passkey that was made for the challenge of BeginPasskey, in the same sign-in."""

    def __init__(
        self, *, uow: UnitOfWorkFactory, clock: Clock, secrets: Secrets, passkeys: Passkeys
    ) -> None:
        self._uow = uow
        self._clock = clock
        self._secrets = secrets
        self._passkeys = passkeys

    def execute(
        self, session: AdultSession, challenge: str, name: str, made: MadePasskey
    ) -> Passkey:
        """Raises Refused with `bad_passkey_name`, `passkeys_off`, `passkey_late`, `bad_passkey`,
        `passkey_not_added` or `unauthorized`."""
        name = checked_passkey_name(name)
        check_offered(self._passkeys)
        check_challenge(self._secrets, _purpose(session), challenge, self._clock())
        key = self._passkeys.made(made, challenge)
        adult = session.principal
        with self._uow() as uow:
            # Whoever ends the sign-ins also removes the passkeys: before this, or after it.
            uow.adults.lock(adult.adult_id)
            if uow.adults.sign_in([session.token_hash]) is None:
                raise signed_out()
            use_up(uow, challenge)
            added = uow.passkeys.add(adult.adult_id, name, key)
            if added is None:
                raise Refused(
                    f"This passkey is there already, or there are {MOST_PASSKEYS}.",
                    code="passkey_not_added",
                )
            _record(uow, self._clock, adult.who, "passkey added", added)
            uow.commit()
        return added


class RemovePasskey:
    """Removes one of the own passkeys."""

    def __init__(self, *, uow: UnitOfWorkFactory, clock: Clock) -> None:
        self._uow = uow
        self._clock = clock

    def execute(self, adult: AdultPrincipal, passkey_id: int) -> None:
        """Raises NotFound."""
        with self._uow() as uow:
            gone = _remove(uow, adult.adult_id, passkey_id)
            _record(uow, self._clock, adult.who, "passkey removed", gone)
            uow.commit()


class RemoveAdultsPasskeys:
    """Removes passkeys of an adult, such as those of a device that was lost."""

    def __init__(self, *, uow: UnitOfWorkFactory, clock: Clock) -> None:
        self._uow = uow
        self._clock = clock

    def execute(
        self, ref: str, *, passkey_id: int | None, who: str
    ) -> tuple[Adult, Sequence[Passkey]]:
        """The adult and what was removed; all of them if `passkey_id` is None. Raises as
        `hold_adult`, and NotFound if the adult has no such passkey."""
        with self._uow() as uow:
            adult = hold_adult(uow, ref)
            if passkey_id is None:
                gone = uow.passkeys.remove_all(adult.adult_id)
            else:
                gone = [_remove(uow, adult.adult_id, passkey_id)]
            for one in gone:
                _record(uow, self._clock, who, "passkey removed", one)
            uow.commit()
        return adult, gone


def _remove(uow: UnitOfWork, adult_id: int, passkey_id: int) -> Passkey:
    fits = 0 < passkey_id <= LARGEST_ID
    gone = uow.passkeys.remove(adult_id, passkey_id) if fits else None
    if gone is None:
        raise NotFound("There is no such passkey.")
    return gone


def _purpose(session: AdultSession) -> str:
    return f"add {session.token_hash.hex()}"


def _record(uow: UnitOfWork, clock: Clock, who: str, what: str, passkey: Passkey) -> None:
    """In the audit by number: the name may say more, and goes with the passkey."""
    uow.audit.add(
        who=who,
        what=what,
        target=f"adult {passkey.adult_id}",
        details={"passkey": passkey.passkey_id},
        now=clock(),
    )
