"""A browser in which an adult is signed in, for the tests of adults' routes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from neuroplay.core.entities.adult import AdultRole

ADULT = "/api/v1/adult"


@dataclass
class Browser:
    """Asks with the adult's cookie, and changes with the sign-in's CSRF token."""

    client: FlaskClient
    csrf: str

    def get(self, path: str, **headers: str) -> TestResponse:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.client.get(ADULT + path, headers=named)

    def send(self, method: str, path: str, body: Any = None) -> TestResponse:
        return self.client.open(
            ADULT + path, method=method, headers={"X-CSRF-Token": self.csrf}, json=body
        )


def signed_in_teacher(system: Any, client: FlaskClient, *class_ids: int) -> Browser:
    """Rita, who teaches these classes."""
    with system.uow() as uow:
        adult = uow.adults.add("Rita", "rita", AdultRole.TEACHER)
        uow.adults.set_classes(adult.adult_id, class_ids)
        uow.adults.add_sign_in(adult.adult_id, system.secrets.adult_hash("sign-in", "rita's"))
        uow.commit()
    client.set_cookie("np_adult", "rita's")
    csrf = client.get(f"{ADULT}/self").json["csrf"]  # type: ignore[index]
    return Browser(client, csrf)
