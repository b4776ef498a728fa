from __future__ import annotations

from base64 import urlsafe_b64encode
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from neuroplay.api.contract.adult_passkeys import MOST_BYTES, Bytes, written
from neuroplay.infra.monitoring.metrics import REGISTRY
from tests.fakes.passkeys import DOMAIN, ORIGIN, FakeDevice
from tests.unit.api.routes.adults import Browser, signed_in_teacher

MICE = "three blind mice"


class Owner:
    """Rita in her browser, with a laptop."""

    def __init__(self, system: Any, client: Any) -> None:
        self.browser: Browser = signed_in_teacher(system, client)
        with system.uow() as uow:
            uow.adults.set_passphrase(1, system.passphrases.hash(MICE))
            uow.commit()
            self.device = FakeDevice(handle=uow.adults.get(1).handle)

    def begin(self, passphrase: str = MICE) -> Any:
        return self.browser.send("POST", "/passkeys/challenge", {"passphrase": passphrase})

    def add(self, **changes: Any) -> Any:
        challenge = self.begin().json["challenge"]
        made = self.device.make(challenge)
        body = {
            "challenge": challenge,
            "name": "Laptop",
            "client_data": written(made.client_data),
            "attestation": written(made.attestation),
        }
        return self.browser.send("POST", "/passkeys", body | changes)

    def signed(self) -> dict[str, Any]:
        challenge = self.browser.send("POST", "/sign-in/passkey/challenge").json["challenge"]
        signed = self.device.sign(challenge)
        return {
            "challenge": challenge,
            "credential_id": written(signed.credential_id),
            "client_data": written(signed.client_data),
            "authenticator_data": written(signed.authenticator_data),
            "signature": written(signed.signature),
            "handle": written(signed.handle),
        }

    def enter(self, **changes: Any) -> Any:
        return self.browser.send("POST", "/sign-in/passkey", self.signed() | changes)


@pytest.fixture
def rita(system, client) -> Owner:
    return Owner(system, client)


def test_what_a_browser_needs_to_make_a_passkey(rita):
    asked = rita.begin()
    assert asked.status_code == 200
    assert asked.json["challenge"].isascii()
    assert (asked.json["origin"], asked.json["domain"]) == (ORIGIN, DOMAIN)
    assert (asked.json["name"], asked.json["known"]) == ("Rita", [])
    assert asked.json["handle"] == written(rita.device.handle)
    rita.add()
    assert rita.begin().json["known"] == [written(rita.device.credential_id)]


def test_a_passkey_is_added_listed_and_removed(rita):
    added = rita.add()
    assert added.status_code == 201
    assert (added.json["id"], added.json["name"], added.json["last_used"]) == (1, "Laptop", None)
    own = rita.browser.get("/self").json
    assert (own["passkeys"], own["passkeys_at"]) == ([added.json], ORIGIN)
    assert rita.browser.send("DELETE", "/passkeys/1").status_code == 204
    assert rita.browser.get("/self").json["passkeys"] == []
    gone = rita.browser.send("DELETE", "/passkeys/1")
    assert (gone.status_code, gone.json["code"]) == (404, "not_found")


def test_a_passkey_signs_in_with_the_cookies_of_a_passphrase(rita):
    rita.add()
    rita.browser.client.delete_cookie("np_adult")
    signed = rita.enter()
    assert signed.status_code == 200
    assert signed.json["adult"]["name"] == "Rita"
    assert signed.json["passkeys"][0]["last_used"] is not None
    names = [one.partition("=")[0] for one in signed.headers.getlist("Set-Cookie")]
    assert names == ["np_adult", "np_adult_browser"]
    assert rita.browser.get("/self").json == signed.json


