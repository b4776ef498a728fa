"""The page for adults: where it is served, and what a browser may do with it."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask.testing import FlaskClient

NAVIGATION = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


@pytest.fixture(autouse=True)
def built(pwa_folder: Path) -> None:
    (pwa_folder / "teacher-assets").mkdir(parents=True)
    (pwa_folder / "index.html").write_text("<!doctype html><title>the app</title>")
    (pwa_folder / "teacher.html").write_text("<!doctype html><title>for adults</title>")
    (pwa_folder / "teacher-assets" / "teacher-4f2c.js").write_text("let a = 1;")


@pytest.mark.parametrize(
    "path", ["/teacher", "/teacher/", "/teacher/class/3/held", "/teacher/help"]
)
def test_the_page_is_served_at_each_of_its_addresses(client: FlaskClient, path: str) -> None:
    answer = client.get(path, headers=NAVIGATION)
    assert (answer.status_code, answer.mimetype) == (200, "text/html")
    assert "for adults" in answer.text
    assert answer.headers["Cache-Control"] == "no-cache"
    policy = answer.headers["Content-Security-Policy"]
    assert "script-src 'self'" in policy.split("; ")
    assert "unsafe" not in policy


def test_an_address_that_only_begins_alike_is_the_apps(client: FlaskClient) -> None:
    assert "the app" in client.get("/teachers", headers=NAVIGATION).text


def test_its_files_stay_a_year(client: FlaskClient) -> None:
    answer = client.get("/teacher-assets/teacher-4f2c.js")
    assert (answer.status_code, answer.mimetype) == (200, "text/javascript")
    assert "immutable" in answer.headers["Cache-Control"]
