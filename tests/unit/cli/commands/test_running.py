from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from cli.server.reach import local_url, ops_token, people_url, why
from neuroplay.config import load_settings
from neuroplay.core.errors import SettingsError
from neuroplay.infra.supervision.errors import CannotStart
from neuroplay.operation import running
from neuroplay.operation.place import Place
from neuroplay.operation.serving.launch import environment

URL = "postgresql://np:topsecret@db.example:5433/np"


@pytest.fixture
def told(monkeypatch, tmp_path):
    """What the running system of this home was told; this shell was told nothing."""
    found: dict[str, str] = {"DATABASE_URL": URL, "NEUROPLAY_SECRET": "s" * 40}
    for name in ("DATABASE_URL", "REDIS_URL", "NEUROPLAY_SECRET", "NEUROPLAY_SECRET_FILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NEUROPLAY_HOME", str(tmp_path))
    monkeypatch.setattr(running, "environment_of_running", lambda _: found)
    return found


def test_what_is_kept_for_ever_is_told_to_processes_and_shown_as_it_was_written(
    told, monkeypatch, run
):
    monkeypatch.setenv("NEUROPLAY_RAW_DAYS", "never")
    started = environment(load_settings())
    assert (started["NEUROPLAY_RAW_DAYS"], started["NEUROPLAY_TRACE_DAYS"]) == ("never", "30")
    told.update({name: value for name, value in started.items() if value is not None})
    monkeypatch.delenv("NEUROPLAY_RAW_DAYS")
    shown = json.loads(run("config", "show", "--json").out)["settings"]
    (found,) = (one for one in shown if one["name"] == "NEUROPLAY_RAW_DAYS")
    assert (found["value"], found["running"], found["differs"]) == ("90", "never", True)


def test_what_this_shell_does_not_say_is_the_running_systems(told):
    told["NEUROPLAY_PORT"] = "8080"

    settings = running.settings_here()

    assert (settings.database_url, settings.secret, settings.port) == (URL, "s" * 40, 8080)


def test_what_this_shell_says_wins(told, monkeypatch):
    monkeypatch.setenv("NEUROPLAY_PORT", "7000")
    told["NEUROPLAY_PORT"] = "8080"
    monkeypatch.setenv("NEUROPLAY_SECRET_FILE", "/somewhere")

    settings = running.settings_here()

    assert (settings.port, settings.secret) == (7000, "")


@pytest.mark.parametrize("url", ["postgresql://np@other/np", ""])
def test_a_shell_that_names_another_database_takes_nothing_over(told, monkeypatch, url):
    """The secret least of all: it would make cards that open nothing there."""
    monkeypatch.setenv("DATABASE_URL", url)

    settings = running.settings_here()

    assert (settings.database_url, settings.secret) == (url, "")


def test_a_shell_that_names_another_database_asks_its_own_server(told, monkeypatch):
    published = {"local_url": "http://127.0.0.1:8080", "url": "http://running:8080"}
    monkeypatch.setattr(Place, "published", lambda _: published)
    assert local_url(running.settings_here()) == "http://127.0.0.1:8080"
    assert people_url(running.settings_here()) == ("http://running:8080", True)

    monkeypatch.setenv("DATABASE_URL", "postgresql://np@other/np")
    assert local_url(running.settings_here()) == "http://127.0.0.1:5000"
    assert people_url(running.settings_here()) == ("http://127.0.0.1:5000", False)


def test_health_of_another_system_says_that_it_is_not_the_running_one(told, monkeypatch, run):
    monkeypatch.setenv("NEUROPLAY_PORT", "1")
    assert "Run: neuroplay serve" in run("health").err

    monkeypatch.setenv("DATABASE_URL", "postgresql://np@other/np")
    ran = run("health")
    assert ran.code == 3
    assert "DATABASE_URL is not that of the running NeuroPlay" in ran.err


def test_doctor_says_that_another_system_runs(told, monkeypatch, run):
    monkeypatch.setenv("DATABASE_URL", "postgresql://np@127.0.0.1:1/np")
    ran = run("doctor", "--json")
    found = {one["name"]: one for one in json.loads(ran.out)["checks"]}

    assert ran.code == 1
    assert found["running"]["state"] == "warning"
    assert "DATABASE_URL is not that of the NeuroPlay that runs" in found["running"]["what"]
    assert found["redis"]["what"] == "embedded, and the running system's"
    told["DATABASE_URL"] = "postgresql://np@127.0.0.1:1/np"
    checks = json.loads(run("doctor", "--json").out)["checks"]
    assert "running" not in {one["name"] for one in checks}


def test_no_running_system_changes_nothing(told, monkeypatch):
    monkeypatch.setattr(running, "environment_of_running", lambda _: None)

    assert running.settings_here() == load_settings()


def test_a_process_that_holds_the_home_and_is_no_serve_tells_nothing(monkeypatch, tmp_path):
    import os

    from neuroplay.infra.supervision import lock

    descriptor = lock.take(tmp_path)
    try:
        assert running.environment_of_running(tmp_path) is None
    finally:
        os.close(descriptor)
    assert running.environment_of_running(tmp_path) is None
    assert running.environment_of_running(tmp_path / "none") is None


