"""Passkeys: in the store, and how what a browser sends of them is checked."""

from __future__ import annotations

import pytest

from neuroplay.core.entities.adult import AdultRole
from neuroplay.core.entities.passkey import PublicKey
from neuroplay.core.errors import Refused
from neuroplay.core.rules.passkeys import MOST_PASSKEYS
from neuroplay.infra.passkeys import WebAuthnPasskeys
from tests.devices import Device
from tests.fakes.passkeys import DOMAIN, ORIGIN, FakeDevice, FakePasskeys


def a_key(number: int = 1, *, sign_count: int = 0) -> PublicKey:
    return PublicKey(
        credential_id=b"credential %d" % number, public_key=b"\x00key", sign_count=sign_count
    )


@pytest.fixture
def rita(store) -> int:
    with store() as uow:
        adult = uow.adults.add("Rita", "rita", AdultRole.SCHOOL)
        uow.commit()
    return adult.adult_id


@pytest.fixture
def zoe(store, rita) -> int:
    with store() as uow:
        adult = uow.adults.add("Zoe", "zoe", AdultRole.SCHOOL)
        uow.commit()
    return adult.adult_id


def test_a_passkey_is_what_was_added(store, rita, zoe):
    with store() as uow:
        added = uow.passkeys.add(rita, "School laptop", a_key())
        assert (added.adult_id, added.name, added.key) == (rita, "School laptop", a_key())
        assert added.last_used is None
        other = uow.passkeys.add(rita, "Phone", a_key(2))
        assert uow.passkeys.of(rita) == [added, other]
        assert uow.passkeys.of(zoe) == []
        assert uow.passkeys.with_credential(b"credential 2") == other
        assert uow.passkeys.with_credential(b"credential 3") is None


def test_a_credential_is_somebodys_alone(store, rita, zoe):
    with store() as uow:
        added = uow.passkeys.add(rita, "Laptop", a_key())
        for adult_id in (rita, zoe):
            assert uow.passkeys.add(adult_id, "Another", a_key()) is None
        assert uow.passkeys.with_credential(b"credential 1") == added


def test_an_adult_has_so_many_at_most(store, rita, zoe):
    with store() as uow:
        for number in range(MOST_PASSKEYS):
            assert uow.passkeys.add(rita, "Laptop", a_key(number)) is not None
        assert uow.passkeys.add(rita, "Laptop", a_key(99)) is None
        assert uow.passkeys.add(zoe, "Laptop", a_key(99)) is not None


def test_an_account_that_has_ended_or_is_erased_has_none_and_gets_none(store, rita, zoe):
    with store() as uow:
        uow.passkeys.add(rita, "Laptop", a_key(1))
        uow.passkeys.add(zoe, "Laptop", a_key(2))
        uow.adults.end(rita)
        uow.adults.erase(zoe)
        for adult_id in (rita, zoe):
            assert uow.passkeys.of(adult_id) == []
            assert uow.passkeys.add(adult_id, "Laptop", a_key(3)) is None
        for number in (1, 2, 3):
            assert uow.passkeys.with_credential(b"credential %d" % number) is None


@pytest.mark.parametrize(
    ("known", "said", "fits"),
    [(0, 0, True), (0, 1, True), (5, 6, True), (5, 5, False), (5, 4, False), (5, 0, False)],
)
def test_a_count_only_rises(store, rita, known, said, fits):
    with store() as uow:
        added = uow.passkeys.add(rita, "Laptop", a_key(sign_count=known))
        assert uow.passkeys.note_use(added.passkey_id, said) is fits
        (stored,) = uow.passkeys.of(rita)
        assert stored.key.sign_count == (said if fits else known)
        assert (stored.last_used is not None) is fits
        assert uow.passkeys.note_use(999, 7) is False


