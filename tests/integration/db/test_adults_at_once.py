"""Adults' invitations and accounts, changed by several connections at once."""

from __future__ import annotations

from neuroplay.core.entities.adult import AdultRole
from tests.integration.db.test_concurrency import together


def test_of_several_who_use_a_link_at_once_one_gets_the_account(open_uow):
    with open_uow() as uow:
        adult = uow.adults.add("Rita", "rita", AdultRole.SCHOOL)
        uow.adults.add_link(adult.adult_id, b"link")
        uow.commit()

    def use() -> bool:
        with open_uow() as uow:
            got = uow.adults.use_link([b"link"])
            uow.commit()
        return got is not None

    assert sorted(together(*[use] * 4)) == [False, False, False, True]


def test_of_several_who_invite_one_name_at_once_one_does(open_uow):
    def invite() -> bool:
        with open_uow() as uow:
            made = uow.adults.add("Rita", "rita", AdultRole.SCHOOL)
            uow.commit()
        return made is not None

    assert sorted(together(*[invite] * 4)) == [False, False, False, True]


def test_who_signs_in_while_the_account_ends_stays_outside(open_uow):
    with open_uow() as uow:
        adult = uow.adults.add("Rita", "rita", AdultRole.SCHOOL)
        uow.commit()

    def sign_in() -> None:
        with open_uow() as uow:
            uow.adults.add_sign_in(adult.adult_id, b"token")
            uow.commit()

    def end() -> None:
        with open_uow() as uow:
            uow.adults.end(adult.adult_id)
            uow.commit()

    together(sign_in, end)
    with open_uow() as uow:
        assert uow.adults.sign_in([b"token"]) is None
