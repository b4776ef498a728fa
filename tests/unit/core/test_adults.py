from __future__ import annotations

import pytest

from neuroplay.core.entities.adult import AdultRole
from neuroplay.core.errors import NotFound, Refused
from neuroplay.core.system import UseCases
from tests.fakes.ports import fake_ports
from tests.fakes.services import FakeClock, FakeLedger
from tests.fakes.unit_of_work import FakeStore

DAY = 86_400


class School(UseCases):
    """3A and 4B, and how adults are invited."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.store = FakeStore(self.clock)
        self.ledger = FakeLedger()
        super().__init__(fake_ports(self.store, self.clock, record_erasures=self.ledger))
        for name in ("3A", "4B"):
            self.create_class.execute(name, 2, language="en")

    def invite(self, name: str = "Rita", *classes: str, role: AdultRole = AdultRole.TEACHER):
        return self.invite_adult.execute(
            name, role=role, classes=classes or ("3A",), who="operator"
        )

    def audited(self) -> list[str]:
        return [row["what"] for row in self.store.tables.audit if row["target"] == "adult 1"]


@pytest.fixture
def school() -> School:
    return School()


def test_an_invitation_is_for_one_adult_and_the_classes(school):
    made = school.invite("Rita", "3A", "4B")
    assert (made.adult.name, made.adult.class_ids) == ("Rita", (1, 2))
    assert made.expires_at > school.clock()
    (listed,) = school.list_adults.execute()
    assert [one.name for one in listed.classes] == ["3A", "4B"]
    assert listed.invited_until == made.expires_at
    assert school.audited() == ["adult invited"]
    assert "Rita" not in str(school.store.tables.audit)


def test_the_school_is_given_no_classes(school):
    made = school.invite_adult.execute("Office", role=AdultRole.SCHOOL, who="operator")
    assert made.adult.principal.sees(2)
    with pytest.raises(Refused, match="every class"):
        school.invite("Another", "3A", role=AdultRole.SCHOOL)
    with pytest.raises(Refused, match="every class"):
        school.change_adults_classes.execute("Office", add=["3A"], who="operator")


def test_a_teacher_without_a_class_is_not_invited(school):
    with pytest.raises(Refused) as refused:
        school.invite_adult.execute("Rita", role=AdultRole.TEACHER, who="operator")
    assert refused.value.code == "no_classes"
    assert school.list_adults.execute() == []


@pytest.mark.parametrize("name", ["rita", "RITA", "Ríta", "Ri ta"])
def test_a_name_that_looks_like_anothers_is_taken(school, name):
    school.invite("Rita")
    with pytest.raises(Refused) as refused:
        school.invite(name)
    assert refused.value.code == "name_taken"
    assert "adult reset" in refused.value.hint


def test_a_bare_number_is_no_adult(school):
    school.invite("Rita")
    with pytest.raises(Refused) as refused:
        school.list_adults.one("1")
    assert (refused.value.code, refused.value.hint) == (
        "ambiguous_adult",
        "If you mean that one, use id:1",
    )
    assert school.list_adults.one("id:1").adult.name == "Rita"
    with pytest.raises(Refused, match="no adult's name"):
        school.list_adults.one("2")


@pytest.mark.parametrize("ref", ["Rosa", "id:9", "id:", "id:99999999999999999999999", "code:1"])
def test_nobody_is_told_with_those_there_are(school, ref):
    with pytest.raises(NotFound, match="there is no adult") as refused:
        school.list_adults.one(ref)
    assert "invite" in refused.value.hint
    school.invite("Rita")
    with pytest.raises(NotFound) as refused:
        school.list_adults.one(ref)
    assert refused.value.hint == "There is: Rita"


def test_classes_are_given_and_taken_away(school):
    school.invite("Rita", "3A")
    changed = school.change_adults_classes.execute(
        "rita", add=["4B"], remove=["3A"], who="operator"
    )
    assert [one.name for one in changed.classes] == ["4B"]
    assert school.list_adults.one("Rita") == changed
    with pytest.raises(NotFound):
        school.change_adults_classes.execute("rita", add=["9Z"], who="operator")


def test_a_new_link_makes_the_old_one_late(school):
    old = school.invite("Rita")
    new = school.reset_adult.execute("Rita", who="operator")
    school.open_invitation.execute(new.token)
    with pytest.raises(Refused) as refused:
        school.open_invitation.execute(old.token)
    assert refused.value.code == "link_late"


def test_the_end_of_an_account_ends_everything_and_is_recorded_outside(school):
    made = school.invite("Rita")
    signed = school.join_adult.execute(made.token, "three blind mice")
    open_link = school.reset_adult.execute("Rita", who="operator")
    school.end_adult.execute("Rita", who="operator")
    with pytest.raises(Refused):
        school.authenticate_adult.execute(signed.token)
    with pytest.raises(Refused):
        school.sign_in_adult.execute("Rita", "three blind mice")
    with pytest.raises(NotFound):
        school.open_invitation.execute(open_link.token)
    for change in (
        lambda: school.reset_adult.execute("Rita", who="operator"),
        lambda: school.change_adults_classes.execute("Rita", add=["4B"], who="operator"),
    ):
        with pytest.raises(Refused) as refused:
            change()
        assert refused.value.code == "adult_ended"
    with pytest.raises(Refused, match="already") as refused:
        school.invite("Rita")
    assert "erase" in refused.value.hint
    (recorded,) = school.ledger.erasures
    assert (recorded.kind, recorded.number) == ("leaver", 1)
    assert "adult ended" in school.audited()


def test_an_adult_is_erased_and_may_be_invited_again(school):
    school.invite("Rita")
    school.erase_adult.execute("Rita", who="operator")
    assert school.list_adults.execute() == []
    assert school.ledger.erasures[0].kind == "adult"
    assert school.audited() == ["adult invited", "adult erased"]
    assert school.invite("Rita").adult.adult_id == 2


def test_if_the_ledger_cannot_be_written_the_account_goes_on(school):
    school.invite("Rita")
    school.ledger.broken = OSError("disk full")
    with pytest.raises(OSError, match="disk full"):
        school.end_adult.execute("Rita", who="operator")
    assert school.list_adults.one("Rita").adult.ended_at is None


def test_an_operator_signs_an_adult_out_everywhere(school):
    first = school.join_adult.execute(school.invite("Rita").token, "three blind mice")
    second = school.sign_in_adult.execute("Rita", "three blind mice")
    adult, ended = school.end_adults_sign_ins.execute("Rita", who="operator")
    assert (adult.name, ended) == ("Rita", 2)
    for signed in (first, second):
        with pytest.raises(Refused):
            school.authenticate_adult.execute(signed.token)
    school.sign_in_adult.execute("Rita", "three blind mice")
