from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import count
from typing import Any
from uuid import UUID

import pytest

from neuroplay.core.entities.principal import StudentPrincipal, TokenRecord
from neuroplay.core.errors import NotFound, Refused
from neuroplay.core.interfaces.services import Gather, NewId, each_alone
from neuroplay.core.use_cases.archive_class import ArchiveClass
from neuroplay.core.use_cases.manage_students import EraseStudent, ResetCard
from neuroplay.core.use_cases.sign_in import (
    TOKEN_CACHE_S,
    Authenticate,
    EndSignIns,
    ListSignIns,
    SignedIn,
    SignIn,
    SignOut,
)
from tests.builders import DEVICE, a_principal
from tests.fakes.services import FakeCache, FakeRateLimiter
from tests.fakes.tables import Tables
from tests.unit.core.samples import School

TOKEN_ID = UUID(int=77)


class Door:
    """A school's sign-in, with its cache and rate limiter."""

    def __init__(self) -> None:
        self.school = School()
        self.limiter = FakeRateLimiter(limit=3)
        self.cache: FakeCache[TokenRecord] = FakeCache(self.school.clock)
        self.sign_in = self.make()
        self.authenticate = Authenticate(
            uow=self.school.store, secrets=self.school.secrets, cache=self.cache
        )

    def make(self, *, gather: Gather = each_alone, new_id: NewId = lambda: TOKEN_ID) -> SignIn:
        return SignIn(
            uow=self.school.store,
            clock=self.school.clock,
            new_id=new_id,
            secrets=self.school.secrets,
            rate_limiter=self.limiter,
            gather=gather,
        )

    def card(self, version: int = 1) -> str:
        return self.school.secrets.card_code(StudentPrincipal, self.school.ana, version)

    def enter(self, card: str | None = None, class_code: str = "A1B2C") -> SignedIn:
        return self.sign_in.execute(
            class_code=class_code, card_code=card or self.card(), device_id=DEVICE
        )


def refusal(door: Door, **changes: str) -> Refused:
    with pytest.raises(Refused) as refused:
        door.enter(**changes)
    return refused.value


def test_a_card_gives_a_token_that_speaks_for_the_child_on_this_device() -> None:
    door = Door()
    signed_in = door.enter()
    assert signed_in.holder.nickname == "Ana"
    assert signed_in.token_id == TOKEN_ID
    assert signed_in.export_key == door.school.secrets.export_key(TOKEN_ID)
    assert door.authenticate.execute(signed_in.token) == a_principal(
        door.school.ana, door.school.class_id, token_id=TOKEN_ID
    )


def test_codes_are_read_as_people_type_them() -> None:
    door = Door()
    card = door.card().lower()
    typed = f"{card[:5]} - {card[5:]}".replace("0", "o").replace("1", "l")
    assert door.enter(typed, class_code="a-ib2 c").holder.nickname == "Ana"


@pytest.mark.parametrize(
    ("card", "class_code"),
    [
        ("ZZZZZZZZZZ", "A1B2C"),
        ("", "A1B2C"),
        ("ZZZ", "A1B2C"),
        ("ZZZZZZZZZZ", "WWWWW"),
        ("\x00" * 10, "A1B2C"),
        ("ZZZZZZZZZZ", "é"),
    ],
)
def test_a_wrong_card_is_refused_without_saying_what_was_wrong(card: str, class_code: str) -> None:
    door = Door()
    with pytest.raises(Refused) as refused:
        door.sign_in.execute(class_code=class_code, card_code=card, device_id=DEVICE)
    assert refused.value.code == "wrong_card"
    assert door.school.store.tables.tokens == {}


def test_the_card_of_another_class_is_wrong() -> None:
    door = Door()
    with door.school.store() as uow:
        uow.classes.add("3B", "WWWWW")
        uow.commit()
    assert refusal(door, class_code="WWWWW").code == "wrong_card"


def test_too_many_wrong_cards_of_a_device_have_to_wait() -> None:
    door = Door()
    for attempt in range(3):
        assert refusal(door, card=f"ZZZZZZZZZ{attempt}").code == "wrong_card"
    blocked = refusal(door, card="ZZZZZZZZZ3")
    assert (blocked.code, blocked.retry_after_s) == ("too_many_attempts", 60.0)


def test_a_right_card_passes_however_much_failed_before_it_and_forgives_that() -> None:
    door = Door()
    for _ in range(50):
        refusal(door, card="ZZZZZZZZZZ")
    assert door.enter().holder.nickname == "Ana"
    assert not door.limiter.failures.get(f"device:{DEVICE}")
    assert refusal(door, card="ZZZZZZZZZ1").code == "wrong_card"


def test_sign_ins_that_come_together_share_a_commit_and_each_gets_its_own_token() -> None:
    door, ids = Door(), count(1)
    children = [door.school.bia, door.school.ana]
    asked: list[Sequence[Any]] = []

    def all_at_once(many: Any) -> Any:
        ones: list[Any] = []
        answers: list[Any] = []
        barrier, lock = threading.Barrier(len(children)), threading.Lock()

        def ask(one: Any) -> Any:
            with lock:
                place = len(ones)
                ones.append(one)
            if barrier.wait() == 0:
                asked.append(ones)
                answers.extend(many(ones))
            barrier.wait()
            return answers[place]

        return ask

    door.sign_in = door.make(gather=all_at_once, new_id=lambda: UUID(int=next(ids)))

    def enter(child: int) -> SignedIn:
        card = door.school.secrets.card_code(StudentPrincipal, child, 1)
        return door.sign_in.execute(
            class_code="A1B2C", card_code=card, device_id=UUID(int=1000 + child)
        )

    with ThreadPoolExecutor(len(children)) as pool:
        signed_in = dict(zip(children, pool.map(enter, children), strict=True))
    assert [len(together) for together in asked] == [len(children)]
    for child, one in signed_in.items():
        principal = door.authenticate.execute(one.token)
        assert isinstance(principal, StudentPrincipal)
        assert (principal.student_id, principal.device_id) == (child, UUID(int=1000 + child))
        assert (principal.token_id, one.holder.holder_id) == (one.token_id, child)


