from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from neuroplay.core.entities.adult import AdultRole
from tests.unit.api.systems import FakeSystem

ADULT = "/api/v1/adult"


@dataclass
class Page:
    """A browser in which Rita, the teacher of 3A, is signed in."""

    client: FlaskClient
    csrf: str = ""
    headers: dict[str, str] = field(default_factory=dict)

    def get(self, path: str) -> TestResponse:
        return self.client.get(ADULT + path)

    def post(self, path: str, headers: dict[str, str] | None = None, **body: Any) -> TestResponse:
        sent = {"X-CSRF-Token": self.csrf} | (headers or {})
        return self.client.post(ADULT + path, headers=sent, **body)


@pytest.fixture
def page(client: FlaskClient, system: FakeSystem) -> Page:
    school_class = system.new_class().school_class
    system.create_class.execute("4B", 2, language="en")
    with system.store() as uow:
        adult = uow.adults.add("Rita", "rita", AdultRole.TEACHER)
        assert adult is not None
        uow.adults.set_classes(adult.adult_id, [school_class.class_id])
        uow.adults.add_sign_in(adult.adult_id, system.secrets.adult_hash("sign-in", "rita's"))
        uow.commit()
    client.set_cookie("np_adult", "rita's")
    page = Page(client)
    page.csrf = page.get("/self").json["csrf"]  # type: ignore[index]
    return page


def test_an_adult_sees_the_own_account_and_classes(page):
    answer = page.get("/self")
    assert answer.status_code == 200
    assert answer.json["adult"] == {"id": 1, "name": "Rita", "role": "teacher"}
    (own,) = answer.json["classes"]
    assert (own["name"], own["students"]) == ("3A", 3)
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("cookie", [None, "", "another"])
def test_without_a_valid_cookie_nobody_is_signed_in(client, cookie):
    if cookie is not None:
        client.set_cookie("np_adult", cookie)
    answer = client.get(f"{ADULT}/self")
    assert (answer.status_code, answer.json["code"]) == (401, "unauthorized")


def test_over_https_only_the_cookie_with_the_prefix_counts(page, system):
    system.settings.over_tls = True
    assert page.get("/self").status_code == 401
    page.client.set_cookie("__Host-np_adult", "rita's")
    assert page.get("/self").status_code == 200


def test_signing_out_ends_the_sign_in_and_takes_the_cookie_away(page, system):
    answer = page.post("/sign-out")
    assert answer.status_code == 204
    assert "np_adult=;" in answer.headers["Set-Cookie"]
    page.client.set_cookie("np_adult", "rita's")
    assert page.get("/self").status_code == 401
    assert system.store.tables.audit[-1]["who"] == "adult:1"


@pytest.mark.parametrize(
    "headers",
    [
        {"X-CSRF-Token": ""},
        {"X-CSRF-Token": "0" * 64},
        {"X-CSRF-Token": "é"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "none"},
        {"Origin": "https://elsewhere.example"},
        {"Origin": "null"},
        {"Origin": "http://localhost:1"},
    ],
)
def test_a_change_that_another_page_asks_for_is_refused(page, headers):
    answer = page.post("/sign-out", headers=headers)
    assert (answer.status_code, answer.json["code"]) == (403, "csrf")
    assert page.get("/self").status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "same-origin", "Origin": "https://behind.a.proxy"},
        {"Origin": "http://localhost"},
    ],
)
def test_a_change_that_the_own_page_asks_for_is_done(page, headers):
    assert page.post("/sign-out", headers=headers).status_code == 204


def test_an_old_browser_behind_a_proxy_has_the_public_address_as_its_origin(page, system):
    system.settings.public_url = "https://play.school.example"
    headers = {"Origin": "https://play.school.example"}
    assert page.post("/sign-out", headers=headers).status_code == 204


def test_a_body_that_a_form_could_send_is_refused(page):
    answer = page.post("/sign-out", data={"a": "b"})
    assert (answer.status_code, answer.json["code"]) == (415, "unsupported_media_type")
