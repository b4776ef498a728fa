from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from neuroplay.core.errors import NotFound, Refused
from neuroplay.core.rules.passkeys import (
    CHALLENGE_S,
    LONGEST_PASSKEY_NAME,
    MOST_PASSKEYS,
    checked_passkey_name,
)
from neuroplay.core.use_cases.passkey_challenges import check_challenge, new_challenge
from tests.fakes.passkeys import DOMAIN, ORIGIN, FakeDevice
from tests.fakes.services import NOON, FakeSecrets
from tests.unit.core.test_adult_sign_in import MICE, School


class Owner(School):
    """Rita has joined, and has a laptop."""

    def __init__(self) -> None:
        super().__init__()
        self.session = self.join().session
        self.laptop = self.device()

    def device(self, **parts) -> FakeDevice:
        with self.store() as uow:
            handle = uow.adults.named("rita").handle
        return FakeDevice(**{"handle": handle} | parts)

    def add(self, device: FakeDevice | None = None, name: str = "Laptop"):
        challenge = self.begin_passkey.execute(self.session, MICE).question.challenge
        made = (device or self.laptop).make(challenge)
        return self.add_passkey.execute(self.session, challenge, name, made)

    def enter_by(self, device: FakeDevice | None = None):
        challenge = self.ask_for_passkey.execute().challenge
        return self.sign_in_with_passkey.execute(challenge, (device or self.laptop).sign(challenge))

    def own(self) -> list[str]:
        return [one.name for one in self.list_own_passkeys.execute(self.session.principal)]

    def lines(self) -> list[tuple[str, str, dict]]:
        """The audit's, of passkeys."""
        return [
            (row["who"], row["what"], row["details"])
            for row in self.store.tables.audit
            if "passkey" in row["what"]
        ]


@pytest.fixture
def rita() -> Owner:
    return Owner()


def refusal(do, *args, **kwargs) -> str:
    with pytest.raises(Refused) as refused:
        do(*args, **kwargs)
    return refused.value.code


def test_a_passkey_is_added_and_signs_in(rita):
    added = rita.add(name="  School   laptop ")
    assert (added.name, rita.own()) == ("School laptop", ["School laptop"])
    signed = rita.enter_by()
    assert rita.is_signed_in(signed)
    assert signed.session.principal == rita.session.principal
    assert rita.list_own_passkeys.execute(rita.session.principal)[0].last_used is not None
    assert rita.lines() == [
        ("adult:1", "passkey added", {"passkey": 1}),
        ("adult:1", "adult signed in with a passkey", {"passkey": 1}),
    ]


def test_a_browser_is_known_after_a_sign_in_with_a_passkey(rita):
    rita.add()
    signed = rita.enter_by()
    rita.enter(browser=signed.browser)
    assert rita.passphrases.verified[-1][1] is True


def test_what_a_browser_is_asked_names_the_page_the_adult_and_what_there_is(rita):
    rita.add()
    asked = rita.begin_passkey.execute(rita.session, MICE)
    assert (asked.question.origin, asked.question.domain) == (ORIGIN, DOMAIN)
    assert (asked.adult.name, asked.known) == ("Rita", (b"of a device",))
    assert rita.ask_for_passkey.execute().domain == DOMAIN


def test_a_passkey_asks_for_the_passphrase_again(rita):
    assert refusal(rita.begin_passkey.execute, rita.session, "another") == "wrong_old_passphrase"
    for _ in range(9):
        code = refusal(rita.begin_passkey.execute, rita.session, "another")
    assert code == "too_many_attempts"


@pytest.mark.parametrize("name", ["", " ", "x" * (LONGEST_PASSKEY_NAME + 1), "a\u0007b"])
def test_a_name_that_cannot_be_shown_is_refused(rita, name):
    assert refusal(rita.add, name=name) == "bad_passkey_name"
    assert rita.own() == []


@given(st.text(max_size=60))
def test_a_name_that_is_kept_is_short_and_stays_as_it_is(text):
    try:
        name = checked_passkey_name(text)
    except Refused:
        return
    assert 0 < len(name) <= LONGEST_PASSKEY_NAME
    assert checked_passkey_name(name) == name


def test_a_device_is_added_once(rita):
    rita.add()
    assert refusal(rita.add) == "passkey_not_added"
    assert rita.own() == ["Laptop"]


def test_there_are_so_many_passkeys_at_most(rita):
    for number in range(MOST_PASSKEYS):
        last = rita.begin_passkey.execute(rita.session, MICE).question.challenge
        rita.add(rita.device(credential_id=b"%d" % number))
    assert refusal(rita.begin_passkey.execute, rita.session, MICE) == "too_many_passkeys"
    late = rita.device(credential_id=b"late").make(last)
    assert refusal(rita.add_passkey.execute, rita.session, last, "Late", late)
    assert len(rita.own()) == MOST_PASSKEYS


