"""Cards, tokens and saved files while the secret is being replaced."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest

from neuroplay.core.errors import Refused
from neuroplay.core.use_cases.cards import card_of
from neuroplay.core.use_cases.import_outbox import ImportOutbox
from neuroplay.core.use_cases.sign_in import Authenticate, SignedIn, SignIn
from tests.builders import an_outbox_file
from tests.fakes.services import FakeCache, FakeRateLimiter, FakeSecrets
from tests.unit.core.samples import School, record

OLD, NEW = FakeSecrets("old"), FakeSecrets("new")
BOTH = FakeSecrets("new", old=OLD)
DEVICE = UUID(int=7)


class Door:
    def __init__(self) -> None:
        self.school = School()

    def sign_in(self, secrets: FakeSecrets, card: FakeSecrets) -> SignedIn:
        """At a server with `secrets`, with a card that was made with another."""
        school = self.school
        with school.store() as uow:
            (school_class,) = [one for one, _ in uow.classes.all() if one.name == "3A"]
        return SignIn(
            uow=school.store,
            clock=school.clock,
            new_id=uuid4,
            secrets=secrets,
            rate_limiter=FakeRateLimiter(),
        ).execute(
            class_code=school_class.code,
            card_code=card_of(school.student(), card).card_code,
            device_id=DEVICE,
        )

    def student_of(self, secrets: FakeSecrets, token: str) -> int:
        cache = FakeCache(self.school.clock)
        authenticate = Authenticate(uow=self.school.store, secrets=secrets, cache=cache)
        first, again = authenticate.execute(token), authenticate.execute(token)
        assert first == again, "from the cache"
        return first.student_id  # type: ignore[attr-defined,no-any-return]


@pytest.fixture
def door() -> Door:
    return Door()


@pytest.mark.parametrize("card", [OLD, NEW])
def test_cards_of_both_secrets_sign_in_and_their_tokens_work(door: Door, card: FakeSecrets) -> None:
    signed_in = door.sign_in(BOTH, card)
    assert door.student_of(BOTH, signed_in.token) == door.school.ana


@pytest.mark.parametrize(("card", "after"), [(OLD, False), (NEW, True)])
def test_a_sign_in_ends_with_the_secret_of_its_card(
    door: Door, card: FakeSecrets, after: bool
) -> None:
    token = door.sign_in(BOTH, card).token
    if after:
        assert door.student_of(NEW, token) == door.school.ana
        return
    with pytest.raises(Refused) as refused:
        door.student_of(NEW, token)
    assert refused.value.code == "unauthorized"


def test_a_token_from_before_goes_on(door: Door) -> None:
    token = door.sign_in(OLD, OLD).token
    assert door.student_of(BOTH, token) == door.school.ana


def test_what_one_machine_makes_the_others_accept_in_whatever_order_they_restart() -> None:
    machines = [BOTH, FakeSecrets("old", old=NEW)]
    for here in machines:
        for card in (OLD, NEW):
            door = Door()
            token = door.sign_in(here, card).token
            assert [door.student_of(there, token) for there in machines] == [door.school.ana] * 2


def test_an_old_card_is_refused_once_the_secret_is_retired(door: Door) -> None:
    with pytest.raises(Refused) as refused:
        door.sign_in(NEW, OLD)
    assert refused.value.code == "wrong_card"


@pytest.mark.parametrize(("secrets", "opens"), [(BOTH, True), (NEW, False)])
def test_a_file_that_a_tablet_saved_before_opens_meanwhile(
    door: Door, secrets: FakeSecrets, opens: bool
) -> None:
    signed_in = door.sign_in(OLD, OLD)
    document = an_outbox_file(signed_in.token_id, signed_in.export_key, [record()])
    school = door.school
    importing = ImportOutbox(
        uow=school.store,
        clock=school.clock,
        new_id=uuid4,
        secrets=secrets,
        accept_sync=school.accept,
    )
    if opens:
        assert importing.open(document).principal.student_id == school.ana
        return
    with pytest.raises(Refused) as refused:
        importing.open(document)
    assert refused.value.code == "outbox_file_changed"
