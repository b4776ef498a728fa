"""Sign in with a card, authenticate requests by token, list and end sign-ins."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from hmac import compare_digest
from typing import NamedTuple
from uuid import UUID

from neuroplay.core.entities.principal import CardHolder, Principal, TokenRecord, TokenStatus
from neuroplay.core.entities.student import DeviceSignIn
from neuroplay.core.errors import NotFound, Refused, TransientError, student_erased
from neuroplay.core.interfaces.services import (
    Cache,
    Clock,
    Gather,
    NewId,
    RateLimiter,
    Secrets,
    each_alone,
)
from neuroplay.core.interfaces.unit_of_work import ReadingFactory, UnitOfWork, UnitOfWorkFactory
from neuroplay.core.rules.codes import CARD_CODE_LENGTH, CLASS_CODE_LENGTH, normalise_code

TOKEN_CACHE_S = 25.0
"""How long a token's record is cached. A revocation takes effect within this time."""

LONGEST_TOKEN = 200


@dataclass(frozen=True, kw_only=True, slots=True)
class SignedIn:
    """A new sign-in. Only the hash of `token` is stored, so it cannot be shown again. `export_key`
    is the key with which the device seals exported files."""

    token: str
    token_id: UUID
    export_key: str
    holder: CardHolder


class _Wanted(NamedTuple):
    """A token for the holder of a card that was made with `secrets`."""

    holder: CardHolder
    device_id: UUID
    secrets: Secrets


class SignIn:
    """Exchanges a card for a token on one device.

    A correct card always succeeds, whatever failed before: it is looked up first. Failures only
    turn `wrong_card` into `too_many_attempts`. They are counted by attempted card, by device and in
    total, never by class. Concurrent sign-ins share a query and then a commit (`gather`), so that a
    flood of them occupies two connections.
    """

    def __init__(
        self,
        *,
        uow: UnitOfWorkFactory,
        clock: Clock,
        new_id: NewId,
        secrets: Secrets,
        rate_limiter: RateLimiter,
        gather: Gather = each_alone,
    ) -> None:
        self._uow = uow
        self._clock = clock
        self._new_id = new_id
        self._secrets = secrets
        self._rate_limiter = rate_limiter
        self._cards = gather(self._cards_of)
        self._given = gather(self._give_tokens)

    def execute(self, *, class_code: str, card_code: str, device_id: UUID) -> SignedIn:
        """Raises Refused with `wrong_card`, for the card of an archived class because of
        `class_archived`, or with `too_many_attempts` and `retry_after_s`."""
        codes = (
            normalise_code(class_code, CLASS_CODE_LENGTH),
            normalise_code(card_code, CARD_CODE_LENGTH),
        )
        keys = self._attempt_keys(codes, device_id)
        found = self._find(*codes)
        if found is None:
            raise self._failed(keys)
        holder, secrets = found
        if not holder.may_sign_in:
            self._rate_limiter.succeeded(*keys)
            raise Refused(
                "the class of this card has ended", code="wrong_card", because="class_archived"
            )
        try:
            signed_in = self._given(_Wanted(holder, device_id, secrets))
        except NotFound:  # erased in between
            raise self._failed(keys) from None
        self._rate_limiter.succeeded(*keys)
        return signed_in

    def _failed(self, keys: Sequence[str]) -> Refused:
        wait_s = self._rate_limiter.failed(*keys)
        if not wait_s:
            return Refused("no card has these codes", code="wrong_card")
        return Refused(
            "too many wrong cards; wait a moment", code="too_many_attempts", retry_after_s=wait_s
        )

    def _attempt_keys(self, codes: tuple[str | None, str | None], device_id: UUID) -> list[str]:
        keys = [f"device:{device_id}"]
        if None not in codes:
            # An attempted code may be a real one, so only a keyed hash of it is kept.
            keys.append("card:" + self._secrets.token_hash(f"attempt {codes}").hex()[:32])
        return keys

    def _cards_of(self, class_codes: Sequence[str]) -> list[Sequence[CardHolder]]:
        with self._uow(in_steps=True) as uow:
            found = uow.tokens.cards(class_codes)
        return [found.get(code, ()) for code in class_codes]

    def _find(
        self, class_code: str | None, card_code: str | None
    ) -> tuple[CardHolder, Secrets] | None:
        """Who has the card, and the secret that it was made with."""
        if class_code is None or card_code is None:
            return None
        found = None
        accepted = self._secrets.accepted
        for holder in self._cards(class_code):
            for secrets in accepted:
                code = secrets.card_code(holder.role, holder.holder_id, holder.card_version)
                if compare_digest(code, card_code):
                    found = holder, secrets
        return found

    def _give_tokens(self, wanted: Sequence[_Wanted]) -> list[SignedIn]:
        """Everywhere in the order of the holders' ids, so that two commits cannot deadlock."""
        given: dict[int, SignedIn] = {}
        # In steps: a token of a card that is reset in between is invalid.
        with self._uow(in_steps=True) as uow:
            for place in sorted(range(len(wanted)), key=lambda one: wanted[one].holder.holder_id):
                given[place] = self._give_token(uow, wanted[place])
            uow.commit()
        return [given[place] for place in range(len(wanted))]

    def _give_token(self, uow: UnitOfWork, wanted: _Wanted) -> SignedIn:
        """The token has the secret of the card, and so ends with it."""
        holder, device_id, secrets = wanted
        token, token_id = secrets.new_token(), self._new_id()
        uow.tokens.add(
            token_id=token_id,
            token_hash=secrets.token_hash(token),
            holder=holder,
            device_id=device_id,
            secret_mark=secrets.mark(),
            now=self._clock(),
        )
        return SignedIn(
            token=token,
            token_id=token_id,
            export_key=secrets.export_key(token_id),
            holder=holder,
        )