REFUSALS = {
    "another passphrase": (lambda rita: rita.begin("another"), 403, "wrong_old_passphrase"),
    "no name": (lambda rita: rita.add(name=" "), 422, "bad_passkey_name"),
    "no bytes": (lambda rita: rita.add(attestation="é"), 422, "invalid_request"),
    "other data": (lambda rita: rita.add(client_data="AAAA"), 422, "bad_passkey"),
    "another challenge": (lambda rita: rita.add(challenge="a.b.c"), 410, "passkey_late"),
    "too much": (
        lambda rita: rita.add(attestation="A" * (MOST_BYTES * 4 // 3 + 4)),
        422,
        "invalid_request",
    ),
    "unknown": (lambda rita: rita.enter(credential_id="AAAA"), 401, "wrong_passkey"),
    "forged": (lambda rita: rita.enter(signature="AAAA"), 401, "wrong_passkey"),
    "too late": (lambda rita: rita.enter(challenge="a.b.c"), 410, "passkey_late"),
}


@pytest.mark.parametrize(("ask", "status", "code"), REFUSALS.values(), ids=REFUSALS)
def test_what_is_refused_is_told(rita, ask, status, code):
    answer = ask(rita)
    assert (answer.status_code, answer.json["code"]) == (status, code)


def test_a_passkey_is_added_once(rita):
    rita.add()
    assert (rita.add().status_code, rita.add().json["code"]) == (409, "passkey_not_added")


def test_without_an_address_there_are_none(rita, system):
    body = rita.signed()
    system.passkeys.origin = ""
    assert rita.browser.get("/self").json["passkeys_at"] == ""
    for path, sent in (
        ("/sign-in/passkey/challenge", None),
        ("/sign-in/passkey", body),
        ("/passkeys/challenge", {"passphrase": MICE}),
    ):
        answer = rita.browser.send("POST", path, sent)
        assert (answer.status_code, answer.json["code"]) == (409, "passkeys_off")


@pytest.mark.parametrize("path", ["/sign-in/passkey", "/sign-in/passkey/challenge"])
def test_another_sites_page_signs_nobody_in(rita, path):
    client = rita.browser.client
    answer = client.post(f"/api/v1/adult{path}", headers={"Sec-Fetch-Site": "cross-site"}, json={})
    assert (answer.status_code, answer.json["code"]) == (403, "csrf")


@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", "/passkeys"), ("POST", "/passkeys/challenge"), ("DELETE", "/passkeys/1")],
)
def test_a_change_needs_the_token_of_the_sign_in(rita, method, path):
    rita.add()
    rita.browser.csrf = "0" * 64
    answer = rita.browser.send(method, path, {} if method == "POST" else None)
    assert (answer.status_code, answer.json["code"]) == (403, "csrf")
    assert len(rita.browser.get("/self").json["passkeys"]) == 1


def test_nothing_crosses_the_internet_in_the_clear(rita):
    answer = rita.browser.client.post(
        "/api/v1/adult/sign-in/passkey", json={}, environ_base={"REMOTE_ADDR": "8.8.4.4"}
    )
    assert (answer.status_code, answer.json["code"]) == (403, "needs_https")


def test_attempts_are_counted(rita):
    def counted(result: str) -> float:
        value = REGISTRY.get_sample_value("neuroplay_adult_sign_ins_total", {"result": result})
        assert value is not None
        return value

    before = {result: counted(result) for result in ("passkey", "wrong_passkey", "ok")}
    rita.add()
    rita.enter()
    rita.enter(signature="AAAA")
    grown = {result: counted(result) - value for result, value in before.items()}
    assert grown == {"passkey": 1, "wrong_passkey": 1, "ok": 0}


@given(st.binary(max_size=100))
def test_bytes_are_read_as_they_are_written(value):
    assert TypeAdapter(Bytes).validate_python(written(value)) == value


@given(st.one_of(st.text(), st.integers(), st.none(), st.lists(st.text())))
def test_what_is_no_base64url_is_an_invalid_request(value):
    try:
        read = TypeAdapter(Bytes).validate_python(value)
    except ValidationError:
        return
    assert urlsafe_b64encode(read).decode().rstrip("=")[:-1] == value[:-1]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
@given(
    body=st.dictionaries(
        st.sampled_from(["challenge", "credential_id", "client_data", "signature", "handle"]),
        st.one_of(st.text(), st.integers(), st.none()),
    )
)
def test_no_body_breaks_the_route(rita, body):
    answer = rita.browser.send("POST", "/sign-in/passkey", rita.signed() | body)
    assert answer.status_code in (200, 401, 410, 422, 429)
