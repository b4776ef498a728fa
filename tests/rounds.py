"""Rounds of cyber_runner as played by hand, and their correct session records."""

from __future__ import annotations

from random import Random
from typing import Any

from neuroplay.core.entities.verification import TracedRound
from neuroplay.core.interfaces.services import ReplayVerifier

ODD_SEEDS = (0, 1, 2**31 - 1, 2**32 - 1)
LEFT, RIGHT, JUMP, STOP = 1, 2, 4, 8


def random_round(number: int) -> TracedRound:
    """A round of its own for each number: difficulties, hasty and slow hands, several keys at once,
    idle children, and such that were left."""
    random = Random(number)
    longest_wait = random.choice((8, 25, 60, 200, 900))
    trace: list[int] = []
    for _ in range(random.choice((0, 40, 150, 300))):
        trace += [random.randint(1, longest_wait), random.choice((LEFT, RIGHT, JUMP, 5, 6, 7))]
    if random.random() < 0.2:
        trace += [random.randint(1, 400), STOP]
    return TracedRound(
        game_type="cyber_runner",
        game_version="1",
        seed=ODD_SEEDS[number % 4] if number % 50 < 4 else random.getrandbits(31),
        difficulty=random.randint(1, 5),
        trace=trace,
    )


def true_claims(number: int, verifier: ReplayVerifier) -> dict[str, Any]:
    """What the session of `random_round(number)` says of it, as fields of a wire record."""
    return claims_of(random_round(number), verifier)


def claims_of(played: TracedRound, verifier: ReplayVerifier) -> dict[str, Any]:
    """The same of any round."""
    gave = verifier.play_again(played)
    return {
        "game_type": played.game_type,
        "game_version": played.game_version,
        "score": gave.score,
        "accuracy": gave.accuracy,
        "duration": gave.duration,
        "completed": gave.completed,
        "metadata": {
            "difficulty": played.difficulty,
            "seed": played.seed,
            "trace": list(played.trace),
        },
    }