class SignOut:
    """Revokes a device's token. Takes effect within TOKEN_CACHE_S."""

    def __init__(self, *, uow: UnitOfWorkFactory, clock: Clock) -> None:
        self._uow = uow
        self._clock = clock

    def execute(self, principal: Principal) -> None:
        """Has no effect on a token that has already been revoked."""
        with self._uow() as uow:
            uow.tokens.revoke(principal.token_id, now=self._clock())
            uow.commit()


class EndSignIns:
    """Ends the sign-ins on one device, for example a lost one. Takes effect within TOKEN_CACHE_S.

    Unsent games stay on the device until the child signs in there again.
    """

    def __init__(self, *, uow: UnitOfWorkFactory, clock: Clock) -> None:
        self._uow = uow
        self._clock = clock

    def execute(
        self, device_id: UUID, *, student_id: int | None = None, who: str = "operator"
    ) -> Sequence[DeviceSignIn]:
        """End the sign-ins of one student, or of all. Returns those that were ended."""
        with self._uow() as uow:
            ended = uow.tokens.sign_ins(device_id=device_id, student_id=student_id)
            uow.tokens.revoke_device(device_id, student_id=student_id, now=self._clock())
            for one in ended:
                uow.audit.add(
                    who=who,
                    what="sign-in ended",
                    target=f"student {one.student_id}",
                    details={"device": str(device_id)},
                    now=self._clock(),
                )
            uow.commit()
        return ended


class ListSignIns:
    """Lists who is signed in on which device."""

    def __init__(self, *, uow: ReadingFactory) -> None:
        self._uow = uow

    def execute(
        self, *, device_id: UUID | None = None, student_id: int | None = None
    ) -> Sequence[DeviceSignIn]:
        """Most recently used first."""
        with self._uow() as uow:
            return uow.tokens.sign_ins(device_id=device_id, student_id=student_id)


class Authenticate:
    """Finds the principal of a token, through a short-lived cache."""

    def __init__(
        self, *, uow: UnitOfWorkFactory, secrets: Secrets, cache: Cache[TokenRecord]
    ) -> None:
        self._uow = uow
        self._secrets = secrets
        self._cache = cache

    def execute(self, token: str) -> Principal:
        """Raises Refused with `unauthorized`, `token_revoked` or `student_erased`."""
        if not token or len(token) > LONGEST_TOKEN or not token.isascii():
            raise Refused("no valid token", code="unauthorized")
        hashes = [secrets.token_hash(token) for secrets in self._secrets.accepted]
        record = next(filter(None, map(self._cache.get, hashes)), None)
        if record is None:
            with self._uow(in_steps=True) as uow:
                known = ((one, uow.tokens.find(one)) for one in hashes)
                found = next(((one, it) for one, it in known if it is not None), None)
            if found is None:
                raise Refused("no valid token", code="unauthorized")
            token_hash, record = found
            self._cache.put(token_hash, record, TOKEN_CACHE_S)
            if (
                record.unused
                and record.status is TokenStatus.ACTIVE
                and record.principal is not None
            ):
                self._use(record.principal.token_id)
        if record.principal is None:
            raise student_erased(record.student_id)
        if record.status is not TokenStatus.ACTIVE:
            raise Refused("this sign-in has ended; sign in again", code="token_revoked")
        return record.principal

    def _use(self, token_id: UUID) -> None:
        """Record the use, once a day. If that fails, the next lookup of the token tries again."""
        with suppress(TransientError), self._uow() as uow:
            uow.tokens.use(token_id)
            uow.commit()
