"""Adults, their invitations and their sign-ins in the store. Times are the store's own."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Protocol

from neuroplay.core.entities.adult import Adult, AdultLink, AdultRole, AdultSignIn


class AdultReading(Protocol):
    def get(self, adult_id: int) -> Adult | None: ...
    def named(self, name_key: str) -> Adult | None: ...
    def all(self) -> list[Adult]:
        """In order of the names' keys."""

    def sign_in(self, token_hashes: Sequence[bytes]) -> AdultSignIn | None:
        """The valid sign-in that has one of these hashes."""

    def sign_ins(self, adult_id: int) -> list[tuple[datetime, datetime]]:
        """The beginning and last use of each valid sign-in, most recently used first."""

    def link(self, token_hashes: Sequence[bytes]) -> AdultLink | None:
        """The invitation that has one of these hashes, in whatever state."""

    def open_link(self, adult_id: int) -> datetime | None:
        """Until when the adult's invitation works; None if there is none that does."""


class AdultRepository(AdultReading, Protocol):
    def add(self, name: str, name_key: str, role: AdultRole) -> Adult | None:
        """None if the key is taken."""

    def lock(self, adult_id: int, *, shared: bool = False) -> Adult | None:
        """Lock the account until the end of the unit of work. Returns it as it is then; None if
        there is none. `shared` with others who only rely on it: it does not end meanwhile, and
        neither do its classes change. Whoever changes these locks it alone. Comes before the locks
        of classes and students."""

    def set_classes(self, adult_id: int, class_ids: Collection[int]) -> None:
        """If a class does not exist, NotFound is raised here or by the commit."""

    def add_class(self, adult_id: int, class_id: int) -> None:
        """Beside those that the adult has. An account that has ended gets none."""

    def set_passphrase(self, adult_id: int, passphrase: str) -> None:
        """Store the hash of a passphrase."""

    def end(self, adult_id: int) -> None:
        """End the account: no passphrase, passkeys, classes, sign-ins or invitations."""

    def erase(self, adult_id: int) -> None:
        """Delete all that is stored about the adult."""

    def add_link(self, adult_id: int, token_hash: bytes) -> datetime:
        """Add an invitation for a locked account, after which earlier ones are late. Returns when
        it expires."""

    def end_links(self, adult_id: int) -> None:
        """The adult's open invitations are late from now on."""

    def use_link(self, token_hashes: Sequence[bytes]) -> Adult | None:
        """Use up the invitation. None, without any change, if it does not work any longer."""

    def add_sign_in(self, adult_id: int, token_hash: bytes) -> None:
        """Add a sign-in. Beyond MOST_SIGN_INS it ends the least recently used."""

    def note_use(self, token_hash: bytes) -> None: ...
    def end_sign_ins(self, adult_id: int) -> int:
        """End all sign-ins of the adult. Returns their number."""

    def end_sign_in(self, token_hash: bytes) -> None: ...
    def forget_past(self) -> int:
        """Delete sign-ins that are no longer valid, and old invitations. Returns their number."""
