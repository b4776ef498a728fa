"""Adults' invitations and accounts, changed by several connections at once."""

from __future__ import annotations

from collections.abc import Callable

from neuroplay.core.entities.adult import AdultRole
from neuroplay.core.rules.adult_sign_ins import AHEAD_MINUTES
from neuroplay.core.rules.passkeys import MOST_PASSKEYS
from tests.contract.test_passkeys import a_key
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


def test_of_several_who_add_the_last_passkey_at_once_one_does(open_uow):
    with open_uow() as uow:
        adult = uow.adults.add("Rita", "rita", AdultRole.SCHOOL)
        for number in range(MOST_PASSKEYS - 1):
            uow.passkeys.add(adult.adult_id, "Laptop", a_key(number))
        uow.commit()

    def adding(number: int) -> Callable[[], bool]:
        def add() -> bool:
            with open_uow() as uow:
                uow.adults.lock(adult.adult_id)
                added = uow.passkeys.add(adult.adult_id, "Laptop", a_key(number))
                uow.commit()
            return added is not None

        return add

    assert sorted(together(*map(adding, range(20, 24)))) == [False, False, False, True]


def test_of_several_who_answer_a_challenge_at_once_one_does(open_uow):
    def use() -> bool:
        with open_uow() as uow:
            first = uow.passkeys.use_up(b"challenge")
            uow.commit()
        return first

    assert sorted(together(*[use] * 4)) == [False, False, False, True]


def test_of_copies_of_a_key_that_sign_at_once_one_does(open_uow):
    with open_uow() as uow:
        adult = uow.adults.add("Rita", "rita", AdultRole.SCHOOL)
        passkey = uow.passkeys.add(adult.adult_id, "Laptop", a_key(1))
        uow.commit()

    def sign() -> bool:
        with open_uow() as uow:
            fits = uow.passkeys.note_use(passkey.passkey_id, 1)
            uow.commit()
        return fits

    assert sorted(together(*[sign] * 4)) == [False, False, False, True]


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


def test_what_was_made_while_the_clock_was_ahead_has_ended(open_uow, engine):
    """By the database's clock, which tests cannot set."""
    with open_uow() as uow:
        adult = uow.adults.add("Rita", "rita", AdultRole.SCHOOL)
        uow.adults.add_link(adult.adult_id, b"link")
        uow.adults.add_sign_in(adult.adult_id, b"here")
        uow.commit()

    def ahead_by(minutes: int) -> tuple[bool, ...]:
        with engine.begin() as connection:
            connection.exec_driver_sql(
                "UPDATE adult_sign_ins SET last_used = created_at + make_interval(mins => %(m)s)",
                {"m": minutes},
            )
            connection.exec_driver_sql(
                "UPDATE adult_links SET expires_at = now() + interval '1 day' "
                "+ make_interval(mins => %(m)s)",
                {"m": minutes},
            )
        with open_uow() as uow:
            return (
                uow.adults.sign_in([b"here"]) is not None,
                not uow.adults.link([b"link"]).is_late,
                uow.adults.open_link(adult.adult_id) is not None,
                uow.adults.use_link([b"link"]) is not None,
            )

    assert ahead_by(AHEAD_MINUTES - 2) == (True,) * 4
    assert ahead_by(AHEAD_MINUTES + 2) == (False,) * 4
