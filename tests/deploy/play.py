"""A game played against whatever was deployed."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime, timedelta

from neuroplay.bootstrap import RULES
from neuroplay.infra.verifier.quickjs_ng import QuickJsVerifier
from tests.acceptance.installation import Player, finished_game, wait_until
from tests.rounds import true_claims


def check_a_game_is_verified(child: Player) -> None:
    """It arrives, counts, and is replayed with the game's own rules."""
    with closing(QuickJsVerifier(RULES)) as verifier:
        claims = true_claims(4, verifier)
    ended = datetime.now(UTC).replace(microsecond=0)
    started = ended - timedelta(seconds=claims["duration"] + 3)
    game = finished_game() | claims
    game |= {"started_at": started.isoformat(), "ended_at": ended.isoformat()}
    assert child.send([game]) == ["accepted"]

    def verdict() -> str | None:
        _, answer = child.system.get("/api/v1/me/sessions", child.token)
        found = {one["session_id"]: one["verdict"] for one in answer["sessions"]}
        return found.get(game["session_id"])

    wait_until(lambda: verdict() not in (None, "plausible"), "the game is replayed")
    assert verdict() == "verified"
