from __future__ import annotations

from dataclasses import FrozenInstanceError, fields, replace
from typing import Any

import pytest

from neuroplay.core.system import Ports, UseCases
from tests.fakes.ports import fake_ports
from tests.fakes.services import FakeClock
from tests.fakes.unit_of_work import FakeStore


@pytest.fixture
def ports() -> Ports:
    return fake_ports(FakeStore(), FakeClock())


@pytest.mark.parametrize("name", UseCases.__annotations__)
def test_every_use_case_is_made_of_ports_alone_once(ports: Ports, name: str) -> None:
    system = UseCases(ports)

    kind = UseCases.__annotations__[name].rpartition(".")[2]
    assert type(getattr(system, name)).__name__ == kind
    assert getattr(system, name) is getattr(system, name)


def test_a_port_is_made_when_it_is_needed_and_never_before(ports: Ports) -> None:
    made = []

    def counted() -> Any:
        made.append(1)
        return ports.secrets()

    system = UseCases(replace(ports, secrets=counted))

    system.list_classes.execute()
    assert made == []
    assert system.create_class.execute("3A", 1) is not system.class_cards.execute("3A")
    assert made == [1]


def test_ports_are_frozen_and_have_names(ports: Ports) -> None:
    with pytest.raises(FrozenInstanceError):
        ports.uow = ports.uow  # type: ignore[misc]
    with pytest.raises(TypeError):
        Ports(*(getattr(ports, one.name) for one in fields(ports)))  # type: ignore[misc,call-arg]


def test_what_is_no_use_case_is_no_attribute(ports: Ports) -> None:
    with pytest.raises(AttributeError, match="enrol_student"):
        UseCases(ports).enrol_student  # type: ignore[attr-defined]  # noqa: B018
