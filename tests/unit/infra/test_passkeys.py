from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, fields, replace

import cbor2
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from hypothesis import given, settings
from hypothesis import strategies as st

from neuroplay.core.entities.passkey import MadePasskey, PublicKey, SignedChallenge
from neuroplay.core.errors import Refused
from neuroplay.core.rules.passkeys import LONGEST_CREDENTIAL_ID
from neuroplay.infra.passkeys import WebAuthnPasskeys
from tests.devices import PRESENT, VERIFIED, Device

ORIGIN, DOMAIN = "https://play.school.example", "play.school.example"
CHALLENGE = "a challenge"
RSA = rsa.generate_private_key(public_exponent=65537, key_size=2048)


@dataclass(frozen=True)
class Owner:
    """Somebody with a passkey."""

    device: Device
    key: PublicKey


passkeys = WebAuthnPasskeys(ORIGIN)


def an_owner(**parts) -> Owner:
    device = Device(**{"origin": ORIGIN, "domain": DOMAIN} | parts)
    return Owner(device, passkeys.made(device.make(CHALLENGE), CHALLENGE))


OWNERS = [an_owner(count=3), an_owner(private=RSA)]
STRANGER = an_owner()
ANSWERS = [[owner.device.sign(one) for one in (CHALLENGE, "another challenge")] for owner in OWNERS]
STRANGERS_ANSWER = STRANGER.device.sign(CHALLENGE)
LAPTOP = Device(origin=ORIGIN, domain=DOMAIN)
MADE = LAPTOP.make(CHALLENGE)


def outcome(check: Callable[..., object], *args: object) -> str:
    try:
        check(*args)
    except Refused as refused:
        return refused.code
    return "accepted"


def accepts(key: PublicKey | None, signed: SignedChallenge) -> bool:
    found = outcome(passkeys.signed, key, signed, CHALLENGE)
    assert found in ("accepted", "wrong_passkey")
    return found == "accepted"


def makes(made: MadePasskey) -> bool:
    found = outcome(passkeys.made, made, CHALLENGE)
    assert found in ("accepted", "bad_passkey")
    return found == "accepted"


@st.composite
def changed(draw, value: bytes) -> bytes:
    """Other bytes: one is changed, added or missing."""
    place = draw(st.integers(0, len(value) - 1))
    byte = value[place]
    other = draw(st.integers(0, 255).filter(lambda one: one != byte))
    how = draw(st.sampled_from(["change", "add", "remove"]))
    if how == "change":
        return value[:place] + bytes([other]) + value[place + 1 :]
    if how == "add":
        return value + bytes([other])
    return value[:-1]


SIGNED_PARTS = ("client_data", "authenticator_data", "signature")


@pytest.mark.parametrize(
    ("owner", "signed"),
    [(owner, signed) for owner, (signed, _) in zip(OWNERS, ANSWERS, strict=True)],
    ids=["es256", "rs256"],
)
@settings(deadline=None, max_examples=300)
@given(data=st.data())
def test_no_answer_that_was_changed_signs_in(owner, signed, data):
    """In whatever byte: of the signature, or in the challenge, the origin, the hash of the domain,
    the flags or the count, which are signed."""
    assert accepts(owner.key, signed)
    part = data.draw(st.sampled_from(SIGNED_PARTS))
    other = data.draw(changed(getattr(signed, part)))
    assert not accepts(owner.key, replace(signed, **{part: other}))


@settings(deadline=None, max_examples=100)
@given(data=st.data())
def test_no_mixture_of_two_answers_signs_in(data):
    """Neither of two sign-ins with one passkey, nor of those of two people."""
    owner, (one, later) = data.draw(st.sampled_from([*zip(OWNERS, ANSWERS, strict=True)]))
    other = data.draw(st.sampled_from([later, STRANGERS_ANSWER]))
    names = [field.name for field in fields(SignedChallenge) if field.name != "handle"]
    taken = data.draw(st.sets(st.sampled_from(names)))
    mixed = replace(one, **{name: getattr(other, name) for name in taken})
    # The same bytes by chance, such as the data of a device that does not count.
    is_whole = all(getattr(mixed, name) == getattr(one, name) for name in names)
    assert accepts(owner.key, mixed) is is_whole
    assert not accepts(STRANGER.key, one)
    assert not accepts(None, one)


@settings(deadline=None, max_examples=300)
@given(junk=st.fixed_dictionaries(dict.fromkeys((*SIGNED_PARTS, "handle"), st.binary())))
def test_whatever_is_sent_is_refused_and_breaks_nothing(junk):
    signed = SignedChallenge(credential_id=OWNERS[0].key.credential_id, **junk)
    assert not accepts(OWNERS[0].key, signed)
    assert not makes(MadePasskey(client_data=junk["client_data"], attestation=junk["signature"]))


