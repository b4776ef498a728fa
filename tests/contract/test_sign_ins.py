"""The lifetime and the limits of sign-ins."""

from __future__ import annotations

from uuid import UUID, uuid4

from neuroplay.core.entities.principal import NewToken
from neuroplay.core.rules.sign_ins import MOST_DEVICES, MOST_OF_DEVICE
from tests.builders import a_holder
from tests.fakes.services import NOON as NOW


def sign_in(store, school, device: int, student_id: int | None = None) -> bytes:
    token = uuid4().bytes
    with store() as uow:
        uow.tokens.add(
            [
                NewToken(
                    secret_mark="mark",
                    token_id=uuid4(),
                    token_hash=token,
                    holder=a_holder(student_id or school.ana),
                    device_id=UUID(int=device),
                    now=NOW,
                )
            ]
        )
        uow.commit()
    if hasattr(store, "clock"):
        store.clock.forward(0.001)
    return token


def statuses(store, tokens: list[bytes]) -> str:
    with store() as uow:
        return "".join(uow.tokens.find(token).status[0] for token in tokens)


def test_a_card_is_signed_in_on_so_many_devices_and_the_oldest_goes(store, school):
    bias = sign_in(store, school, 0, school.bia)
    tokens = [sign_in(store, school, device) for device in range(MOST_DEVICES + 2)]
    assert statuses(store, tokens) == "rr" + "a" * MOST_DEVICES
    assert statuses(store, [bias]) == "a"


def test_signing_in_again_on_a_device_takes_no_other_devices_place(store, school):
    other = sign_in(store, school, 1)
    same = [sign_in(store, school, 2) for _ in range(2 * MOST_DEVICES)]
    assert statuses(store, [other]) == "a"
    assert statuses(store, same)[-MOST_OF_DEVICE:] == "a" * MOST_OF_DEVICE
    assert statuses(store, same).count("a") == MOST_OF_DEVICE


def test_who_is_signed_in_where_is_told(store, school):
    sign_in(store, school, 1)
    sign_in(store, school, 1)
    sign_in(store, school, 1, school.bia)
    sign_in(store, school, 2)
    with store() as uow:
        told = [(r.device_id.int, r.nickname, r.class_name) for r in uow.tokens.sign_ins()]
        assert told == [(2, "Ana", "3A"), (1, "Bia", "3A"), (1, "Ana", "3A")]
        of_one = uow.tokens.sign_ins(device_id=UUID(int=1), student_id=school.ana)
        assert [row.since for row in of_one] == [NOW]
        assert not uow.tokens.sign_ins(device_id=UUID(int=9))


def test_one_devices_sign_ins_end_and_no_others(store, school):
    tokens = [
        sign_in(store, school, 1),
        sign_in(store, school, 1, school.bia),
        sign_in(store, school, 2),
    ]
    with store() as uow:
        uow.tokens.revoke_device(UUID(int=1), student_id=school.ana, now=NOW)
        uow.commit()
    assert statuses(store, tokens) == "raa"
    with store() as uow:
        uow.tokens.revoke_device(UUID(int=1), now=NOW)
        uow.commit()
    assert statuses(store, tokens) == "rra"
