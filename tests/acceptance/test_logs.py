"""The logs of a running system: they show the path of each game, and nothing about a child."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest

from tests.acceptance.installation import Installation, Player, finished_game, wait_until

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    system = Installation(
        home=tmp_path_factory.mktemp("logs") / "home", settings={"NEUROPLAY_LOG_LEVEL": "debug"}
    )
    with system.detached():
        yield system


def lines(system: Installation, *words: str) -> list[dict[str, Any]]:
    """The JSON lines of the logs of API and worker that match."""
    found = []
    for program in ("api", "worker"):
        said = system.run("logs", program, "-n", "10000", "--grep", *words).out
        found += [json.loads(line) for line in said.splitlines() if line.startswith("{")]
    return found


def test_a_game_can_be_followed_by_its_id_from_request_to_task(system: Installation) -> None:
    made = system.json("class", "create", "3B", "--students", "1")
    player = system.sign_in(made["class"]["code"], made["students"][0]["card_code"])
    session_id = player.play()["session_id"]
    player.wait_processed(1)

    def told() -> dict[str, dict[str, Any]]:
        return {line["event"]: line for line in lines(system, session_id)}

    wait_until(lambda: len(told()) == 2, "API and worker told of it")
    request, drained = told()["request"], told()["inbox drained"]
    assert (request["route"], request["status"]) == ("/api/v1/gameplay/sync", 202)
    assert request["duration_ms"] > 0
    assert drained["requests"] == [request["request_id"]]
    (item,) = system.json("sync", "show", session_id)["items"]
    assert item["request_id"] == request["request_id"]


def test_no_nickname_code_or_token_is_ever_written(system: Installation) -> None:
    made = system.json("class", "create", "Turma do Girassol", "--students", "4")
    code = made["class"]["code"]
    secrets = [code, "Turma do Girassol", "Zzyzx Zebra"]
    for student in made["students"]:
        secrets += [student["nickname"], student["card_code"]]
    players = [_signed_in(system, code, s["card_code"], secrets) for s in made["students"][:3]]
    for player in players:
        _do_everything(system, player)
    _wrong_cards(system, code, made["students"][3]["card_code"], secrets)
    reset = system.json("student", "reset-card", str(made["students"][0]["id"]), "--yes")
    secrets.append(reset["card_code"])
    assert system.get("/api/v1/me", players[0].token)[0] in {200, 401}
    assert system.run("student", "erase", str(made["students"][1]["id"]), "--yes").code == 0
    system.get("/api/v1/me", players[1].token)
    system.run("restart", "worker")
    wait_until(lambda: system.get("/health")[0] == 200, "it is well again")

    written = "".join(
        path.read_text(errors="replace") for path in (system.home / "logs").rglob("*.log*")
    )
    assert '"event": "request"' in written
    assert '"event": "inbox drained"' in written
    assert [secret for secret in secrets if secret in written] == []


def _signed_in(system: Installation, code: str, card: str, secrets: list[str]) -> Player:
    device_id = str(uuid4())
    words = {"class_code": code, "card_code": card, "device_id": device_id}
    status, answer = system.post("/api/v1/sign-in", words)
    assert status == 200
    secrets += [answer["token"], answer["export_key"]]
    return Player(system=system, token=answer["token"], device_id=device_id)


def _do_everything(system: Installation, player: Player) -> None:
    good = finished_game()
    named = {**finished_game(), "nickname": "Zzyzx Zebra", "score": -3}
    odd = {**finished_game(), "session_id": "Zzyzx Zebra"}
    wrong = {**finished_game(), "game_type": "Zzyzx Zebra", "metadata": "Zzyzx Zebra"}
    assert player.send([good, named, odd, wrong, {**good, "score": 1}]) == [
        *("accepted", "invalid", "invalid", "invalid", "conflict"),
    ]
    player.send([{**finished_game(), "duration": 900, "metadata": {"note": "Zzyzx Zebra"}}])
    player.wait_processed(1)
    for path in ("/api/v1/me", "/api/v1/me/sessions", "/api/v1/leaderboards/cyber_runner"):
        assert system.get(path, player.token)[0] == 200
    system.post("/api/v1/gameplay/sync", {"sessions": "Zzyzx Zebra"}, player.token)
    system.get(f"/api/v1/leaderboards/Zzyzx%20Zebra?{player.token}", player.token)
    system.get(f"/{player.token}/x.png")


def _wrong_cards(system: Installation, code: str, card: str, secrets: list[str]) -> None:
    for wrong in ("0000000000", card[::-1], "Zzyzx Zebra"):
        words = {"class_code": code, "card_code": wrong, "device_id": str(uuid4())}
        assert system.post("/api/v1/sign-in", words)[0] in {401, 422}
        secrets.append(wrong)
