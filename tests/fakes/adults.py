"""A fake of the adults' repository."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from neuroplay.core.entities.adult import Adult, AdultLink, AdultRole, AdultSignIn
from neuroplay.core.errors import NotFound
from neuroplay.core.rules.adult_sign_ins import (
    AHEAD_MINUTES,
    ENDED_DAYS,
    IDLE_HOURS,
    LINK_HOURS,
    LONGEST_DAYS,
    MOST_SIGN_INS,
    USE_NOTED_S,
)
from tests.fakes.services import FakeClock
from tests.fakes.tables import StoredAdultLink, StoredAdultSignIn, Tables


class FakeAdults:
    def __init__(self, tables: Tables, clock: FakeClock) -> None:
        self._tables = tables
        self._clock = clock

    def get(self, adult_id: int) -> Adult | None:
        adult = self._tables.adults.get(adult_id)
        if adult is None:
            return None
        own = sorted(
            there
            for one, there in self._tables.adult_classes
            if one == adult_id and there in self._tables.classes
        )
        return replace(adult, class_ids=tuple(own))

    def named(self, name_key: str) -> Adult | None:
        adult_id = self._tables.adult_keys.get(name_key)
        return None if adult_id is None else self.get(adult_id)

    def all(self) -> list[Adult]:
        ids = [adult_id for _, adult_id in sorted(self._tables.adult_keys.items())]
        return [adult for one in ids if (adult := self.get(one)) is not None]

    def sign_in(self, token_hashes: Sequence[bytes]) -> AdultSignIn | None:
        for token_hash in token_hashes:
            stored = self._tables.adult_sign_ins.get(token_hash)
            adult = stored and self.get(stored.adult_id)
            if stored and adult and adult.ended_at is None and self._is_valid(stored):
                noted = timedelta(seconds=USE_NOTED_S)
                return AdultSignIn(
                    token_hash=token_hash,
                    adult=adult,
                    unused=self._clock() - stored.last_used > noted,
                )
        return None

    def sign_ins(self, adult_id: int) -> list[tuple[datetime, datetime]]:
        own = [
            (one.created_at, one.last_used)
            for one in self._tables.adult_sign_ins.values()
            if one.adult_id == adult_id and self._is_valid(one)
        ]
        return sorted(own, key=lambda one: (one[1], one[0]), reverse=True)

    def link(self, token_hashes: Sequence[bytes]) -> AdultLink | None:
        found = [one for one in token_hashes if one in self._tables.adult_links]
        if not found:
            return None
        stored = self._tables.adult_links[found[0]]
        return AdultLink(
            adult=self._known(stored.adult_id),
            expires_at=stored.expires_at,
            used_at=stored.used_at,
            is_late=not self._is_open(stored),
        )

    def open_link(self, adult_id: int) -> datetime | None:
        for one in self._tables.adult_links.values():
            if one.adult_id == adult_id and self._works(one):
                return one.expires_at
        return None

    def add(self, name: str, name_key: str, role: AdultRole) -> Adult | None:
        if name_key in self._tables.adult_keys:
            return None
        adult = Adult(
            adult_id=self._tables.next_id("adults"),
            name=name,
            role=role,
            created_at=self._clock(),
        )
        self._tables.adults[adult.adult_id] = adult
        self._tables.adult_keys[name_key] = adult.adult_id
        return adult

    def lock(self, adult_id: int, *, shared: bool = False) -> Adult | None:
        """Units of work of the fake store do not meet."""
        del shared
        return self.get(adult_id)

    def set_classes(self, adult_id: int, class_ids: Collection[int]) -> None:
        if not set(class_ids) <= self._tables.classes.keys():
            raise NotFound("no such class")
        self._forget_classes(adult_id)
        self._tables.adult_classes.update(dict.fromkeys((adult_id, one) for one in class_ids))

    def add_class(self, adult_id: int, class_id: int) -> None:
        adult = self._tables.adults.get(adult_id)
        if adult is not None and adult.ended_at is None:
            self._tables.adult_classes.setdefault((adult_id, class_id))

    def set_passphrase(self, adult_id: int, passphrase: str) -> None:
        adult = self._known(adult_id)
        if adult.ended_at is None:
            self._tables.adults[adult_id] = replace(adult, passphrase=passphrase)

    def end(self, adult_id: int) -> None:
        adult = self._known(adult_id)
        self._tables.adults[adult_id] = replace(
            adult, ended_at=adult.ended_at or self._clock(), passphrase=None
        )
        self._forget_classes(adult_id)
        self._forget_access(adult_id)

    def erase(self, adult_id: int) -> None:
        self._forget_classes(adult_id)
        self._forget_access(adult_id)
        self._tables.adults.pop(adult_id, None)
        keys = self._tables.adult_keys
        for key in [key for key, one in keys.items() if one == adult_id]:
            del keys[key]

    def add_link(self, adult_id: int, token_hash: bytes) -> datetime:
        self.end_links(adult_id)
        expires_at = self._clock() + timedelta(hours=LINK_HOURS)
        self._tables.adult_links[token_hash] = StoredAdultLink(
            adult_id=adult_id, expires_at=expires_at
        )
        return expires_at

    def end_links(self, adult_id: int) -> None:
        for key, one in self._tables.adult_links.items():
            if one.adult_id == adult_id and self._works(one):
                self._tables.adult_links[key] = replace(one, expires_at=self._clock())

    def use_link(self, token_hashes: Sequence[bytes]) -> Adult | None:
        for key in token_hashes:
            stored = self._tables.adult_links.get(key)
            if stored is not None and self._works(stored):
                self._tables.adult_links[key] = replace(stored, used_at=self._clock())
                return self._known(stored.adult_id)
        return None

    def add_sign_in(self, adult_id: int, token_hash: bytes) -> None:
        now = self._clock()
        signed_in = self._tables.adult_sign_ins
        signed_in[token_hash] = StoredAdultSignIn(adult_id=adult_id, created_at=now, last_used=now)
        own = [
            (one.last_used, one.created_at, place, key)
            for place, (key, one) in enumerate(signed_in.items())
            if one.adult_id == adult_id
        ]
        for *_, key in sorted(own, reverse=True)[MOST_SIGN_INS:]:
            del signed_in[key]

    def note_use(self, token_hash: bytes) -> None:
        stored = self._tables.adult_sign_ins.get(token_hash)
        if stored is not None:
            self._tables.adult_sign_ins[token_hash] = replace(stored, last_used=self._clock())

    def end_sign_ins(self, adult_id: int) -> int:
        signed_in = self._tables.adult_sign_ins
        gone = [key for key, one in signed_in.items() if one.adult_id == adult_id]
        for key in gone:
            del signed_in[key]
        return len(gone)

    def end_sign_in(self, token_hash: bytes) -> None:
        self._tables.adult_sign_ins.pop(token_hash, None)

    def forget_past(self) -> int:
        tables = self._tables
        oldest = self._clock() - timedelta(days=ENDED_DAYS)
        sign_ins = [key for key, one in tables.adult_sign_ins.items() if not self._is_valid(one)]
        for key in sign_ins:
            del tables.adult_sign_ins[key]
        links = [
            key
            for key, one in tables.adult_links.items()
            if min(one.used_at or one.expires_at, one.expires_at) < oldest
        ]
        for key in links:
            del tables.adult_links[key]
        return len(sign_ins) + len(links)

    def _known(self, adult_id: int) -> Adult:
        adult = self.get(adult_id)
        assert adult is not None
        return adult

    def _works(self, link: StoredAdultLink) -> bool:
        ended = self._known(link.adult_id).ended_at is not None
        return link.used_at is None and self._is_open(link) and not ended

    def _is_open(self, link: StoredAdultLink) -> bool:
        left = link.expires_at - self._clock()
        return timedelta(0) < left < timedelta(hours=LINK_HOURS, minutes=AHEAD_MINUTES)

    def _is_valid(self, stored: StoredAdultSignIn) -> bool:
        now = self._clock()
        idle = now - stored.last_used
        used = -timedelta(minutes=AHEAD_MINUTES) < idle < timedelta(hours=IDLE_HOURS)
        return used and stored.created_at > now - timedelta(days=LONGEST_DAYS)

    def _forget_classes(self, adult_id: int) -> None:
        for key in [key for key in self._tables.adult_classes if key[0] == adult_id]:
            del self._tables.adult_classes[key]

    def _forget_access(self, adult_id: int) -> None:
        self.end_sign_ins(adult_id)
        links = self._tables.adult_links
        for key in [key for key, one in links.items() if one.adult_id == adult_id]:
            del links[key]
        passkeys = self._tables.adult_passkeys
        for number in [number for number, one in passkeys.items() if one.adult_id == adult_id]:
            del passkeys[number]
