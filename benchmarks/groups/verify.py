"""Speed of the engine that replays rounds, for each game, and cost of the worst trace."""

from __future__ import annotations

from functools import partial

from benchmarks.harness.figures import Figure, repeat, seconds
from benchmarks.harness.options import Options
from neuroplay.bootstrap import RULES
from neuroplay.core.entities.game_catalogue import GAMES
from neuroplay.core.entities.verification import TracedRound
from neuroplay.core.rules.storable import LARGEST_BYTES
from neuroplay.infra.verifier.quickjs_ng import QuickJsVerifier
from tests.frozen_rounds import recorded


def current() -> list[str]:
    """Playable games at their version of today."""
    return [f"{name}@{game.version}" for name, game in GAMES.items() if game.playable]


def whole_rounds(key: str) -> list[TracedRound]:
    """Rounds of all levels and kinds of players that were played to the end."""
    return [played for played, gave in recorded(key) if gave.completed]


def worst() -> TracedRound:
    """The longest trace that a session can have, with an input at every step."""
    return TracedRound(
        game_type="cyber_runner",
        game_version="1",
        seed=1,
        difficulty=5,
        trace=[1, 7] * (LARGEST_BYTES // 4),
    )


def measure(options: Options) -> list[Figure]:
    verifier = QuickJsVerifier(RULES)
    figures = []
    for key in current():
        rounds = whole_rounds(key)
        verifier.play_again(rounds[0])
        figures.append(
            Figure(
                name=f"{key}, a whole round verified",
                unit="ms",
                aim=25,
                values=tuple(1000 * seconds(partial(verifier.play_again, one)) for one in rounds),
            )
        )
    hostile = worst()
    longest = repeat(lambda: seconds(partial(verifier.play_again, hostile)), runs=options.runs)
    verifier.close()
    return [
        *figures,
        Figure(name="the longest trace of a session", unit="s", aim=0.25, values=longest),
    ]
