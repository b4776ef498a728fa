"""The secret of a running system is replaced while children play."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.acceptance.installation import Installation, Player, wait_until

pytestmark = pytest.mark.slow


def signs_in(system: Installation, class_code: str, card_code: str) -> bool:
    card = {"class_code": class_code, "card_code": card_code}
    device = "00000000-0000-4000-8000-000000000001"
    status, _ = system.post("/api/v1/sign-in", {**card, "device_id": device})
    assert status in (200, 401)
    return status == 200


def restart(system: Installation) -> None:
    system.run("restart", "api")  # which waits, but not as long as a busy machine may take
    wait_until(lambda: system.get("/health/ready")[0] == 200, "the API answers again")


def knows(system: Installation, player: Player) -> bool:
    return system.get("/api/v1/me", player.token)[0] == 200


def test_children_play_on_with_old_cards_until_the_old_secret_is_retired(tmp_path: Path) -> None:
    system = Installation(home=tmp_path / "home")
    try:
        demo = system.json("serve", "--detach")["demo"]
        code, old = demo["class_code"], [one["card_code"] for one in demo["students"]]
        before = system.sign_in(code, old[0])
        before.play()
        secret = (system.home / "secret").read_text()

        assert system.json("secret", "rotate", "--yes")["state"] == "rotating"
        assert (system.home / "secret.old").read_text() == secret
        assert knows(system, before), "by the processes that still know the old secret alone"
        restart(system)

        before.play()
        by_old = system.sign_in(code, old[1])
        new = [one["card_code"] for one in system.json("class", "cards", code)["cards"]]
        by_new = system.sign_in(code, new[2])
        for player in (by_old, by_new):
            player.play()
            player.wait_processed(1)
        before.wait_processed(2)
        found = system.json("secret", "status")
        assert found["students"] - found["missing"] == 1

        retired = system.json("secret", "retire", "--yes")
        assert retired["kept"] == str(system.home / "secret.retired")
        restart(system)
        assert knows(system, by_new)
        assert not knows(system, before)
        assert not knows(system, by_old)
        assert not signs_in(system, code, old[0])
        assert signs_in(system, code, new[0])
        assert system.sign_in(code, new[0]).processed() == 2
        assert system.run("doctor").code == 0
    finally:
        system.end()
