from __future__ import annotations

import pytest

from neuroplay.core.entities.adult import AdultRole
from neuroplay.core.errors import Refused
from neuroplay.core.use_cases.adult_session import AuthenticateAdult
from tests.builders import a_class
from tests.fakes.services import FakeSecrets
from tests.fakes.unit_of_work import FakeStore

HOUR, DAY = 3600, 86400


@pytest.fixture
def store() -> FakeStore:
    store = FakeStore()
    school = a_class(store)
    with store() as uow:
        adult = uow.adults.add("Rita", "rita", AdultRole.TEACHER)
        uow.adults.set_classes(adult.adult_id, [school.class_id])
        uow.adults.add_sign_in(adult.adult_id, FakeSecrets().adult_hash("sign-in", "rita's"))
        uow.commit()
    return store


def authenticate(store: FakeStore, cookie: str = "rita's", secrets: FakeSecrets | None = None):
    return AuthenticateAdult(uow=store, secrets=secrets or FakeSecrets()).execute(cookie)


def is_signed_in(store: FakeStore) -> bool:
    try:
        authenticate(store)
    except Refused:
        return False
    return True


def test_a_sign_in_leads_to_the_adult_and_the_classes(store):
    found = authenticate(store)
    assert (found.principal.name, found.principal.class_ids) == ("Rita", {1})
    assert len(found.csrf) == 64


@pytest.mark.parametrize("cookie", ["", "another", "x" * 201, "rità's"])
def test_another_token_leads_to_nobody(store, cookie):
    with pytest.raises(Refused) as refused:
        authenticate(store, cookie)
    assert refused.value.code == "unauthorized"


def test_it_ends_after_twelve_hours_without_use(store):
    for _ in range(3):
        store.clock.forward(12 * HOUR - 1)
        assert is_signed_in(store)
    store.clock.forward(12 * HOUR)
    assert not is_signed_in(store)


def test_it_ends_after_thirty_days_of_use(store):
    for _ in range(60):
        store.clock.forward(12 * HOUR - 1)
        assert is_signed_in(store)
    store.clock.forward(60)
    assert not is_signed_in(store)


def test_one_from_a_clock_that_was_ahead_has_ended(store):
    store.clock.forward(-9 * 60)
    assert is_signed_in(store)
    store.clock.forward(-60)
    assert not is_signed_in(store)
    with store() as uow:
        assert uow.adults.forget_past() == 1


def test_the_use_is_recorded_once_a_minute(store):
    def commits() -> int:
        return sum(uow.committed for uow in store.opened)

    before = commits()
    for _ in range(3):
        authenticate(store)
    assert commits() == before
    store.clock.forward(61)
    for _ in range(3):
        authenticate(store)
    assert commits() == before + 1


def test_a_store_that_takes_no_writes_ends_no_sign_in(store):
    store.clock.forward(61)
    store.commits_until_away = 0
    assert is_signed_in(store)


def test_an_end_is_in_force_at_once(store):
    with store() as uow:
        uow.adults.end(1)
        uow.commit()
    assert not is_signed_in(store)


def test_a_class_that_is_taken_away_is_gone_at_once(store):
    with store() as uow:
        uow.adults.set_classes(1, [])
        uow.commit()
    assert authenticate(store).principal.class_ids == frozenset()


def test_while_a_secret_is_replaced_a_sign_in_of_the_old_one_goes_on(store):
    both = FakeSecrets("new", old=FakeSecrets())
    assert authenticate(store, secrets=both) == authenticate(store)
    with pytest.raises(Refused):
        authenticate(store, secrets=FakeSecrets("new"))
