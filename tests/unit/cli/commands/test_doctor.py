from __future__ import annotations

import os
from pathlib import Path

import pytest

from cli.commands import doctor, health
from cli.output.errors import describe
from neuroplay.config import load_settings
from neuroplay.operation.doctor import (
    OK,
    WARNING,
    WRONG,
    Finding,
    examine,
    machine,
    without_the_doctor,
)
from tests.certificates import self_signed


@pytest.fixture
def settings(tmp_path, monkeypatch):
    """Settings of a machine where nothing is set."""
    monkeypatch.chdir(tmp_path)
    for name in os.environ:
        if name.startswith("NEUROPLAY_") or name in ("DATABASE_URL", "REDIS_URL"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("NEUROPLAY_HOME", str(tmp_path / "home"))

    def load(**changes):
        return load_settings(**changes)

    return load


@pytest.mark.parametrize(
    ("url", "state"),
    [("", WARNING), ("postgresql://nobody@127.0.0.1:1/none", WRONG)],
    ids=["embedded, not running", "nobody listens"],
)
def test_a_database_that_does_not_answer_is_told_once(settings, monkeypatch, url, state):
    monkeypatch.setenv("DATABASE_URL", url)
    silent = Finding(name="api", state=OK, what="healthy")
    found = {one.name: one for one in examine(describe=describe, check_api=lambda: silent)}
    assert found["database"].state == state
    for name in ("clock", "schema", "cards", "backups"):
        assert (found[name].state, found[name].what) == (WARNING, "not checked: see database")


@pytest.mark.parametrize(
    ("changes", "state"),
    [
        ({}, OK),
        ({"public_url": "https://play.school.example"}, OK),
        ({"public_url": "http://play.school.example"}, WARNING),
        ({"host": "192.0.2.7"}, WARNING),
        ({"tls_cert": "/x.pem"}, WRONG),
        ({"tls_cert": "/x.pem", "tls_key": "/y.pem"}, WRONG),
    ],
)
def test_an_address_without_https_deserves_a_look_and_half_of_tls_is_wrong(
    settings, changes, state
):
    assert machine.check_settings(settings(**changes)).state == state


def test_a_certificate_that_does_not_name_where_tablets_go_is_told(settings, tmp_path):
    pair = self_signed(tmp_path, "play.school.example")
    served = {"tls_cert": pair.cert, "tls_key": pair.key}

    found = machine.check_settings(settings(host="192.0.2.7", **served))

    assert (found.state, found.what) == (
        WARNING,
        "Tablets will not open https://192.0.2.7:5000: the certificate is made out to "
        "play.school.example",
    )
    assert found.fix.startswith("Set NEUROPLAY_PUBLIC_URL to https://NAME:PORT")
    for changes in (
        {"host": "192.0.2.7", "public_url": "https://play.school.example:5000"},
        {"host": "192.0.2.7", "trusted_proxies": "192.0.2.1"},
        {"host": "127.0.0.1"},
    ):
        assert machine.check_settings(settings(**changes, **served)).state == OK


def test_a_home_that_is_not_there_yet_is_made_by_serve(tmp_path):
    found = machine.check_home(tmp_path / "home")

    assert (found.state, found.fix) == (WARNING, "Run: neuroplay serve")


def test_a_home_that_anyone_may_write_in_is_wrong(tmp_path):
    tmp_path.chmod(0o777)

    found = machine.check_home(tmp_path)

    assert found.state == WRONG
    assert found.fix == f"Run: chmod o-w {tmp_path}"


def test_a_path_with_a_space_is_quoted_where_it_is_to_be_typed(tmp_path):
    home = tmp_path / "da escola"
    home.mkdir()
    home.chmod(0o777)

    assert machine.check_home(home).fix == f"Run: chmod o-w '{home}'"


def test_a_home_that_is_a_file_is_wrong(tmp_path):
    (tmp_path / "home").write_text("")

    assert machine.check_home(tmp_path / "home").state == WRONG


def test_the_disk_is_that_of_the_home_even_before_it_exists(tmp_path):
    assert "GiB free" in machine.check_disk(tmp_path / "not" / "yet").what


def test_a_secret_that_others_can_read_is_wrong_and_chmod_mends_it(settings, tmp_path):
    home = tmp_path / "home"
    home.mkdir()
    (home / "secret").write_text("x" * 64)
    (home / "secret").chmod(0o644)

    found = machine.check_secret(settings())

    assert found.state == WRONG
    assert found.fix == f"Run: chmod 600 {home / 'secret'}"

    (home / "secret").chmod(0o600)
    assert machine.check_secret(settings()).state == OK


@pytest.mark.parametrize(
    ("changes", "state"),
    [
        ({}, OK),
        ({"secret": "x" * 32}, OK),
        ({"secret": "short"}, WRONG),
        ({"secret_file": "/none/secret"}, WRONG),
        ({"database_url": "postgresql://u@h/d"}, WRONG),
        ({"database_url": "postgresql://u@h/d", "secret": "x" * 32}, OK),
    ],
)
def test_the_secret_is_demanded_where_the_database_is_ones_own(settings, changes, state):
    assert machine.check_secret(settings(**changes)).state == state


def test_a_secret_never_stands_in_a_finding(settings):
    found = machine.check_secret(settings(secret="correct-horse"))

    assert "correct-horse" not in f"{found}"


def test_a_wrong_setting_is_the_only_finding(settings, monkeypatch):
    monkeypatch.setenv("NEUROPLAY_PORT", "many")

    (found,) = examine(describe=describe, check_api=doctor.check_api)

    assert found.state == WRONG
    assert "NEUROPLAY_PORT" in found.what


def test_doctor_ends_with_1_when_something_is_wrong_and_says_so_in_json(settings, monkeypatch, run):
    monkeypatch.setenv("NEUROPLAY_PORT", "many")

    ran = run("doctor", "--json")

    assert ran.code == 1
    assert '"status": "wrong"' in ran.out
    assert ran.err == ""


@pytest.mark.parametrize(
    ("hint", "left"),
    [
        ("Run: neuroplay doctor", ""),
        ("See docs/settings.md, or run: neuroplay doctor", "See docs/settings.md"),
        (
            "Check DATABASE_URL, REDIS_URL and their servers, or run: neuroplay doctor",
            "Check DATABASE_URL, REDIS_URL and their servers",
        ),
        (
            "check the file and its permissions: neuroplay doctor",
            "check the file and its permissions",
        ),
        ("Run: neuroplay serve", "Run: neuroplay serve"),
    ],
)
def test_the_doctor_sends_nobody_to_the_doctor(hint, left):
    assert without_the_doctor(hint) == left


@pytest.mark.parametrize(
    ("states", "last"),
    [
        (["ok", "ok"], "No problems found."),
        (["ok", "warning"], "1 warning."),
        (["warning", "warning"], "2 warnings."),
        (["wrong", "warning"], "1 problem, 1 warning."),
        (["wrong", "wrong"], "2 problems."),
    ],
)
def test_the_last_line_agrees_with_what_was_found(run, monkeypatch, states, last):
    found = [Finding(name=str(n), state=state, what="x") for n, state in enumerate(states)]
    monkeypatch.setattr(doctor, "examine", lambda **_: found)

    ran = run("doctor")

    assert ran.out.splitlines()[-1] == last
    assert ran.code == (1 if "wrong" in states else 0)


def test_a_secret_that_was_cut_off_is_never_replaced_by_a_new_one(tmp_path):
    settings = load_settings(home=tmp_path, secret="s" * 20)

    found = machine.check_secret(settings)

    assert "the complete secret again" in found.fix
    assert "openssl" not in found.fix


def test_what_is_no_secret_is_not_to_be_given_another_owner(settings, tmp_path):
    (tmp_path / "latin").write_bytes(b"\xe9" * 40)
    for path in (Path("/dev/zero"), tmp_path / "latin", Path("/")):
        found = machine.check_secret(settings(secret_file=path))
        assert found.state == machine.WRONG
        assert f"{path} contains no secret" in found.what
        assert "chown" not in found.fix


@pytest.mark.parametrize(
    ("status", "state"), [("healthy", OK), ("saturated", WARNING), ("unhealthy", WRONG)]
)
def test_a_saturated_api_is_a_warning(settings, monkeypatch, status, state):
    checks = {"database": "ok", "requests": "ok" if status == "healthy" else "poor"}
    monkeypatch.setattr(health, "ask", lambda: {"status": status, "checks": checks})
    assert doctor.check_api().state == state


@pytest.mark.parametrize(
    ("processors", "workers", "hint"),
    [
        (1.0, 1, ""),
        (2.0, 1, ""),
        (3.9, 1, ""),
        (4.0, 1, "NEUROPLAY_API_WORKERS=2"),
        (16.0, 4, "NEUROPLAY_API_WORKERS=8"),
        (16.0, 8, ""),
        (0.6, 1, ""),
    ],
)
def test_processors_that_no_api_process_uses_are_a_hint(settings, processors, workers, hint):
    found = machine.check_processors(settings(api_workers=workers), processors)
    assert found.state == OK
    assert f"{processors:g} for this host; {workers} API process" in found.what
    assert (hint in found.fix) if hint else found.fix == ""
