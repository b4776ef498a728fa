from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from neuroplay.api.app import create_app
from neuroplay.core.use_cases.cards import CreatedClass
from tests.unit.api.documented import DocumentedClient
from tests.unit.api.systems import FakeSystem, batch
from tests.unit.infra.monitoring.streams import logs_to


@pytest.fixture
def system() -> FakeSystem:
    return FakeSystem()


@pytest.fixture
def pwa_folder(tmp_path: Path) -> Path:
    return tmp_path / "pwa_dist"


@pytest.fixture(autouse=True)
def _quiet_logs() -> Iterator[None]:
    with logs_to(io.StringIO(), level="error"):
        yield


@pytest.fixture
def client(system: FakeSystem, pwa_folder: Path) -> FlaskClient:
    app = create_app(system, pwa_folder=pwa_folder)  # type: ignore[arg-type]
    app.test_client_class = DocumentedClient
    return app.test_client()


@dataclass
class Tablet:
    """A device where the first student of a class is signed in."""

    client: FlaskClient
    device_id: UUID
    school_class: CreatedClass
    signed_in: dict[str, Any]

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.signed_in['token']}"}

    def get(self, path: str, **more: Any) -> TestResponse:
        return self.client.get(path, headers=self.headers, **more)

    def sync(self, *sessions: Any, **changes: Any) -> TestResponse:
        return self.post_sync(json=batch(self.device_id, *sessions, **changes))

    def post_sync(self, **request: Any) -> TestResponse:
        headers = self.headers | request.pop("headers", {})
        return self.client.post("/api/v1/gameplay/sync", headers=headers, **request)


@pytest.fixture
def tablet(client: FlaskClient, system: FakeSystem) -> Tablet:
    school_class = system.new_class()
    device_id = uuid4()
    answer = client.post(
        "/api/v1/sign-in",
        json={
            "class_code": school_class.school_class.code,
            "card_code": school_class.students[0].card_code,
            "device_id": str(device_id),
        },
    )
    assert answer.status_code == 200, answer.text
    assert answer.json is not None
    return Tablet(client, device_id, school_class, answer.json)
