from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from neuroplay.api.request.security_headers import ALWAYS

NAVIGATION = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


@pytest.fixture
def built(pwa_folder: Path) -> Path:
    assets = pwa_folder / "assets"
    assets.mkdir(parents=True)
    (pwa_folder / "index.html").write_text("<!doctype html><title>NeuroPlay</title>")
    (pwa_folder / "sw.js").write_text("self.skip = 1")
    (pwa_folder / "manifest.webmanifest").write_text("{}")
    (pwa_folder / "icon.svg").write_text("<svg/>")
    (assets / "app-4f2c.js").write_text("let a = 1;" * 100)
    (assets / "app-4f2c.js.gz").write_bytes(gzip.compress(b"let a = 1;" * 100))
    (assets / "app-4f2c.js.br").write_bytes(b"brotli")
    (pwa_folder.parent / "secret").write_text("no")
    return pwa_folder


def test_without_a_build_the_page_says_what_to_do(client: FlaskClient) -> None:
    answer = client.get("/", headers=NAVIGATION)
    assert answer.status_code == 503
    assert "make build" in answer.text
    assert client.get("/sw.js").status_code == 404


@pytest.mark.usefixtures("built")
def test_the_app_is_served_at_every_address_of_its_own(client: FlaskClient) -> None:
    for path in ("/", "/play/cyber_runner", "/settings", "/apiary", "/healthy"):
        answer = client.get(path, headers=NAVIGATION)
        assert (answer.status_code, answer.mimetype) == (200, "text/html"), path
        assert answer.headers["Cache-Control"] == "no-cache"


@pytest.mark.usefixtures("built")
def test_what_is_no_navigation_gets_no_page(client: FlaskClient) -> None:
    assert client.get("/play", headers={"Accept": "application/json"}).status_code == 404
    assert client.get("/play").status_code == 404
    answer = client.get("/logo.png", headers=NAVIGATION)
    assert (answer.status_code, answer.json["code"]) == (404, "not_found")


@pytest.mark.usefixtures("built")
def test_the_service_worker_may_rule_the_whole_app(client: FlaskClient) -> None:
    answer = client.get("/sw.js")
    assert answer.mimetype == "text/javascript"
    assert answer.headers["Cache-Control"] == "no-cache"
    assert answer.headers["Service-Worker-Allowed"] == "/"
    assert "connect-src 'self'" in answer.headers["Content-Security-Policy"]


@pytest.mark.usefixtures("built")
def test_the_manifest_is_one(client: FlaskClient) -> None:
    assert client.get("/manifest.webmanifest").mimetype == "application/manifest+json"
    assert client.get("/icon.svg").mimetype == "image/svg+xml"


@pytest.mark.usefixtures("built")
@pytest.mark.parametrize(
    ("accepted", "encoding"),
    [
        ("gzip, deflate, br", "br"),
        ("gzip", "gzip"),
        ("identity", None),
        ("br;q=0", None),
        ("", None),
    ],
)
def test_assets_stay_a_year_and_come_compressed(
    client: FlaskClient, accepted: str, encoding: str | None
) -> None:
    answer = client.get("/assets/app-4f2c.js", headers={"Accept-Encoding": accepted})
    assert answer.status_code == 200
    assert answer.mimetype == "text/javascript"
    assert answer.headers.get("Content-Encoding") == encoding
    assert answer.headers["Vary"] == "Accept-Encoding"
    policy = {part.strip() for part in answer.headers["Cache-Control"].split(",")}
    assert policy == {"public", "immutable", "max-age=31536000"}


@pytest.mark.usefixtures("built")
def test_a_file_that_did_not_change_is_not_sent_again(client: FlaskClient) -> None:
    for path in ("/", "/sw.js", "/assets/app-4f2c.js"):
        first = client.get(path, headers=NAVIGATION)
        by_tag = client.get(path, headers=NAVIGATION | {"If-None-Match": first.headers["ETag"]})
        by_time = client.get(
            path, headers=NAVIGATION | {"If-Modified-Since": first.headers["Last-Modified"]}
        )
        assert (by_tag.status_code, by_tag.data) == (304, b"")
        assert by_time.status_code == 304


@pytest.mark.usefixtures("built")
@pytest.mark.parametrize(
    "path",
    [
        "/../secret",
        "/%2e%2e/secret",
        "/assets/../../secret",
        "/assets/%2e%2e/%2e%2e/secret",
        "/..%2fsecret",
        "//secret",
        "/a%00b.js",
        "/assets",
        "/assets/",
    ],
)
def test_nothing_outside_the_build_is_served(client: FlaskClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code in (308, 404)
    assert answer.data != b"no"


@pytest.mark.usefixtures("built")
def test_pages_trust_nobody_else(client: FlaskClient) -> None:
    headers = client.get("/", headers=NAVIGATION).headers
    policy = headers["Content-Security-Policy"]
    for rule in (
        "default-src 'self'",
        "script-src 'self'",
        "style-src 'self'",
        "worker-src 'self'",
        "img-src 'self' data: blob:",
        "frame-ancestors 'none'",
        "object-src 'none'",
    ):
        assert rule in policy.split("; ")
    assert "unsafe" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["X-Frame-Options"] == "DENY"
    assert "camera=(self)" in headers["Permissions-Policy"]


@pytest.mark.usefixtures("built")
@pytest.mark.parametrize(
    ("path", "kept"),
    [
        ("/", "no-cache"),
        ("/sw.js", "no-cache"),
        ("/docs", "no-cache"),
        ("/api/v1/games", "no-cache"),
        ("/api/v1/me", "no-store"),
        ("/nothing.js", "no-store"),
        ("/health/live", "no-store"),
    ],
)
def test_every_answer_has_each_header_once(client: FlaskClient, path: str, kept: str) -> None:
    answer = client.get(path, headers=NAVIGATION)
    names = [name for name, _ in answer.headers]
    assert sorted(names) == sorted(set(names))
    assert {name for name, _ in ALWAYS} < set(names)
    assert answer.headers["Content-Security-Policy"].startswith("default-src")
    assert answer.headers["Cache-Control"] == kept
