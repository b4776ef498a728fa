"""Sign in with a card, authenticate requests by token, list and end sign-ins."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from neuroplay.core.entities.principal import (
    CardHolder,
    NewToken,
    Principal,
    TokenRecord,
    TokenStatus,
)
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
from neuroplay.core.interfaces.unit_of_work import ReadingFactory, UnitOfWorkFactory
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


class _Card(NamedTuple):
    """A card on a device."""

    class_code: str
    card_code: str
    device_id: UUID


class _Holder(NamedTuple):
    """The holder of a card that was made with `secrets`."""

    holder: CardHolder
    secrets: Secrets


class SignIn:
    """Exchanges a card for a token on one device.

    A correct card always succeeds, whatever failed before: it is looked up first. Failures only
    turn `wrong_card` into `too_many_attempts`. They are counted by attempted card, by device and in
    total, never by class. Concurrent sign-ins share a query and a commit (`gather`), so that a
    flood of them occupies one connection.
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
        self._exchanged = gather(self._exchange)

    def execute(self, *, class_code: str, card_code: str, device_id: UUID) -> SignedIn:
        """Raises Refused with `wrong_card`, for the card of an archived class because of
        `class_archived`, or with `too_many_attempts` and `retry_after_s`."""
        codes = (
            normalise_code(class_code, CLASS_CODE_LENGTH),
            normalise_code(card_code, CARD_CODE_LENGTH),
        )
        keys = self._attempt_keys(codes, device_id)
        signed_in = self._sign_in(*codes, device_id)
        if signed_in is None:
            raise self._failed(keys)
        self._rate_limiter.succeeded(*keys)
        if isinstance(signed_in, CardHolder):
            raise Refused(
                "the class of this card has ended", code="wrong_card", because="class_archived"
            )
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

    def _sign_in(
        self, class_code: str | None, card_code: str | None, device_id: UUID
    ) -> SignedIn | CardHolder | None:
        """As `_exchange`, for one card."""
        if class_code is None or card_code is None:
            return None
        try:
            return self._exchanged(_Card(class_code, card_code, device_id))
        except NotFound:  # erased in between
            return None

    def _exchange(self, cards: Sequence[_Card]) -> list[SignedIn | CardHolder | None]:
        """For each card: the new sign-in; its holder, who may not sign in; None if there is no such
        card."""
        new: list[NewToken] = []
        # In steps: a token of a card that is reset in between is invalid.
        with self._uow(in_steps=True) as uow:
            classes = uow.tokens.cards(sorted({card.class_code for card in cards}))
            known = {code: self._by_code(holders) for code, holders in classes.items()}
            given = [self._give(card, known.get(card.class_code, {}), new) for card in cards]
            if new:
                uow.tokens.add(new)
                uow.commit()
        return given

    def _by_code(self, holders: Sequence[CardHolder]) -> dict[str, _Holder]:
        """The holders by the code of their card. The time of a look-up says nothing of a code: it
        compares hashes first, and Python's have a key."""
        return {
            secrets.card_code(one.role, one.holder_id, one.card_version): _Holder(one, secrets)
            for one in holders
            for secrets in self._secrets.accepted
        }

    def _give(
        self, card: _Card, known: Mapping[str, _Holder], new: list[NewToken]
    ) -> SignedIn | CardHolder | None:
        """Appends the token to `new`. It has the secret of the card, and so ends with it."""
        if card.card_code not in known:
            return None
        holder, secrets = known[card.card_code]
        if not holder.may_sign_in:
            return holder
        token, token_id = secrets.new_token(), self._new_id()
        new.append(
            NewToken(
                token_id=token_id,
                token_hash=secrets.token_hash(token),
                holder=holder,
                device_id=card.device_id,
                secret_mark=secrets.mark(),
                now=self._clock(),
            )
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
