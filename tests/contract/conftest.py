"""Each contract runs on the fake store and on PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from neuroplay.core.interfaces.unit_of_work import UnitOfWork
from tests.builders import SmallClass, a_class
from tests.fakes.unit_of_work import FakeStore


@pytest.fixture(params=["fake", "postgres"])
def store(request: pytest.FixtureRequest) -> Callable[[], UnitOfWork]:
    """Opens units of work on an empty store."""
    if request.param == "fake":
        return FakeStore()
    opens: Callable[[], UnitOfWork] = request.getfixturevalue("open_uow")
    return opens


@pytest.fixture
def school(store: Callable[[], UnitOfWork]) -> SmallClass:
    return a_class(store)
