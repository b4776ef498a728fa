"""Builders of a class of two children, of principals, and of what a tablet saves."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar
from uuid import UUID

from neuroplay.core.entities.adult import AdultPrincipal, AdultRole
from neuroplay.core.entities.principal import CardHolder, Principal, StudentPrincipal
from neuroplay.core.interfaces.unit_of_work import UnitOfWork

DEVICE = UUID(int=0xD)


@dataclass(frozen=True, kw_only=True, slots=True)
class Visitor(Principal):
    """A role that exists only in tests."""

    kind: ClassVar[str] = "visitor"
    card_word: ClassVar[str] = "visitor"


A_VISITOR = Visitor(token_id=UUID(int=0x7), device_id=DEVICE)


def a_principal(
    student_id: int, class_id: int = 1, *, device_id: UUID = DEVICE, token_id: UUID | None = None
) -> StudentPrincipal:
    """The principal of a student. The token's id is the student's number unless one is given."""
    return StudentPrincipal(
        token_id=token_id or UUID(int=student_id),
        student_id=student_id,
        class_id=class_id,
        device_id=device_id,
    )


def a_holder(
    student_id: int, nickname: str = "Ana", avatar: str = "fox", card_version: int = 1
) -> CardHolder:
    """A student with a card."""
    return CardHolder(StudentPrincipal, student_id, nickname, avatar, card_version)


@dataclass(frozen=True, kw_only=True)
class SmallClass:
    """A class of two children."""

    class_id: int
    ana: int
    bia: int

    def principal(
        self, student_id: int | None = None, device_id: UUID = DEVICE
    ) -> StudentPrincipal:
        """The principal of one of them, by default Ana."""
        return a_principal(student_id or self.ana, self.class_id, device_id=device_id)


def a_class(store: Callable[[], UnitOfWork]) -> SmallClass:
    """3A with Ana and Bia, stored."""
    with store() as uow:
        class_id = uow.classes.add("3A", "A1B2C").class_id
        ana = uow.students.add(class_id, "Ana", "fox").student_id
        bia = uow.students.add(class_id, "Bia", "owl").student_id
        uow.commit()
    return SmallClass(class_id=class_id, ana=ana, bia=bia)


def an_adult(store: Callable[[], UnitOfWork], name: str, *class_ids: int) -> AdultPrincipal:
    """An account, stored: a teacher of these classes, or the school."""
    role = AdultRole.TEACHER if class_ids else AdultRole.SCHOOL
    with store() as uow:
        made = uow.adults.add(name, name.lower(), role)
        assert made is not None
        uow.adults.set_classes(made.adult_id, class_ids)
        found = uow.adults.get(made.adult_id)
        uow.commit()
    assert found is not None
    return found.principal


def an_outbox_file(token_id: UUID, export_key: str, sessions: Sequence[object]) -> dict[str, Any]:
    """A file of sessions that were not sent, as a tablet saves and seals it."""
    payload = json.dumps(
        {"device_id": str(DEVICE), "saved_at": "2026-11-20T12:00:00Z", "sessions": list(sessions)}
    )
    seal = hmac.digest(bytes.fromhex(export_key), payload.encode(), hashlib.sha256).hex()
    return {"neuroplay_outbox": 1, "token_id": str(token_id), "payload": payload, "seal": seal}
