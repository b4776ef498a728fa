"""One running system, tested from all sides, then stopped and started again."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import HTTPCookieProcessor, Request, build_opener

import pytest

from tests.acceptance.installation import Installation, wait_until

pytestmark = pytest.mark.slow

PROGRAMS = ("postgres", "redis", "api", "worker")


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Installation, Any]]:
    """A fresh home, served; and what `serve` said when it was ready."""
    system = Installation(home=tmp_path_factory.mktemp("served") / "home")
    try:
        yield system, system.json("serve", "--detach")
    finally:
        system.end()
        assert system.processes() == []


@pytest.fixture(scope="module")
def system(served: tuple[Installation, Any]) -> Installation:
    return served[0]


@pytest.fixture(scope="module")
def card(served: tuple[Installation, Any]) -> tuple[str, str]:
    demo = served[1]["demo"]
    return demo["class_code"], demo["students"][0]["card_code"]


def test_a_start_says_the_address_and_three_cards(served: tuple[Installation, Any]) -> None:
    system, said = served
    assert said["url"] == f"http://127.0.0.1:{system.port}"
    assert said["home"] == str(system.home)
    assert len(said["demo"]["students"]) == 3
    assert f"{said['pid']}\n" == (system.home / "serve.lock").read_text()


def test_a_new_home_says_a_link_to_the_page_of_the_demo_class(
    served: tuple[Installation, Any],
) -> None:
    system, said = served
    address, _, token = said["teacher_link"].partition("#join=")
    assert address == f"http://127.0.0.1:{system.port}/teacher"
    browser = build_opener(HTTPCookieProcessor())

    def ask(method: str, path: str, body: object = None, **headers: str) -> Any:
        request = Request(f"{said['url']}/api/v1/adult{path}", method=method)  # noqa: S310
        for name, value in headers.items():
            request.add_header(name.replace("_", "-"), value)
        if body is not None:
            request.data = json.dumps(body).encode()
            request.add_header("Content-Type", "application/json")
        with browser.open(request, timeout=30) as answer:
            return json.load(answer)

    joined = ask("POST", "/join", {"token": token, "passphrase": "three blind mice"})
    (demo,) = joined["classes"]
    assert (demo["name"], demo["students"]) == ("Demo", 12)
    changed = ask(
        "PATCH", f"/classes/{demo['id']}", {"day_minutes": 40}, X_CSRF_Token=joined["csrf"]
    )
    assert changed["day_minutes"] == 40
    with pytest.raises(HTTPError, match="405"):
        ask("DELETE", "/self", X_CSRF_Token=joined["csrf"])
    with pytest.raises(HTTPError, match="410"):
        ask("POST", "/invitation", {"token": token})


def test_status_shows_every_process_running_as_soon_as_serve_returned(
    served: tuple[Installation, Any],
) -> None:
    system, said = served
    found = system.json("status")
    assert found["url"] == said["url"]
    assert found["home"] == said["home"]
    assert [process["name"] for process in found["processes"]] == list(PROGRAMS)
    assert {process["state"] for process in found["processes"]} == {"RUNNING"}
    assert all(process["pid"] and process["uptime_s"] >= 0 for process in found["processes"])


def test_a_game_is_accepted_and_processed(system: Installation, card: tuple[str, str]) -> None:
    assert system.get("/health/ready")[0] == 200
    player = system.sign_in(*card)
    player.play()
    player.wait_processed(1)
    assert player.progress()["xp"] > 0


def test_a_second_serve_on_the_same_home_is_refused(system: Installation) -> None:
    second = Installation(home=system.home).run("serve")
    assert second.code == 3
    assert "already runs on the home" in second.err
    assert "neuroplay stop" in second.err
    assert system.get("/health/ready")[0] == 200


def test_a_taken_port_is_named(system: Installation, tmp_path: Any) -> None:
    other = Installation(home=tmp_path / "home", port=system.port)
    ended = other.run("serve")
    assert ended.code == 3
    assert f"port {system.port} is taken" in ended.err
    assert "--port" in ended.err
    assert ended.err.count("\n") == 1
    assert other.processes() == []


def test_commands_ask_the_one_that_runs_whatever_port_the_settings_have(
    system: Installation,
) -> None:
    elsewhere = Installation(home=system.home)
    assert elsewhere.port != system.port
    wait_until(lambda: elsewhere.run("health").code == 0, "health finds the running one")
    assert elsewhere.run("metrics").code == 0


def test_cards_open_the_serve_that_runs_whatever_port_the_settings_have(
    system: Installation, tmp_path: Path
) -> None:
    elsewhere = Installation(home=system.home)
    made = elsewhere.json("class", "cards", "Demo", "--out", str(tmp_path / "cards.html"))
    url = system.json("status")["url"]
    assert made["url"] == url
    assert all(card["link"].startswith(f"{url}/#card=") for card in made["cards"])


def test_restart_replaces_one_process_and_no_other(system: Installation) -> None:
    before = system.status()
    assert system.run("restart", "worker").code == 0
    after = system.status()
    assert after["worker"]["pid"] != before["worker"]["pid"]
    assert after["worker"]["state"] == "RUNNING"
    assert {n: p["pid"] for n, p in after.items() if n != "worker"} == {
        n: p["pid"] for n, p in before.items() if n != "worker"
    }


def test_restart_of_an_unknown_process_is_a_usage_error(system: Installation) -> None:
    ended = system.run("restart", "nginx")
    assert ended.code == 2
    assert "postgres, redis, api, worker" in ended.err


@pytest.mark.parametrize("command", ["restart", "logs"])
def test_beat_is_found_where_it_runs(system: Installation, command: str) -> None:
    ended = system.run(command, "beat")
    assert ended.code == 2
    assert "It is part of the worker" in ended.err


def test_logs_show_each_process_and_no_code(system: Installation, card: tuple[str, str]) -> None:
    said = system.run("logs", "-n", "500").out
    for program in (*PROGRAMS, "supervisor"):
        assert f"\n{program}" in said
    assert card[1] not in said
    assert system.run("logs", "postgres", "-n", "3").out.count("\n") == 3


def test_logs_are_searched(system: Installation) -> None:
    found = system.run("logs", "--grep", r"api.*\bready\b|request", "-n", "5").out.splitlines()
    assert found
    assert all("api" in line or "request" in line for line in found)
    assert system.run("logs", "--grep", "no such line anywhere").out == ""
    refused = system.run("logs", "--grep", "[")
    assert refused.code == 2
    assert "not a regular expression" in refused.err


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_killed_process_comes_back(system: Installation, program: str) -> None:
    killed = system.status()[program]["pid"]
    os.kill(killed, signal.SIGKILL)

    def is_back() -> bool:
        found = system.status()[program]
        return found["state"] == "RUNNING" and found["pid"] != killed

    wait_until(is_back, f"{program} comes back")
    wait_until(lambda: system.get("/health")[0] == 200, "it is healthy again")


def test_games_go_on_after_all_that(system: Installation, card: tuple[str, str]) -> None:
    player = system.sign_in(*card)
    player.play()
    player.wait_processed(2)


def test_restart_of_everything_keeps_the_data(system: Installation, card: tuple[str, str]) -> None:
    before = system.status()
    assert system.run("restart").code == 0
    after = system.status()
    assert all(after[name]["pid"] != before[name]["pid"] for name in PROGRAMS)
    wait_until(lambda: system.get("/health")[0] == 200, "it is healthy again")
    assert system.sign_in(*card).processed() == 2


def test_a_killed_supervisor_leaves_nothing_in_the_way(
    served: tuple[Installation, Any], card: tuple[str, str]
) -> None:
    system, said = served
    before = {process.pid for process in system.processes()}
    os.kill(int((system.home / "serve.lock").read_text()), signal.SIGKILL)
    again = system.json("serve", "--detach")
    assert again["demo"] == said["demo"]
    assert before.isdisjoint(process.pid for process in system.processes())
    assert system.sign_in(*card).processed() == 2


def test_even_a_kill_of_everything_at_once_does_not(
    system: Installation, card: tuple[str, str]
) -> None:
    player = system.sign_in(*card)
    player.play()
    system.kill()
    assert system.run("serve", "--detach").code == 0
    player.wait_processed(3)


def test_stop_leaves_no_process_and_no_socket(system: Installation) -> None:
    ended = system.run("stop")
    assert ended.code == 0, ended
    assert system.processes() == []
    assert not system.runtime.exists() or not list(system.runtime.iterdir())


def test_status_of_a_stopped_system_is_a_no_in_valid_json(system: Installation) -> None:
    ended = system.run("status", "--json")
    assert ended.code == 1
    assert f'"home": "{system.home}", "processes": []' in ended.out


def test_stop_and_logs_of_a_stopped_system_are_no_errors(system: Installation) -> None:
    assert system.run("stop").code == 0
    assert system.run("logs", "api").code == 0
    ended = system.run("restart")
    assert ended.code == 3
    assert "neuroplay serve" in ended.err


def test_a_second_start_prints_the_same_cards_and_has_the_games(
    served: tuple[Installation, Any], card: tuple[str, str]
) -> None:
    system, said = served
    again = system.json("serve", "--detach")
    assert again["demo"] == said["demo"]
    assert again["teacher_link"] is None
    assert system.sign_in(*card).processed() == 3
