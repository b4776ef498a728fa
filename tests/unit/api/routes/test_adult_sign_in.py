from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from neuroplay.core.entities.adult import AdultRole
from neuroplay.infra.monitoring.metrics import ADULT_SIGN_IN_RESULTS, REGISTRY
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
    assert (own["name"], own["students"], own["archived"]) == ("3A", 3, False)
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


MICE = "three blind mice"


@pytest.mark.parametrize("odd", ["a\0b", "a\ud800b"])
@pytest.mark.parametrize("field", ["name", "passphrase"])
def test_what_no_keyboard_writes_is_an_invalid_request(client, field, odd):
    body = {"name": "Rosa", "passphrase": MICE, field: odd}
    answer = client.post(f"{ADULT}/sign-in", json=body)
    assert (answer.status_code, answer.json["code"]) == (422, "invalid_request")
    assert answer.json["field"] == field
    assert answer.json["detail"] == f"{field}: it contains a character that no keyboard writes"


def test_what_is_too_long_to_be_typed_is_told_in_characters(client):
    answer = client.post(f"{ADULT}/sign-in", json={"name": "R" * 1_001, "passphrase": MICE})
    assert (answer.status_code, answer.json["code"]) == (422, "invalid_request")
    assert answer.json["detail"] == "name: it has 1,000 characters at most"


@pytest.fixture
def link(system: FakeSystem) -> str:
    """The token of an invitation of Rosa, a teacher of 3A."""
    system.new_class()
    return system.invite_adult.execute(
        "Rosa", role=AdultRole.TEACHER, classes=["3A"], who="operator"
    ).token


@pytest.fixture
def browser(client: FlaskClient) -> Page:
    return Page(client)


def test_an_invitation_is_shown_and_accepted(browser, link):
    shown = browser.post("/invitation", json={"token": link})
    assert shown.status_code == 200
    assert shown.json["name"] == "Rosa"
    assert shown.json["classes"] == [{"id": 1, "name": "3A"}]
    assert shown.json["returning"] is False
    joined = browser.post("/join", json={"token": link, "passphrase": MICE})
    assert joined.status_code == 200
    assert browser.get("/self").json == joined.json
    cookies = joined.headers.getlist("Set-Cookie")
    assert [cookie.partition("=")[0] for cookie in cookies] == ["np_adult", "np_adult_browser"]
    for cookie in cookies:
        assert "HttpOnly" in cookie
        assert "SameSite=Strict" in cookie
        assert "Path=/" in cookie
        assert "Secure" not in cookie
    again = browser.post("/invitation", json={"token": link})
    assert (again.status_code, again.json["code"]) == (410, "link_used")


def test_an_unknown_link_is_not_found(browser):
    for path, body in (("/invitation", {}), ("/join", {"passphrase": MICE})):
        answer = browser.post(path, json={"token": "nobody's"} | body)
        assert (answer.status_code, answer.json["code"]) == (404, "link_unknown")


def test_a_weak_passphrase_is_explained(browser, link):
    answer = browser.post("/join", json={"token": link, "passphrase": "short"})
    assert (answer.status_code, answer.json["code"]) == (422, "weak_passphrase")
    assert "10" in answer.json["detail"]


def test_a_passphrase_signs_in_and_a_wrong_one_does_not(browser, link, system):
    browser.post("/join", json={"token": link, "passphrase": MICE})
    browser.client.delete_cookie("np_adult")
    wrong = browser.post("/sign-in", json={"name": "Rosa", "passphrase": "a wrong one"})
    assert (wrong.status_code, wrong.json["code"]) == (401, "wrong_passphrase")
    right = browser.post("/sign-in", json={"name": "rosa", "passphrase": MICE})
    assert right.status_code == 200
    assert browser.get("/self").json["adult"]["name"] == "Rosa"


