"""Adults, their classes, invitations and sign-ins."""

from __future__ import annotations

import pytest

from neuroplay.core.entities.adult import AdultRole
from neuroplay.core.errors import NotFound
from neuroplay.core.rules.adult_sign_ins import MOST_SIGN_INS
from tests.fakes.services import NOON


@pytest.fixture
def rita(store, school) -> int:
    """A teacher of 3A."""
    with store() as uow:
        adult = uow.adults.add("Rita Sá", "ritasa", AdultRole.TEACHER)
        uow.adults.set_classes(adult.adult_id, [school.class_id])
        uow.commit()
    return adult.adult_id


def test_an_adult_has_the_name_role_and_classes_that_were_given(store, school, rita):
    with store() as uow:
        adult = uow.adults.get(rita)
        assert (adult.name, adult.role, adult.class_ids) == ("Rita Sá", "teacher", (1,))
        assert (adult.passphrase, adult.ended_at) == (None, None)
        assert uow.adults.named("ritasa") == adult
        assert uow.adults.all() == [adult]
        assert uow.adults.get(9) is None
        assert uow.adults.named("rita") is None


def test_a_name_is_taken_once(store, rita):
    with store() as uow:
        assert uow.adults.add("RITA SA", "ritasa", AdultRole.SCHOOL) is None
        assert uow.adults.get(rita).name == "Rita Sá"


def test_classes_are_replaced_as_a_whole(store, school, rita):
    with store() as uow:
        other = uow.classes.add("4B", "B4B4B").class_id
        uow.adults.set_classes(rita, [other])
        assert uow.adults.get(rita).class_ids == (other,)
        uow.adults.set_classes(rita, [other, school.class_id])
        assert uow.adults.get(rita).class_ids == (school.class_id, other)
        uow.adults.set_classes(rita, [])
        assert uow.adults.get(rita).class_ids == ()


def test_a_class_is_added_beside_the_others_unless_the_account_has_ended(store, school, rita):
    with store() as uow:
        other = uow.classes.add("4B", "B4B4B").class_id
        for _ in range(2):
            uow.adults.add_class(rita, other)
            assert uow.adults.get(rita).class_ids == (school.class_id, other)
        uow.adults.end(rita)
        uow.adults.add_class(rita, other)
        assert uow.adults.get(rita).class_ids == ()


def test_a_class_that_does_not_exist_cannot_be_given(store, rita):
    with store() as uow, pytest.raises(NotFound, match="no such class"):
        uow.adults.set_classes(rita, [99])


def test_a_class_that_is_erased_is_nobodys(store, rita):
    with store() as uow:
        empty = uow.classes.add("4B", "B4B4B").class_id
        uow.adults.set_classes(rita, [empty])
        uow.classes.remove(empty)
        assert uow.adults.get(rita).class_ids == ()


def test_a_link_works_once(store, rita):
    with store() as uow:
        expires_at = uow.adults.add_link(rita, b"link")
        uow.commit()
    with store() as uow:
        assert uow.adults.open_link(rita) == expires_at
        link = uow.adults.link([b"other", b"link"])
        assert (link.adult.adult_id, link.used_at, link.is_late) == (rita, None, False)
        assert uow.adults.use_link([b"other", b"link"]).adult_id == rita
        assert uow.adults.use_link([b"link"]) is None
        assert uow.adults.link([b"link"]).used_at is not None
        assert uow.adults.open_link(rita) is None
        assert uow.adults.link([b"other"]) is None


def test_a_newer_link_replaces_an_older_one(store, rita):
    with store() as uow:
        uow.adults.add_link(rita, b"old")
        uow.commit()
    with store() as uow:
        uow.adults.add_link(rita, b"new")
        assert uow.adults.link([b"old"]).is_late
        assert uow.adults.use_link([b"old"]) is None
        assert uow.adults.use_link([b"new"]) is not None


