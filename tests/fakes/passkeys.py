"""Fakes of what checks passkeys, and of devices that have them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

from neuroplay.core.entities.passkey import MadePasskey, Passkey, PublicKey, SignedChallenge
from neuroplay.core.errors import Refused
from neuroplay.core.rules.passkeys import MOST_PASSKEYS, USED_CHALLENGE_HOURS
from tests.fakes.services import FakeClock
from tests.fakes.tables import Tables

ORIGIN, DOMAIN = "https://play.school.example", "play.school.example"


@dataclass(kw_only=True)
class FakeDevice:
    """Signs by writing its secret, which a fake public key has in reverse."""

    origin: str = ORIGIN
    credential_id: bytes = b"of a device"
    secret: bytes = b"secret"
    handle: bytes = b""
    count: int = 0

    def make(self, challenge: str) -> MadePasskey:
        return MadePasskey(
            client_data=f"{self.origin} {challenge}".encode(),
            attestation=b"%d %s %s" % (self.count, self.secret[::-1], self.credential_id),
        )

    def sign(self, challenge: str) -> SignedChallenge:
        self.count += bool(self.count)
        return SignedChallenge(
            credential_id=self.credential_id,
            client_data=f"{self.origin} {challenge}".encode(),
            authenticator_data=b"%d" % self.count,
            signature=self.secret,
            handle=self.handle,
        )


class FakePasskeys:
    """Of the page at `origin`."""

    def __init__(self, origin: str = ORIGIN) -> None:
        self.origin = origin
        self.domain = origin.partition("//")[2]

    @property
    def algorithms(self) -> tuple[int, ...]:
        return (-7, -257)

    def made(self, made: MadePasskey, challenge: str) -> PublicKey:
        count, _, rest = made.attestation.partition(b" ")
        public_key, _, credential_id = rest.partition(b" ")
        if made.client_data != f"{self.origin} {challenge}".encode() or not credential_id:
            raise Refused("It does not fit.", code="bad_passkey")
        return PublicKey(credential_id=credential_id, public_key=public_key, sign_count=int(count))

    def signed(self, key: PublicKey | None, signed: SignedChallenge, challenge: str) -> int:
        fits = (
            key is not None
            and signed.credential_id == key.credential_id
            and signed.client_data == f"{self.origin} {challenge}".encode()
            and signed.signature == key.public_key[::-1]
        )
        count = int(signed.authenticator_data)
        if key is None or not fits or (count <= key.sign_count and (count or key.sign_count)):
            raise Refused("It does not fit.", code="wrong_passkey")
        return count


class FakePasskeyRepository:
    def __init__(self, tables: Tables, clock: FakeClock) -> None:
        self._tables = tables
        self._clock = clock

    def of(self, adult_id: int) -> list[Passkey]:
        return [one for one in self._tables.adult_passkeys.values() if one.adult_id == adult_id]

    def with_credential(self, credential_id: bytes) -> Passkey | None:
        for one in self._tables.adult_passkeys.values():
            if one.key.credential_id == credential_id:
                return one
        return None

    def add(self, adult_id: int, name: str, key: PublicKey) -> Passkey | None:
        adult = self._tables.adults.get(adult_id)
        if (
            adult is None
            or adult.ended_at is not None
            or len(self.of(adult_id)) >= MOST_PASSKEYS
            or self.with_credential(key.credential_id) is not None
        ):
            return None
        passkey = Passkey(
            passkey_id=self._tables.next_id("adult_passkeys"),
            adult_id=adult_id,
            name=name,
            key=key,
            created_at=self._clock(),
        )
        self._tables.adult_passkeys[passkey.passkey_id] = passkey
        return passkey

    def note_use(self, passkey_id: int, sign_count: int) -> bool:
        stored = self._tables.adult_passkeys.get(passkey_id)
        if stored is None:
            return False
        known = stored.key.sign_count
        if sign_count <= known and (sign_count or known):
            return False
        self._tables.adult_passkeys[passkey_id] = replace(
            stored, key=replace(stored.key, sign_count=sign_count), last_used=self._clock()
        )
        return True

    def remove(self, adult_id: int, passkey_id: int) -> Passkey | None:
        stored = self._tables.adult_passkeys.get(passkey_id)
        if stored is None or stored.adult_id != adult_id:
            return None
        return self._tables.adult_passkeys.pop(passkey_id)

    def remove_all(self, adult_id: int) -> list[Passkey]:
        return [self._tables.adult_passkeys.pop(one.passkey_id) for one in self.of(adult_id)]

    def use_up(self, challenge: bytes) -> bool:
        if challenge in self._tables.adult_challenges:
            return False
        self._tables.adult_challenges[challenge] = self._clock()
        return True

    def forget_challenges(self) -> int:
        oldest = self._clock() - timedelta(hours=USED_CHALLENGE_HOURS)
        past = [key for key, at in self._tables.adult_challenges.items() if at < oldest]
        for key in past:
            del self._tables.adult_challenges[key]
        return len(past)
