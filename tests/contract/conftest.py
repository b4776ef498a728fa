"""Each contract runs on the fake store and on PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID, uuid4

import pytest

from neuroplay.core.entities.student import Principal
from neuroplay.core.interfaces.unit_of_work import UnitOfWork
from tests.fakes.unit_of_work import FakeStore

DEVICE = UUID(int=0xD)


@pytest.fixture(params=["fake", "postgres"])
def store(request: pytest.FixtureRequest) -> Callable[[], UnitOfWork]:
    """Opens units of work on an empty store."""
    if request.param == "fake":
        return FakeStore()
    opens: Callable[[], UnitOfWork] = request.getfixturevalue("open_uow")
    return opens


@dataclass(frozen=True, kw_only=True)
class School:
    """A class of two children."""

    class_id: int
    ana: int
    bia: int

    def principal(self, student_id: int | None = None, device_id: UUID = DEVICE) -> Principal:
        return Principal(
            token_id=uuid4(),
            student_id=student_id or self.ana,
            class_id=self.class_id,
            device_id=device_id,
        )


@pytest.fixture
def school(store: Callable[[], UnitOfWork]) -> School:
    with store() as uow:
        class_id = uow.classes.add("3A", "A1B2C").class_id
        ana = uow.students.add(class_id, "Ana", "fox").student_id
        bia = uow.students.add(class_id, "Bia", "owl").student_id
        uow.commit()
    return School(class_id=class_id, ana=ana, bia=bia)
