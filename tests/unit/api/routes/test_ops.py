"""The operations page and /metrics: who may see them, and what clients cannot inject."""

from __future__ import annotations

import random
import string
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from prometheus_client.parser import text_string_to_metric_families as parse

from neuroplay.access import may_see
from neuroplay.api.app import create_app
from neuroplay.config import Settings
from tests.unit.api.conftest import Tablet
from tests.unit.api.systems import FakeSystem, session

RIGHT = {"Authorization": "Bearer s3cret"}
FIGURES = ("/metrics", "/ops/figures")


@pytest.fixture
def page(pwa_folder: Path) -> None:
    pwa_folder.mkdir()
    (pwa_folder / "ops.html").write_text("<!doctype html><title>ops</title>")


def test_on_this_machine_all_is_seen_without_a_token(client: FlaskClient, page: None) -> None:
    assert client.get("/ops").status_code == 200
    told = client.get("/ops/figures")
    assert (told.status_code, told.json["workers"], told.json["inbox"]["pending"]) == (200, 3, 2)
    assert told.headers["Cache-Control"] == "no-store"
    assert client.get("/ops/figures").json["window_s"] is not None


@pytest.mark.parametrize(
    "request_from",
    [
        {"environ_base": {"REMOTE_ADDR": "10.0.0.7"}},
        {"headers": {"X-Forwarded-For": "127.0.0.1"}},
        {"headers": {"Forwarded": "for=127.0.0.1"}},
        {"headers": {"Via": "1.1 school"}},
        {"headers": {"X-Real-IP": "127.0.0.1"}},
        {"headers": {"Host": "evil.example"}},
        {"headers": {"Host": "localhost.evil.example"}},
    ],
    ids=str,
)
def test_from_elsewhere_there_is_no_such_page(
    client: FlaskClient, page: None, request_from: dict[str, dict[str, str]]
) -> None:
    for path in ("/ops", "/ops/figures"):
        assert client.get(path, **request_from).status_code == 404  # type: ignore[arg-type]


def test_a_public_address_has_no_such_page(
    client: FlaskClient, page: None, system: FakeSystem
) -> None:
    system.settings.faces_public = True
    for path in ("/ops", "/ops/figures"):
        assert client.get(path).status_code == 404


def test_with_a_token_it_is_asked_for_everywhere(
    client: FlaskClient, page: None, system: FakeSystem
) -> None:
    system.settings.ops_token = "s3cret"
    system.settings.faces_public = True
    assert client.get("/ops").status_code == 200
    for path in FIGURES:
        for wrong in ({}, {"Authorization": "Bearer s3cre"}, {"Authorization": "Basic s3cret"}):
            refused = client.get(path, headers=wrong)
            assert (refused.status_code, refused.json["code"]) == (401, "unauthorized")
            assert "Bearer" in refused.headers["WWW-Authenticate"]
        assert client.get(path, headers=RIGHT).status_code == 200


@pytest.mark.parametrize("path", ["/ops", *FIGURES])
@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "[::1]", "localhost."])
def test_where_others_may_come_nothing_is_open_without_a_token(
    client: FlaskClient, page: None, system: FakeSystem, path: str, host: str
) -> None:
    system.settings.faces_public = True
    wanted = 401 if path == "/metrics" else 404
    assert client.get(path, headers={"Host": host}).status_code == wanted


def test_the_token_of_the_home_is_asked_for_where_serve_made_one(
    client: FlaskClient, page: None, system: FakeSystem, tmp_path: Path
) -> None:
    system.settings.home = tmp_path
    (tmp_path / "ops.token").write_text("s3cret\n")
    assert client.get("/ops").status_code == 200
    assert client.get("/ops/figures").status_code == 404
    assert client.get("/metrics").status_code == 401
    for path in FIGURES:
        assert client.get(path, headers=RIGHT).status_code == 200
    system.settings.faces_public = True
    assert client.get("/ops").status_code == 404
    for path in FIGURES:
        assert client.get(path, headers=RIGHT).status_code == 200


def test_a_token_that_cannot_be_read_opens_nothing(
    client: FlaskClient, system: FakeSystem, tmp_path: Path
) -> None:
    system.settings.home = tmp_path
    (tmp_path / "ops.token").mkdir()
    assert client.get("/metrics").status_code == 401


def test_browsers_that_come_by_https_are_told_to_stay_with_it() -> None:
    for over_tls in (False, True):
        system = FakeSystem()
        system.settings.over_tls = over_tls
        for path in ("/health/live", "/nothing", "/api/v1/me"):
            answer = create_app(system).test_client().get(path)  # type: ignore[arg-type]
            assert ("Strict-Transport-Security" in answer.headers) is over_tls


@pytest.mark.parametrize(
    ("given", "public", "over_tls"),
    [
        ({}, False, False),
        ({"host": "192.0.2.7"}, True, False),
        ({"host": "::"}, True, False),
        ({"public_url": "http://play.school.example"}, True, False),
        ({"public_url": "https://play.school.example"}, True, True),
        ({"tls_cert": Path("a"), "tls_key": Path("b")}, True, True),
        ({"trusted_proxies": ("127.0.0.1",)}, True, False),
    ],
)
def test_others_may_come_where_a_setting_says_so(
    given: dict[str, object], public: bool, over_tls: bool
) -> None:
    settings = Settings(**given)  # type: ignore[arg-type]
    assert (settings.faces_public, settings.over_tls) == (public, over_tls)


def test_a_childs_token_is_no_operators(tablet: Tablet, system: FakeSystem) -> None:
    system.settings.ops_token = "s3cret"
    assert tablet.get("/metrics").status_code == 401


@pytest.mark.parametrize(
    ("shown", "token", "seen"),
    [
        (None, "", True),
        (None, "a", False),
        ("", "a", False),
        ("Bearer a", "a", True),
        ("bearer  a ", "a", True),
        ("Bearer é", "a", False),
        ("Bearer", "a", False),
    ],
)
def test_a_token_is_shown_whole_or_not(shown: str | None, token: str, *, seen: bool) -> None:
    assert may_see(shown, token) is seen


def series(client: FlaskClient) -> set[tuple[str, tuple[tuple[str, str], ...]]]:
    return {
        (sample.name, tuple(sorted(sample.labels.items())))
        for family in parse(client.get("/metrics").text)
        for sample in family.samples
    }


@pytest.mark.slow
def test_random_requests_make_no_series_of_their_own(tablet: Tablet, client: FlaskClient) -> None:
    chance = random.Random(7)

    def word() -> str:
        return "".join(chance.choices(string.ascii_letters + string.digits + "-_.", k=12))

    def anything(number: int) -> None:
        if number % 10 == 0:
            tablet.sync(session(game_type=word()), {"game_type": word()}, word())
        elif number % 2:
            client.open(f"/{word()}/{word()}?{word()}={word()}", method=word())
        else:
            path = chance.choice(("/api/v1/", "/api/v1/leaderboards/", "/health/", "/ops/", "/"))
            client.open(path + word(), method=chance.choice(("GET", "POST", "BREW", "DELETE")))

    for number in range(100):
        anything(number)
    known = series(client)
    for number in range(2_000):
        anything(number)
    assert series(client) - known == set()
