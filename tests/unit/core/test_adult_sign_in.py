from __future__ import annotations

import pytest

from neuroplay.core.entities.adult import AdultRole
from neuroplay.core.errors import NotFound, Refused
from neuroplay.core.system import UseCases
from tests.fakes.ports import fake_ports
from tests.fakes.services import FakeAttempts, FakeClock, FakePassphrases, FakeSecrets
from tests.fakes.unit_of_work import FakeStore
from tests.unit.core.test_adults import DAY

MICE = "three blind mice"


class School(UseCases):
    """3A, with Rita, its teacher, who has joined."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.store = FakeStore(self.clock)
        self.passphrases, self.attempts = FakePassphrases(), FakeAttempts()
        super().__init__(
            fake_ports(
                self.store,
                self.clock,
                passphrases=self.passphrases,
                adult_attempts=self.attempts,
                secrets=FakeSecrets(),
            )
        )
        self.create_class.execute("3A", 2, language="en")
        self.link = self.invite_adult.execute(
            "Rita", role=AdultRole.TEACHER, classes=["3A"], who="operator"
        ).token

    def join(self, passphrase: str = MICE):
        return self.join_adult.execute(self.link, passphrase)

    def enter(self, name: str = "Rita", passphrase: str = MICE, browser: str = ""):
        return self.sign_in_adult.execute(name, passphrase, browser=browser)

    def refusal(self, *args, **kwargs) -> str:
        with pytest.raises(Refused) as refused:
            self.enter(*args, **kwargs)
        return refused.value.code

    def is_signed_in(self, signed) -> bool:
        try:
            self.authenticate_adult.execute(signed.token)
        except Refused:
            return False
        return True

    def audited(self) -> list[str]:
        return [row["what"] for row in self.store.tables.audit if row["who"] == "adult:1"]


@pytest.fixture
def school() -> School:
    return School()


@pytest.fixture
def joined(school) -> School:
    school.join()
    return school


def test_opening_an_invitation_uses_nothing_up(school):
    for _ in range(3):
        link, classes = school.open_invitation.execute(school.link)
    assert (link.adult.name, link.adult.passphrase, classes) == ("Rita", None, [(1, "3A")])


def test_joining_sets_the_passphrase_and_signs_in(school):
    signed = school.join()
    assert school.is_signed_in(signed)
    assert school.authenticate_adult.execute(signed.token) == signed.session
    assert school.is_signed_in(school.enter())
    assert school.audited() == ["adult joined", "adult signed in"]


def test_a_weak_passphrase_uses_no_link_up(school):
    with pytest.raises(Refused, match="at least"):
        school.join("short")
    assert school.is_signed_in(school.join())


def test_a_link_that_was_used_is_told_so(joined):
    for ask in (lambda: joined.open_invitation.execute(joined.link), joined.join):
        with pytest.raises(Refused) as refused:
            ask()
        assert refused.value.code == "link_used"


def test_a_link_that_is_late_is_told_so(school):
    school.clock.forward(DAY - 1)
    school.open_invitation.execute(school.link)
    school.clock.forward(1)
    refused_as_late(school)


def test_a_link_of_a_clock_that_was_ahead_is_late(school):
    school.clock.forward(-9 * 60)
    school.open_invitation.execute(school.link)
    school.clock.forward(-60)
    refused_as_late(school)


def refused_as_late(school):
    for ask in (lambda: school.open_invitation.execute(school.link), school.join):
        with pytest.raises(Refused) as refused:
            ask()
        assert refused.value.code == "link_late"


@pytest.mark.parametrize("token", ["", "unknown", "é", "x" * 1000])
def test_a_link_that_nobody_made_is_told_so(school, token):
    with pytest.raises(NotFound) as refused:
        school.open_invitation.execute(token)
    assert refused.value.code == "link_unknown"
    with pytest.raises(NotFound):
        school.join_adult.execute(token, MICE)


def test_of_two_who_use_a_link_at_once_one_is_told(school):
    school.passphrases.hash = lambda _: school_joins_meanwhile(school)
    with pytest.raises(Refused) as refused:
        school.join("another passphrase")
    assert refused.value.code == "link_used"
    assert school.is_signed_in(school.enter())


def school_joins_meanwhile(school) -> str:
    del school.passphrases.hash
    school.join()
    return "hash"


def test_a_new_link_resets_the_passphrase_and_ends_the_other_sign_ins(joined):
    before = joined.enter()
    joined.link = joined.reset_adult.execute("Rita", who="operator").token
    assert joined.is_signed_in(before)
    link, _ = joined.open_invitation.execute(joined.link)
    assert link.adult.passphrase is not None
    after = joined.join("four calling birds")
    assert (joined.is_signed_in(before), joined.is_signed_in(after)) == (False, True)
    assert joined.refusal() == "wrong_passphrase"
    assert joined.audited()[-1] == "passphrase reset"


@pytest.mark.parametrize("name", ["rita", " RITA ", "Ríta"])
def test_case_and_accents_of_the_name_do_not_matter(joined, name):
    assert joined.is_signed_in(joined.enter(name))


@pytest.mark.parametrize(
    ("name", "passphrase"),
    [
        ("Rita", "three blind cats"),
        ("Rosa", MICE),
        ("", MICE),
        ("x" * 5000, MICE),
        ("Rita", ""),
        ("Rita", MICE + "x" * 5000),
    ],
)
def test_wrong_ones_are_told_alike_and_cost_the_same(joined, name, passphrase):
    joined.passphrases.verified.clear()
    assert joined.refusal(name, passphrase) == "wrong_passphrase"
    assert len(joined.passphrases.verified) == 1


def test_an_adult_who_has_not_joined_cannot_sign_in(school):
    assert school.refusal("Rita", "") == "wrong_passphrase"


def test_after_some_failures_a_name_waits_and_costs_nothing(joined):
    for _ in range(joined.attempts.limit):
        assert joined.refusal(passphrase="three blind cats") == "wrong_passphrase"
    joined.passphrases.verified.clear()
    assert joined.refusal() == "too_many_attempts"
    assert joined.refusal("RITA") == "too_many_attempts"
    assert joined.passphrases.verified == []
    assert joined.refusal("Rosa") == "wrong_passphrase"


def test_strangers_keep_nobody_out_of_the_own_browser(joined):
    browser = joined.enter().browser
    for _ in range(joined.attempts.limit):
        joined.refusal(passphrase="three blind cats")
    joined.attempts.everybody_s = 60.0
    joined.passphrases.is_busy = True
    assert joined.refusal() == "too_many_attempts"
    assert joined.is_signed_in(joined.enter(browser=browser))


def test_a_browser_is_known_for_its_own_adult_only(joined):
    browser = joined.enter().browser
    joined.attempts.everybody_s = 60.0
    assert joined.refusal("Rosa", browser=browser) == "too_many_attempts"
    for forged in (browser[:-1], "x." + browser.rpartition(".")[2], "é.", ".", "x" * 9000):
        assert joined.refusal(browser=forged) == "too_many_attempts"


def test_a_known_browser_waits_for_its_own_failures(joined):
    browser = joined.enter().browser
    for _ in range(joined.attempts.limit):
        joined.refusal(passphrase="three blind cats", browser=browser)
    assert joined.refusal(browser=browser) == "too_many_attempts"
    assert joined.is_signed_in(joined.enter())


def test_a_new_link_works_whatever_strangers_do(joined):
    joined.attempts.everybody_s = 60.0
    joined.link = joined.reset_adult.execute("Rita", who="operator").token
    assert joined.is_signed_in(joined.join("four calling birds"))


def test_a_success_forgets_failures(joined):
    for _ in range(3):
        for _ in range(joined.attempts.limit - 1):
            joined.refusal(passphrase="three blind cats")
        joined.enter()


def test_a_hash_of_an_earlier_release_is_renewed(joined):
    joined.passphrases.way = "2"
    joined.enter()
    assert joined.store.tables.adults[1].passphrase == f"2:{MICE[::-1]}"
    joined.enter()


def test_who_changes_the_passphrase_ends_an_open_link(joined):
    here = joined.enter()
    joined.link = joined.reset_adult.execute("Rita", who="operator").token
    joined.change_passphrase.execute(here.session, MICE, "four calling birds")
    with pytest.raises(Refused) as refused:
        joined.join("five golden rings")
    assert refused.value.code == "link_late"


def test_a_passphrase_that_was_replaced_during_the_check_stays_so(joined):
    here = joined.enter()
    verify = joined.passphrases.verify

    def replaced(*args, **kwargs) -> bool:
        joined.link = joined.reset_adult.execute("Rita", who="operator").token
        joined.join("five golden rings")
        return verify(*args, **kwargs)

    joined.passphrases.verify = replaced
    with pytest.raises(Refused) as refused:
        joined.change_passphrase.execute(here.session, MICE, "four calling birds")
    assert refused.value.code == "unauthorized"
    joined.passphrases.verify = verify
    assert joined.is_signed_in(joined.enter(passphrase="five golden rings"))


def test_another_passphrase_ends_all_sign_ins_and_copies_of_the_own_cookie(joined):
    here, there = joined.enter(), joined.enter()
    now = joined.change_passphrase.execute(here.session, MICE, "four calling birds")
    assert [joined.is_signed_in(one) for one in (here, there, now)] == [False, False, True]
    assert joined.refusal() == "wrong_passphrase"
    assert joined.is_signed_in(joined.enter(passphrase="four calling birds"))
    assert "passphrase changed" in joined.audited()


def test_a_sign_in_that_was_ended_during_the_check_changes_no_passphrase(joined):
    here = joined.enter()
    verify = joined.passphrases.verify

    def ended(*args, **kwargs) -> bool:
        joined.end_adults_sign_ins.execute("Rita", who="operator")
        return verify(*args, **kwargs)

    joined.passphrases.verify = ended
    with pytest.raises(Refused) as refused:
        joined.change_passphrase.execute(here.session, MICE, "four calling birds")
    assert refused.value.code == "unauthorized"
    joined.passphrases.verify = verify
    assert joined.is_signed_in(joined.enter())


def test_who_finds_an_open_page_cannot_change_the_passphrase(joined):
    here = joined.enter()

    def refusal(old: str, new: str) -> str:
        with pytest.raises(Refused) as refused:
            joined.change_passphrase.execute(here.session, old, new)
        return refused.value.code

    assert refusal(MICE, "short") == "weak_passphrase"
    for _ in range(joined.attempts.limit):
        assert refusal("a guess that is wrong", "four calling birds") == "wrong_old_passphrase"
    assert refusal(MICE, "four calling birds") == "too_many_attempts"
    assert joined.is_signed_in(joined.enter())


def test_replacing_the_secret_asks_at_most_for_the_passphrase_again(joined):
    signed = joined.enter()

    def ports(secrets: FakeSecrets) -> UseCases:
        return UseCases(
            fake_ports(joined.store, joined.clock, passphrases=joined.passphrases, secrets=secrets)
        )

    both = ports(FakeSecrets("new", old=FakeSecrets()))
    assert both.authenticate_adult.execute(signed.token) == signed.session
    after = ports(FakeSecrets("new"))
    with pytest.raises(Refused):
        after.authenticate_adult.execute(signed.token)
    again = after.sign_in_adult.execute("Rita", MICE)
    assert after.authenticate_adult.execute(again.token).principal.name == "Rita"


def test_failures_are_in_the_audit_once_in_a_quarter_of_an_hour(joined):
    def recorded() -> list[str]:
        audit = joined.store.tables.audit
        return [row["target"] for row in audit if row["what"] == "wrong passphrase"]

    for name in ("Rita", "Rita", "Rosa", "Ravi"):
        joined.refusal(name, "three blind cats")
    assert recorded() == ["adult 1", "adult unknown"]
    joined.clock.forward(15 * 60)
    joined.refusal("Rita", "three blind cats")
    assert recorded() == ["adult 1", "adult unknown", "adult 1"]


def test_a_store_that_takes_no_writes_still_tells_a_wrong_passphrase(joined):
    joined.store.commits_until_away = 0
    assert joined.refusal("Rita", "three blind cats") == "wrong_passphrase"


def test_a_passphrase_that_is_replaced_while_it_is_checked_opens_nothing(joined, monkeypatch):
    verify = joined.passphrases.verify

    def replaced_meanwhile(stored, passphrase, *, known):
        joined.link = joined.reset_adult.execute("Rita", who="operator").token
        joined.join("four small green hats")
        return verify(stored, passphrase, known=known)

    joined.passphrases.way = "2"  # so that a sign-in would store a new hash
    monkeypatch.setattr(joined.passphrases, "verify", replaced_meanwhile)
    assert joined.refusal() == "wrong_passphrase"
    monkeypatch.undo()
    assert joined.refusal() == "wrong_passphrase"
    assert joined.is_signed_in(joined.enter(passphrase="four small green hats"))


@pytest.mark.parametrize("leave", ["end_adult", "erase_adult"])
def test_an_account_that_ends_while_the_passphrase_is_checked_opens_nothing(
    joined, monkeypatch, leave
):
    verify = joined.passphrases.verify

    def gone_meanwhile(stored, passphrase, *, known):
        getattr(joined, leave).execute("Rita", who="operator")
        return verify(stored, passphrase, known=known)

    monkeypatch.setattr(joined.passphrases, "verify", gone_meanwhile)
    assert joined.refusal() == "wrong_passphrase"
    assert not joined.store.tables.adult_sign_ins