SAID = {
    "another kind": {"type": "webauthn.create"},
    "no kind": {"type": None},
    "another origin": {"origin": "https://play.school.example.evil.example"},
    "a subdomain": {"origin": "https://x.play.school.example"},
    "plain http": {"origin": "http://play.school.example"},
    "another port": {"origin": "https://play.school.example:8443"},
    "no origin": {"origin": None},
    "odd challenge": {"challenge": ["a"]},
    "deep": {"tokenBinding": [[[[[]]]]]},
}


@pytest.mark.parametrize("said", SAID.values(), ids=SAID)
def test_what_the_browser_says_must_be_of_this_page(said, monkeypatch):
    """Also if it is signed well."""
    device = an_owner().device
    key = passkeys.made(device.make(CHALLENGE), CHALLENGE)
    usual = Device.client_data

    def saying(self, kind, challenge):
        return json.dumps(json.loads(usual(self, kind, challenge)) | said).encode()

    monkeypatch.setattr(Device, "client_data", saying)
    allowed = list(said) == ["tokenBinding"]  # old browsers send it; it means nothing
    assert accepts(key, device.sign(CHALLENGE)) is allowed


@pytest.mark.parametrize("flags", [0, PRESENT, VERIFIED])
def test_the_device_must_have_verified_who_is_there(flags):
    device = an_owner().device
    key = passkeys.made(device.make(CHALLENGE), CHALLENGE)
    device.flags = flags
    assert not accepts(key, device.sign(CHALLENGE))
    assert not makes(device.make(CHALLENGE))


def test_a_passkey_of_another_domain_is_refused():
    device = Device(origin=ORIGIN, domain="school.example")
    assert not makes(device.make(CHALLENGE))
    owner = an_owner()
    owner.device.domain = "school.example"
    assert not accepts(owner.key, owner.device.sign(CHALLENGE))


@settings(deadline=None, max_examples=200)
@given(data=st.data())
def test_a_new_passkey_that_was_changed_is_none_or_cannot_forge_the_page(data):
    """Nothing but the challenge vouches for a new passkey: nobody else has a key for it yet. So a
    change of its own numbers makes another passkey; of the page, domain or flags, none."""
    assert makes(MADE)
    said = data.draw(changed(MADE.client_data))
    if makes(replace(MADE, client_data=said)):
        told = json.loads(said)
        kept = json.loads(MADE.client_data)
        assert {name: told[name] for name in ("type", "challenge", "origin")} == {
            name: kept[name] for name in ("type", "challenge", "origin")
        }
    statement = data.draw(changed(MADE.attestation))
    if makes(replace(MADE, attestation=statement)):
        stated = cbor2.loads(statement)["authData"]
        kept = cbor2.loads(MADE.attestation)["authData"]
        assert stated[:32] == kept[:32]
        assert stated[32] & (PRESENT | VERIFIED) == PRESENT | VERIFIED


def test_keys_and_ids_of_another_size_or_kind_are_refused():
    long = Device(origin=ORIGIN, domain=DOMAIN, credential_id=b"x" * LONGEST_CREDENTIAL_ID)
    assert makes(long.make(CHALLENGE))
    for credential_id in (b"", b"x" * (LONGEST_CREDENTIAL_ID + 1)):
        device = Device(origin=ORIGIN, domain=DOMAIN, credential_id=credential_id)
        assert not makes(device.make(CHALLENGE))

    class Odd(Device):
        key = b""

        @property
        def public_key(self) -> bytes:
            return self.key

    point = {1: 2, 3: -7, -1: 1, -2: b"\x01" * 32, -3: b"\x01" * 32}
    for key in (
        b"",
        b"\x04",
        cbor2.dumps({}),
        cbor2.dumps(point),  # not on the curve
        cbor2.dumps({1: 1, 3: -8, -1: 6, -2: b"\x01" * 32}),  # not asked for
        cbor2.dumps({1: 3, 3: -257, -1: b"\xff" * 2000, -2: b"\x01\x00\x01"}),
    ):
        device = Odd(origin=ORIGIN, domain=DOMAIN)
        device.key = key
        assert not makes(device.make(CHALLENGE))


def test_without_an_address_nothing_is_accepted():
    off = WebAuthnPasskeys("")
    assert (off.origin, off.domain) == ("", "")
    device = Device(origin="", domain="")
    with pytest.raises(Refused):
        off.made(replace(device.make("c"), attestation=b"\x00"), "c")