def test_sources_tell_option_environment_file_and_default_apart(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".env").write_text("NEUROPLAY_HOST=0.0.0.0\n")
    monkeypatch.setenv("NEUROPLAY_API_THREADS", "4")
    monkeypatch.delenv("NEUROPLAY_HOST", raising=False)
    monkeypatch.delenv("NEUROPLAY_LOG_LEVEL", raising=False)

    found = running.sources(load_settings(port=8080), ["port"])

    assert {name: found[name] for name in ("port", "api_threads", "host", "log_level")} == {
        "port": "option",
        "api_threads": "environment",
        "host": ".env",
        "log_level": "default",
    }


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        (URL, "postgresql://np:***@db.example:5433/np"),
        ("redis://:topsecret@h:6379/0", "redis://:***@h:6379/0"),
        ("postgresql://np:top@secret@h/np", "postgresql://np:***@h/np"),
        ("unix:///run/r.sock?db=2&password=topsecret", "unix:///run/r.sock?db=2&password=***"),
        ("postgresql:///np?host=/run&sslpassword=x", "postgresql:///np?host=/run&sslpassword=***"),
        ("postgresql://np@h/np", "postgresql://np@h/np"),
        ("http://[bad", "***"),
    ],
)
def test_a_url_is_shown_without_its_password(url, shown):
    assert running.without_password(url) == shown


def test_serve_remembers_a_database_of_ones_own_without_its_password(told, tmp_path):
    running.remember(running.settings_here())

    written = tmp_path / "state" / "last-serve.json"
    assert written.stat().st_mode & 0o777 == 0o600
    assert "topsecret" not in written.read_text()
    with pytest.raises(CannotStart, match=r"db\.example") as refused:
        running.check_same_database(load_settings())
    assert "--embedded" in refused.value.hint
    running.check_same_database(load_settings(database_url=URL))

    running.remember(load_settings())  # a serve on the embedded one
    running.check_same_database(load_settings())


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"database": null}', "\x00"])
def test_a_note_that_cannot_be_read_refuses_nothing(tmp_path, text):
    (tmp_path / "state").mkdir()
    (tmp_path / "state" / "last-serve.json").write_text(text)

    assert running.last_database(tmp_path) == ""


def test_config_show_hides_secrets_and_names_what_differs(told, run, monkeypatch):
    monkeypatch.setenv("NEUROPLAY_OPS_TOKEN", "a-token-of-this-shell")
    told["NEUROPLAY_OPS_TOKEN"] = "another-token"
    told["SENTRY_DSN"] = "https://key@sentry.example/1"

    ran, shown = run("config", "show", "--json"), run("config", "show")

    assert ran.code == shown.code == 0
    for text in (ran.out, shown.out):
        for secret in ("topsecret", "token-of-this", "another-token", "key@sentry", "s" * 40):
            assert secret not in text
    document = json.loads(ran.out)
    assert document["running"] is True
    rows = {row["name"]: row for row in document["settings"]}
    assert rows["NEUROPLAY_OPS_TOKEN"]["differs"] is True
    assert rows["NEUROPLAY_OPS_TOKEN"]["source"] == "environment"
    assert rows["DATABASE_URL"]["running"] == "postgresql://np:***@db.example:5433/np"
    assert "The running system differs" in shown.out


def test_another_server_never_hears_the_running_systems_token(told, monkeypatch):
    told["NEUROPLAY_OPS_TOKEN"] = "of-the-running-system"
    settings = running.settings_here()

    assert ops_token(settings, local=True) == "of-the-running-system"
    assert ops_token(settings, local=False) == ""
    monkeypatch.setenv("NEUROPLAY_OPS_TOKEN", "of-this-shell")
    assert ops_token(running.settings_here(), local=False) == "of-this-shell"


def test_a_wrong_setting_ends_config_show_with_3(run, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NEUROPLAY_PORT", "many")

    assert run("config", "show").code == 3


@pytest.mark.parametrize("way", ["{0}/link", "{0}/home/../home", "{0}/home/"])
def test_the_running_system_is_known_by_whatever_path_leads_to_its_home(tmp_path, monkeypatch, way):
    home = tmp_path / "home"
    home.mkdir()
    (tmp_path / "link").symlink_to(home)
    there = {"PROMETHEUS_MULTIPROC_DIR": "x", "NEUROPLAY_HOME": str(home), "NEUROPLAY_PORT": "8080"}
    pipe = subprocess.PIPE
    with subprocess.Popen(["/bin/cat"], stdin=pipe, stdout=pipe, bufsize=0, env=there) as serve:
        serve.stdin.write(b"begun\n")
        assert serve.stdout.readline() == b"begun\n"  # until then it may show no environment
        monkeypatch.setattr("neuroplay.infra.supervision.lock.holder", lambda _: serve.pid)
        found = running.environment_of_running(Path(way.format(tmp_path)))
        another = running.environment_of_running(tmp_path)
        serve.stdin.close()

    assert found is not None
    assert found["NEUROPLAY_PORT"] == "8080"
    assert another is None


@pytest.mark.parametrize(
    "token", ["top secret", "topsecret\r", "top\nsecret", "tops\u00e9cret", " "]
)
def test_a_token_that_no_request_can_carry_is_refused_and_not_quoted(token, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NEUROPLAY_OPS_TOKEN", token)

    with pytest.raises(SettingsError, match="NEUROPLAY_OPS_TOKEN: it contains a space") as refused:
        load_settings()

    assert "secret" not in f"{refused.value.message} {refused.value.hint}"
    assert "secret" not in why(ValueError(f"Invalid header value b'Bearer {token}'"))