def test_no_attempted_code_is_kept_in_clear() -> None:
    door = Door()
    refusal(door, card="ZZZZZZZZZZ")
    assert all("ZZZZ" not in key and "A1B2C" not in key for key in door.limiter.failures)


def test_signing_out_ends_the_token_when_the_cache_has_forgotten() -> None:
    door = Door()
    token = door.enter().token
    principal = door.authenticate.execute(token)
    sign_out = SignOut(uow=door.school.store, clock=door.school.clock)
    sign_out.execute(principal)
    sign_out.execute(principal)
    door.school.clock.forward(TOKEN_CACHE_S)
    with pytest.raises(Refused) as refused:
        door.authenticate.execute(token)
    assert refused.value.code == "token_revoked"
    assert TOKEN_CACHE_S <= 30


def test_a_new_card_ends_the_old_one_and_its_tokens() -> None:
    door = Door()
    token = door.enter().token
    (made,) = (
        ResetCard(uow=door.school.store, secrets=door.school.secrets, clock=door.school.clock)
        .execute(door.school.ana)
        .students
    )
    assert made.card_code == door.card(2)
    assert refusal(door).code == "wrong_card"
    assert door.enter(made.card_code).holder.card_version == 2
    with pytest.raises(Refused) as refused:
        door.authenticate.execute(token)
    assert refused.value.code == "token_revoked"


def test_an_erased_students_token_says_so() -> None:
    door = Door()
    token = door.enter().token
    EraseStudent(
        uow=door.school.store, clock=door.school.clock, record_erasures=door.school.ledger
    ).execute(door.school.ana)
    with pytest.raises(Refused) as refused:
        door.authenticate.execute(token)
    assert (refused.value.code, refused.value.student_id) == ("student_erased", door.school.ana)


@pytest.mark.parametrize("token", ["", "never given", "x" * 5000, "tökén", "\x00"])
def test_an_unknown_token_is_unauthorized(token: str) -> None:
    with pytest.raises(Refused) as refused:
        Door().authenticate.execute(token)
    assert refused.value.code == "unauthorized"


def test_a_token_is_looked_up_once_while_the_cache_knows_it() -> None:
    door = Door()
    token = door.enter().token
    first = door.authenticate.execute(token)
    opened = len(door.school.store.opened)
    assert door.authenticate.execute(token) == first
    assert len(door.school.store.opened) == opened


def test_no_token_stands_in_the_cache_or_the_store() -> None:
    door = Door()
    token = door.enter().token
    door.authenticate.execute(token)
    assert all(token.encode() not in key for key in door.cache.values)
    assert token.encode() not in door.school.store.tables.tokens


def test_a_child_who_is_erased_between_the_card_and_the_token_has_a_wrong_card() -> None:
    door = Door()

    def is_gone(_: Tables) -> None:
        raise NotFound("no such student")

    door.school.store.refusal = is_gone
    assert refusal(door).code == "wrong_card"


def test_a_device_that_is_lost_is_signed_out_of_what_is_signed_in_there() -> None:
    door = Door()
    token = door.enter().token
    listed = ListSignIns(uow=door.school.store)
    (there,) = listed.execute(device_id=DEVICE)
    assert (there.student_id, there.nickname) == (door.school.ana, "Ana")
    ended = EndSignIns(uow=door.school.store, clock=door.school.clock).execute(DEVICE)
    assert ended == [there]
    assert listed.execute(student_id=door.school.ana) == []
    door.school.clock.forward(TOKEN_CACHE_S)
    with pytest.raises(Refused) as refused:
        door.authenticate.execute(token)
    assert refused.value.code == "token_revoked"


def test_a_token_is_used_once_a_day() -> None:
    door = Door()
    token = door.enter().token
    listed = ListSignIns(uow=door.school.store)
    began = door.school.clock()
    for hours, used_after in ((1, 0), (25, 26)):
        door.school.clock.forward(hours * 3600)
        door.authenticate.execute(token)
        (one,) = listed.execute()
        assert one.last_used == began + timedelta(hours=used_after)


def test_the_right_card_of_an_archived_class_is_told_so_and_a_wrong_one_is_not() -> None:
    door = Door()
    signed_in = door.enter()
    archive = ArchiveClass(uow=door.school.store, clock=door.school.clock)
    archive.execute("3A", True)
    for _ in range(5):
        refused = refusal(door)
        assert (refused.code, refused.because) == ("wrong_card", "class_archived")
    refused = refusal(door, card="ZZZZZZZZZ1")
    assert (refused.code, refused.because) == ("wrong_card", None)
    # Who is signed in goes on sending.
    assert door.authenticate.execute(signed_in.token) == a_principal(
        door.school.ana, door.school.class_id, token_id=TOKEN_ID
    )
    archive.execute("A1B2C", False)
    assert door.enter().holder.nickname == "Ana"