def test_a_challenge_is_answered_once(rita):
    challenge = rita.begin_passkey.execute(rita.session, MICE).question.challenge
    made = rita.laptop.make(challenge)
    rita.add_passkey.execute(rita.session, challenge, "Laptop", made)
    rita.remove_passkey.execute(rita.session.principal, 1)
    again = rita.add_passkey.execute, rita.session, challenge, "Laptop", made
    assert refusal(*again) == "passkey_late"
    rita.add()
    challenge = rita.ask_for_passkey.execute().challenge
    signed = rita.laptop.sign(challenge)
    rita.sign_in_with_passkey.execute(challenge, signed)
    assert refusal(rita.sign_in_with_passkey.execute, challenge, signed) == "passkey_late"


def test_a_challenge_is_answered_in_time(rita):
    rita.add()
    challenge = rita.ask_for_passkey.execute().challenge
    rita.clock.forward(CHALLENGE_S)
    signed = rita.laptop.sign(challenge)
    assert refusal(rita.sign_in_with_passkey.execute, challenge, signed) == "passkey_late"


def test_a_challenge_is_of_one_purpose_and_of_one_sign_in(rita):
    rita.add()
    to_sign_in = rita.ask_for_passkey.execute().challenge
    other = rita.enter().session
    to_add = rita.begin_passkey.execute(other, MICE).question.challenge
    signed = rita.laptop.sign(to_add)
    assert refusal(rita.sign_in_with_passkey.execute, to_add, signed) == "passkey_late"
    phone = rita.device(credential_id=b"phone")
    for challenge in (to_sign_in, to_add):
        made = phone.make(challenge)
        add = rita.add_passkey.execute, rita.session, challenge, "Phone", made
        assert refusal(*add) == "passkey_late"


SECRETS = FakeSecrets()
MADE = new_challenge(SECRETS, "sign-in", NOON)


@given(st.data())
def test_no_challenge_is_accepted_that_was_not_made(data):
    """Neither one that was changed, which would last longer, nor any other text."""
    check_challenge(SECRETS, "sign-in", MADE, NOON)
    place = data.draw(st.integers(0, len(MADE) - 1))
    changed = MADE[:place] + data.draw(st.characters()) + MADE[place + 1 :]
    for one in (changed, data.draw(st.text(max_size=300)), MADE + "0"):
        if one != MADE:
            assert refusal(check_challenge, SECRETS, "sign-in", one, NOON) == "passkey_late"


def test_a_challenge_of_a_clock_that_was_ahead_is_late():
    check_challenge(SECRETS, "sign-in", MADE, NOON - timedelta(minutes=10))
    before = NOON - timedelta(minutes=11)
    assert refusal(check_challenge, SECRETS, "sign-in", MADE, before) == "passkey_late"


def test_challenges_outlive_the_change_of_the_secret():
    old = FakeSecrets("old")
    challenge = new_challenge(old, "sign-in", NOON)
    check_challenge(FakeSecrets("new", old=old), "sign-in", challenge, NOON)
    assert refusal(check_challenge, FakeSecrets("new"), "sign-in", challenge, NOON)


def test_wrong_ones_are_counted_and_a_right_one_never_waits(rita):
    rita.add()
    forged = replace(rita.laptop, secret=b"another")
    codes = [refusal(rita.enter_by, forged) for _ in range(7)]
    assert codes == ["wrong_passkey"] * 5 + ["too_many_attempts"] * 2
    assert rita.is_signed_in(rita.enter_by())
    assert refusal(rita.enter_by, forged) == "wrong_passkey"


def test_what_is_unknown_and_what_is_wrong_are_told_alike(rita):
    rita.add()
    nobodys = rita.device(credential_id=b"nobody's")
    forged = replace(rita.laptop, secret=b"another")
    for device in (nobodys, forged):
        with pytest.raises(Refused) as refused:
            rita.enter_by(device)
        assert refused.value.code == "wrong_passkey"
        assert "removed" in refused.value.message


def test_wrong_ones_are_noted_once_in_a_while(rita):
    rita.add()
    forged = replace(rita.laptop, secret=b"another")
    nobodys = rita.device(credential_id=b"nobody's")
    for device in (forged, nobodys, forged, nobodys):
        refusal(rita.enter_by, device)
    noted = [row["target"] for row in rita.store.tables.audit if row["what"] == "wrong passkey"]
    assert noted == ["adult 1", "adult unknown"]


@pytest.mark.parametrize("handle", [b"", b"another's"])
def test_a_device_that_means_another_account_is_refused(rita, handle):
    rita.add()
    assert refusal(rita.enter_by, replace(rita.laptop, handle=handle)) == "wrong_passkey"


def test_a_copy_of_a_key_is_refused(rita):
    counting = rita.device(count=1)
    rita.add(counting)
    copy = replace(counting)
    rita.enter_by(counting)
    assert refusal(rita.enter_by, copy) == "wrong_passkey"