def test_who_guesses_has_to_wait_and_the_own_browser_has_not(browser, link, system):
    browser.post("/join", json={"token": link, "passphrase": MICE})
    known = browser.client.get_cookie("np_adult_browser").value
    browser.client.delete_cookie("np_adult_browser")
    answers = [
        browser.post("/sign-in", json={"name": "Rosa", "passphrase": "a wrong one"})
        for _ in range(6)
    ]
    assert [answer.status_code for answer in answers] == [401] * 5 + [429]
    assert answers[-1].headers["Retry-After"] == "60"
    browser.client.set_cookie("np_adult_browser", known)
    right = browser.post("/sign-in", json={"name": "rosa", "passphrase": MICE})
    assert right.status_code == 200


def test_over_https_the_cookies_are_secure_and_of_this_host_alone(browser, link, system):
    system.settings.over_tls = True
    joined = browser.post("/join", json={"token": link, "passphrase": MICE})
    for cookie in joined.headers.getlist("Set-Cookie"):
        assert cookie.startswith("__Host-np_adult")
        assert "Secure" in cookie
        assert "Domain" not in cookie


def test_nothing_secret_crosses_the_internet_in_the_clear(browser, link):
    bodies = {
        "/invitation": {"token": link},
        "/join": {"token": link, "passphrase": MICE},
        "/sign-in": {"name": "Rosa", "passphrase": MICE},
    }
    for path, body in bodies.items():
        answer = browser.post(path, json=body, environ_base={"REMOTE_ADDR": "8.8.4.4"})
        assert (answer.status_code, answer.json["code"]) == (403, "needs_https")
        near = browser.post(path, json=body, environ_base={"REMOTE_ADDR": "192.168.1.20"})
        assert near.status_code == 200


@pytest.mark.parametrize("path", ["/invitation", "/join", "/sign-in"])
def test_another_sites_page_signs_nobody_in(browser, path):
    answer = browser.post(path, headers={"Sec-Fetch-Site": "cross-site"}, json={})
    assert (answer.status_code, answer.json["code"]) == (403, "csrf")
    form = browser.post(path, data={"token": "x"})
    assert form.status_code == 415


def test_the_passphrase_is_changed_with_the_old_one(browser, link):
    browser.csrf = browser.post("/join", json={"token": link, "passphrase": MICE}).json["csrf"]
    wrong = browser.post("/passphrase", json={"old": "a wrong one", "new": "four calling birds"})
    assert (wrong.status_code, wrong.json["code"]) == (403, "wrong_old_passphrase")
    weak = browser.post("/passphrase", json={"old": MICE, "new": "rosa"})
    assert (weak.status_code, weak.json["code"]) == (422, "weak_passphrase")
    before = browser.csrf
    right = browser.post("/passphrase", json={"old": MICE, "new": "four calling birds"})
    assert right.status_code == 200
    browser.csrf = right.json["csrf"]
    assert browser.csrf != before
    assert browser.get("/self").json == right.json
    assert browser.post("/sign-out").status_code == 204


def test_attempts_are_counted_by_result(browser, link):
    def counted(result: str) -> float:
        value = REGISTRY.get_sample_value("neuroplay_adult_sign_ins_total", {"result": result})
        assert value is not None
        return value

    before = {result: counted(result) for result in ADULT_SIGN_IN_RESULTS}
    browser.post("/join", json={"token": link, "passphrase": MICE})
    browser.post("/join", json={"token": link, "passphrase": MICE})
    browser.post("/sign-in", json={"name": "Rosa", "passphrase": "a wrong one"})
    browser.post("/sign-in", json={"name": "Rosa", "passphrase": MICE})
    grown = {result: counted(result) - before[result] for result in ADULT_SIGN_IN_RESULTS}
    assert grown == {
        "ok": 1,
        "passkey": 0,
        "joined": 1,
        "wrong_passphrase": 1,
        "wrong_passkey": 0,
        "too_many_attempts": 0,
        "link_used": 1,
        "link_late": 0,
        "link_unknown": 0,
    }