def test_a_passkey_is_removed_by_its_owner_alone(store, rita, zoe):
    with store() as uow:
        added = uow.passkeys.add(rita, "Laptop", a_key())
        assert uow.passkeys.remove(zoe, added.passkey_id) is None
        assert uow.passkeys.remove(rita, added.passkey_id) == added
        assert uow.passkeys.remove(rita, added.passkey_id) is None
        assert uow.passkeys.of(rita) == []


def test_all_of_one_adult_are_removed(store, rita, zoe):
    with store() as uow:
        gone = [uow.passkeys.add(rita, "Laptop", a_key(number)) for number in (1, 2)]
        stays = uow.passkeys.add(zoe, "Laptop", a_key(3))
        assert uow.passkeys.remove_all(rita) == gone
        assert uow.passkeys.remove_all(rita) == []
        assert uow.passkeys.of(zoe) == [stays]


def test_a_challenge_is_used_up_once(store, rita):
    with store() as uow:
        assert uow.passkeys.use_up(b"one")
        assert not uow.passkeys.use_up(b"one")
        assert uow.passkeys.use_up(b"two")
        assert uow.passkeys.forget_challenges() == 0
        uow.commit()
    with store() as uow:
        assert not uow.passkeys.use_up(b"two")


# How they are checked


@pytest.fixture(params=["fake", "webauthn"])
def checks(request):
    """What checks passkeys of ORIGIN, and how a device is made."""
    if request.param == "fake":
        return FakePasskeys(), FakeDevice
    return WebAuthnPasskeys(ORIGIN), lambda **parts: Device(
        **{"origin": ORIGIN, "domain": DOMAIN} | parts
    )


def refusal(check, *args) -> str:
    with pytest.raises(Refused) as refused:
        check(*args)
    return refused.value.code


def test_a_passkey_signs_what_was_asked(checks):
    passkeys, device = checks
    laptop = device(credential_id=b"laptop", count=3)
    key = passkeys.made(laptop.make("challenge"), "challenge")
    assert (key.credential_id, key.sign_count) == (b"laptop", 3)
    assert passkeys.signed(key, laptop.sign("another"), "another") == 4


def test_a_device_that_does_not_count_says_0(checks):
    passkeys, device = checks
    phone = device()
    key = passkeys.made(phone.make("challenge"), "challenge")
    for challenge in ("one", "two"):
        assert passkeys.signed(key, phone.sign(challenge), challenge) == 0


def test_another_challenge_or_address_is_refused(checks):
    passkeys, device = checks
    laptop = device()
    key = passkeys.made(laptop.make("challenge"), "challenge")
    laptop.origin = "https://elsewhere.example"
    for asked, signed in (("old", "new"), ("same", "same")):
        assert refusal(passkeys.made, laptop.make(asked), signed) == "bad_passkey"
        assert refusal(passkeys.signed, key, laptop.sign(asked), signed) == "wrong_passkey"
        laptop.origin = ORIGIN if asked == "same" else laptop.origin


def test_a_device_that_counts_back_is_a_copy(checks):
    passkeys, device = checks
    laptop = device(count=7)
    key = passkeys.made(laptop.make("challenge"), "challenge")
    laptop.count = 5
    for _ in range(2):
        assert refusal(passkeys.signed, key, laptop.sign("c"), "c") == "wrong_passkey"
    assert passkeys.signed(key, laptop.sign("c"), "c") == 8


def test_nobodys_and_anothers_key_sign_nobody_in(checks):
    passkeys, device = checks
    laptop, phone = device(credential_id=b"laptop"), device(credential_id=b"phone")
    key = passkeys.made(laptop.make("challenge"), "challenge")
    assert refusal(passkeys.signed, None, laptop.sign("c"), "c") == "wrong_passkey"
    assert refusal(passkeys.signed, key, phone.sign("c"), "c") == "wrong_passkey"


def test_the_page_the_domain_and_the_algorithms_are_known(checks):
    passkeys, _ = checks
    assert (passkeys.origin, passkeys.domain) == (ORIGIN, DOMAIN)
    assert tuple(passkeys.algorithms) == (-7, -257)
