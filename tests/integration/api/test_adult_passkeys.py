"""A passkey's life over HTTP: real keys, checked by the real library, in a real PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient

from neuroplay.api.app import create_app
from neuroplay.api.contract.adult_passkeys import written
from neuroplay.bootstrap import Container, build
from neuroplay.config import load_settings
from neuroplay.core.entities.adult import AdultRole
from tests.devices import Device
from tests.integration.db.test_concurrency import together

ADULT = "/api/v1/adult"
ORIGIN = "https://play.school.example"
PASSPHRASE = "three blind mice"


class Adult:
    """An adult who has joined, in a browser of the school's address."""

    def __init__(self, container: Container, name: str) -> None:
        self.container = container
        self.client: FlaskClient = create_app(container).test_client()
        link = container.invite_adult.execute(name, role=AdultRole.SCHOOL, who="root").token
        joined = self.send("POST", "/join", token=link, passphrase=PASSPHRASE)
        assert joined.status_code == 200
        self.csrf = joined.json["csrf"]

    csrf = ""

    def send(self, method: str, path: str, **body: Any) -> Any:
        return self.client.open(
            ADULT + path,
            method=method,
            base_url=ORIGIN,
            headers={"X-CSRF-Token": self.csrf, "Origin": ORIGIN},
            json=body if method == "POST" else None,
        )

    def add(self, count: int = 0) -> Device:
        asked = self.send("POST", "/passkeys/challenge", passphrase=PASSPHRASE).json
        device = Device(origin=asked["origin"], domain=asked["domain"], count=count)
        made = device.make(asked["challenge"])
        added = self.send(
            "POST",
            "/passkeys",
            challenge=asked["challenge"],
            name="School laptop",
            client_data=written(made.client_data),
            attestation=written(made.attestation),
        )
        assert added.status_code == 201, added.json
        with self.container.uow() as uow:
            adult = uow.adults.get(self.send("GET", "/self").json["adult"]["id"])
        device.handle = adult.handle
        return device

    def answer(self, device: Device) -> dict[str, str]:
        challenge = self.send("POST", "/sign-in/passkey/challenge").json["challenge"]
        signed = device.sign(challenge)
        return {
            "challenge": challenge,
            "credential_id": written(signed.credential_id),
            "client_data": written(signed.client_data),
            "authenticator_data": written(signed.authenticator_data),
            "signature": written(signed.signature),
            "handle": written(signed.handle),
        }

    def enter(self, device: Device) -> Any:
        return self.send("POST", "/sign-in/passkey", **self.answer(device))


@pytest.fixture
def container(database_url: str, tmp_path: Any) -> Iterator[Container]:
    container = build(
        load_settings(
            database_url=database_url, secret="s" * 40, home=str(tmp_path), public_url=ORIGIN
        )
    )
    yield container
    container.close()


@pytest.fixture
def rita(container: Container) -> Adult:
    return Adult(container, "Rita")


def test_from_the_first_to_the_last_day_of_a_passkey(rita):
    device = rita.add(count=1)
    (own,) = rita.send("GET", "/self").json["passkeys"]
    assert (own["name"], own["last_used"]) == ("School laptop", None)
    assert rita.send("POST", "/sign-out").status_code == 204
    for _ in range(2):
        signed = rita.enter(device)
        assert (signed.status_code, signed.json["adult"]["name"]) == (200, "Rita")
    rita.csrf = signed.json["csrf"]
    (own,) = rita.send("GET", "/self").json["passkeys"]
    assert own["last_used"] is not None
    assert rita.send("DELETE", f"/passkeys/{own['id']}").status_code == 204
    refused = rita.enter(device)
    assert (refused.status_code, refused.json["code"]) == (401, "wrong_passkey")
    lines = rita.container.read_audit.execute(limit=20)
    assert [one.what for one in lines if "passkey" in one.what] == [
        "wrong passkey",
        "passkey removed",
        "adult signed in with a passkey",
        "adult signed in with a passkey",
        "passkey added",
    ]


def test_an_answer_that_was_heard_is_worth_nothing(rita):
    answer = rita.answer(rita.add())
    assert rita.send("POST", "/sign-in/passkey", **answer).status_code == 200
    again = rita.send("POST", "/sign-in/passkey", **answer)
    assert (again.status_code, again.json["code"]) == (410, "passkey_late")


def test_nobody_signs_in_as_another(rita, container):
    zoe = Adult(container, "Zoe")
    ritas, zoes = rita.add(), zoe.add()
    ritas.credential_id, zoes.credential_id = zoes.credential_id, ritas.credential_id
    ritas.handle, zoes.handle = zoes.handle, ritas.handle
    for device in (ritas, zoes):
        assert rita.enter(device).json["code"] == "wrong_passkey"


@pytest.mark.parametrize("attempt", range(4))
def test_whoever_had_access_before_a_link_was_used_has_none(rita, container, attempt):
    """Also who signs in with a passkey at that moment, or adds one."""
    device = rita.add()
    answer = rita.answer(device)
    asked = rita.send("POST", "/passkeys/challenge", passphrase=PASSPHRASE).json
    made = Device(origin=ORIGIN, domain=device.domain).make(asked["challenge"])
    link = container.reset_adult.execute("Rita", who="root").token
    elsewhere = create_app(container).test_client()

    def add() -> int:
        added = rita.send(
            "POST",
            "/passkeys",
            challenge=asked["challenge"],
            name="At the last moment",
            client_data=written(made.client_data),
            attestation=written(made.attestation),
        )
        return int(added.status_code)

    def enter() -> int:
        return elsewhere.post(f"{ADULT}/sign-in/passkey", json=answer).status_code

    def join() -> int:
        container.join_adult.execute(link, PASSPHRASE)
        return 200

    entered, added, _ = together(enter, add, join)
    assert entered in (200, 401)
    assert added in (201, 401)
    found = container.list_adults.one("Rita")
    assert (found.passkeys, len(found.sign_ins)) == ((), 1)


def test_no_answer_of_the_server_has_a_key(rita):
    """Nor the children's files, which have nothing of adults."""
    device = rita.add()
    made = rita.container.create_class.execute("3A", 1)
    said = [
        rita.send("GET", "/self").get_data(),
        rita.enter(device).get_data(),
        rita.send("GET", f"/students/{made.students[0].student.student_id}/export").get_data(),
    ]
    assert all(len(one) > 100 for one in said)
    for one in said:
        assert written(device.public_key).encode() not in one
        assert written(device.credential_id).encode() not in one