def test_of_two_who_sign_with_copies_at_once_one_is_refused(rita):
    """Both were checked before either was recorded."""
    counting = rita.device(count=1)
    rita.add(counting)
    copy = replace(counting)
    checks = rita.passkeys.signed

    def meanwhile(key, signed, challenge):
        rita.passkeys.signed = checks
        rita.enter_by(copy)
        return checks(key, signed, challenge)

    rita.passkeys.signed = meanwhile
    assert refusal(rita.enter_by, counting) == "wrong_passkey"


def test_a_passkey_that_is_removed_signs_nobody_in(rita):
    rita.add()
    rita.remove_passkey.execute(rita.session.principal, 1)
    assert rita.own() == []
    assert refusal(rita.enter_by) == "wrong_passkey"
    assert rita.lines()[-2] == ("adult:1", "passkey removed", {"passkey": 1})
    for number in (1, 0, -1, 10**12):
        with pytest.raises(NotFound):
            rita.remove_passkey.execute(rita.session.principal, number)


def test_an_operator_removes_one_or_all(rita):
    for name in ("laptop", "phone", "key"):
        rita.add(rita.device(credential_id=name.encode()), name=name)
    adult, gone = rita.remove_adults_passkeys.execute("Rita", passkey_id=2, who="root")
    assert (adult.name, [one.name for one in gone], rita.own()) == (
        "Rita",
        ["phone"],
        ["laptop", "key"],
    )
    _, gone = rita.remove_adults_passkeys.execute("Rita", passkey_id=None, who="root")
    assert ([one.name for one in gone], rita.own()) == (["laptop", "key"], [])
    assert [line for line in rita.lines() if line[0] == "root"] == [
        ("root", "passkey removed", {"passkey": number}) for number in (2, 1, 3)
    ]
    with pytest.raises(NotFound):
        rita.remove_adults_passkeys.execute("Rita", passkey_id=2, who="root")


def test_an_operator_sees_the_passkeys(rita):
    rita.add()
    assert [one.name for one in rita.list_adults.one("Rita").passkeys] == ["Laptop"]


def test_the_end_of_an_account_is_the_end_of_its_passkeys(rita):
    rita.add()
    rita.end_adult.execute("Rita", who="root")
    assert refusal(rita.enter_by) == "wrong_passkey"
    assert rita.store.tables.adult_passkeys == {}


def test_a_new_link_ends_passkeys_when_it_is_used_and_says_so(rita):
    rita.add()
    link = rita.reset_adult.execute("Rita", who="root").token
    assert rita.is_signed_in(rita.enter_by())
    rita.join_adult.execute(link, "four calling birds")
    assert refusal(rita.enter_by) == "wrong_passkey"
    reset = [row for row in rita.store.tables.audit if row["what"] == "passphrase reset"]
    assert [row["details"] for row in reset] == [{"passkeys": [1]}]


def test_a_passkey_is_not_added_by_a_sign_in_that_ended(rita):
    challenge = rita.begin_passkey.execute(rita.session, MICE).question.challenge
    made = rita.laptop.make(challenge)
    rita.end_adults_sign_ins.execute("Rita", who="root")
    add = rita.add_passkey.execute, rita.session, challenge, "Laptop", made
    assert refusal(*add) == "unauthorized"
    assert rita.store.tables.adult_passkeys == {}


def test_another_passphrase_keeps_the_passkeys(rita):
    rita.add()
    rita.change_passphrase.execute(rita.session, MICE, "four calling birds")
    assert rita.is_signed_in(rita.enter_by())


def test_without_an_address_there_are_no_passkeys(rita):
    challenge = rita.begin_passkey.execute(rita.session, MICE).question.challenge
    to_sign_in = rita.ask_for_passkey.execute().challenge
    rita.passkeys.origin = ""
    for refused in (
        refusal(rita.ask_for_passkey.execute),
        refusal(rita.begin_passkey.execute, rita.session, MICE),
        refusal(
            rita.add_passkey.execute, rita.session, challenge, "L", rita.laptop.make(challenge)
        ),
        refusal(rita.sign_in_with_passkey.execute, to_sign_in, rita.laptop.sign(to_sign_in)),
    ):
        assert refused == "passkeys_off"


def test_what_cannot_be_used_is_not_added(rita):
    challenge = rita.begin_passkey.execute(rita.session, MICE).question.challenge
    made = rita.laptop.make("another challenge")
    add = rita.add_passkey.execute, rita.session, challenge, "Laptop", made
    assert refusal(*add) == "bad_passkey"


def test_answered_challenges_are_forgotten(rita):
    rita.add()
    assert rita.store.tables.adult_challenges
    rita.clock.forward(2 * 86_400)
    rita.retain.execute()
    assert rita.store.tables.adult_challenges == {}


def test_devices_tell_accounts_apart(rita):
    with rita.store() as uow:
        adult = uow.adults.named("rita")
    assert len(adult.handle) == 32
    assert adult.handle != replace(adult, adult_id=2).handle
    assert adult.handle != replace(adult, created_at=NOON.replace(year=2020)).handle