def test_a_link_that_is_ended_is_late_and_those_of_others_are_not(store, rita):
    with store() as uow:
        other = uow.adults.add("Office", "office", AdultRole.SCHOOL).adult_id
        uow.adults.add_link(rita, b"link")
        uow.adults.add_link(other, b"other")
        uow.adults.end_links(rita)
        assert uow.adults.link([b"link"]).is_late
        assert uow.adults.open_link(rita) is None
        assert uow.adults.use_link([b"link"]) is None
        assert uow.adults.open_link(other) is not None


@pytest.mark.parametrize("shared", [True, False])
def test_an_account_is_locked_as_it_is_then(store, rita, shared):
    with store() as uow:
        assert uow.adults.lock(rita, shared=shared) == uow.adults.get(rita)
        assert uow.adults.lock(9, shared=shared) is None


def test_a_sign_in_is_found_by_its_hash_until_it_is_ended(store, rita):
    with store() as uow:
        for token in (b"one", b"two", b"three"):
            uow.adults.add_sign_in(rita, token)
        found = uow.adults.sign_in([b"none", b"one"])
        assert (found.token_hash, found.adult.adult_id, found.unused) == (b"one", rita, False)
        uow.adults.note_use(b"one")
        uow.adults.end_sign_in(b"one")
        assert uow.adults.sign_in([b"one"]) is None
        assert len(uow.adults.sign_ins(rita)) == 2
        assert uow.adults.end_sign_ins(rita) == 2
        assert uow.adults.sign_in([b"two", b"three"]) is None


def test_an_adult_is_signed_in_so_many_times_at_most(store, rita):
    with store() as uow:
        for number in range(MOST_SIGN_INS + 3):
            uow.adults.add_sign_in(rita, bytes([number]))
        assert len(uow.adults.sign_ins(rita)) == MOST_SIGN_INS


def test_the_end_of_an_account_leaves_only_the_name(store, rita):
    with store() as uow:
        uow.adults.set_passphrase(rita, "hash")
        assert uow.adults.get(rita).passphrase == "hash"
        uow.adults.add_link(rita, b"link")
        uow.adults.add_sign_in(rita, b"token")
        uow.adults.end(rita)
        uow.commit()
    with store() as uow:
        adult = uow.adults.get(rita)
        assert (adult.name, adult.passphrase, adult.class_ids) == ("Rita Sá", None, ())
        assert adult.ended_at is not None
        assert uow.adults.sign_in([b"token"]) is None
        assert uow.adults.link([b"link"]) is None
        uow.adults.set_passphrase(rita, "hash")
        assert uow.adults.get(rita).passphrase is None
        uow.adults.end(rita)
        assert uow.adults.get(rita).ended_at == adult.ended_at


def test_an_adult_is_erased_with_everything(store, rita):
    with store() as uow:
        uow.adults.add_link(rita, b"link")
        uow.adults.add_sign_in(rita, b"token")
        uow.adults.erase(rita)
        assert uow.adults.get(rita) is None
        assert uow.adults.all() == []
        assert uow.adults.sign_in([b"token"]) is None
        assert uow.adults.add("Rita Sá", "ritasa", AdultRole.TEACHER).adult_id > rita


def test_the_audit_names_adults_until_they_are_erased(store, school, rita):
    with store() as uow:
        for who in (f"adult:{rita}", "adult:99", "operator"):
            uow.audit.add(
                who=who,
                what="sync approved",
                target=f"student {school.ana}",
                details={"inbox_id": 7, "reason": "I was there"},
                now=NOON,
            )
        named = [f"Rita Sá (adult:{rita})", "adult:99", "operator"]
        assert [one.who for one in uow.audit.about(school.ana)] == named
        assert [one.who for one in uow.audit.decisions(school.ana, 7)] == named
        uow.adults.erase(rita)
        assert uow.audit.about(school.ana)[0].who == f"adult:{rita}"


def test_what_is_valid_is_not_forgotten(store, rita):
    with store() as uow:
        uow.adults.add_link(rita, b"link")
        uow.adults.add_sign_in(rita, b"token")
        assert uow.adults.forget_past() == 0
        assert uow.adults.sign_in([b"token"]) is not None
        assert uow.adults.link([b"link"]) is not None
