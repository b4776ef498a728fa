"""The command line on the real composition root, with the fake store instead of PostgreSQL."""

from __future__ import annotations

from dataclasses import replace

import pytest

from neuroplay import bootstrap
from neuroplay.config import Settings
from neuroplay.infra.servers import Servers
from tests.command_line import run
from tests.fakes.services import FakeSecrets
from tests.fakes.unit_of_work import FakeStore

__all__ = ["run", "store"]


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch, tmp_path) -> FakeStore:
    """What the commands of a test work on; the working folder is an empty one."""
    fake = FakeStore()

    def build(settings: Settings, *, patient: bool = False) -> bootstrap.Container:
        servers = Servers(settings, patient=patient)
        real = bootstrap.ports(settings, servers, wakes_workers=False, patient=patient)
        ports = replace(real, uow=lambda: fake, secrets=FakeSecrets)
        return bootstrap.Container(settings, servers, ports)

    monkeypatch.setattr(bootstrap, "build", build)
    monkeypatch.chdir(tmp_path)
    return fake
