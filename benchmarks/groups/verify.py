"""Speed of the engine that replays rounds, and cost of the worst trace."""

from __future__ import annotations

import time
from functools import partial
from random import Random

from benchmarks.harness.figures import Figure, repeat, seconds
from benchmarks.harness.options import Options
from neuroplay.bootstrap import RULES
from neuroplay.core.entities.verification import TracedRound
from neuroplay.core.rules.storable import LARGEST_BYTES
from neuroplay.infra.verifier.quickjs_ng import QuickJsVerifier

ROUNDS = 100
KEYS = (1, 2, 4)


def two_minutes(number: int) -> TracedRound:
    """A complete round with an input nearly every second."""
    random = Random(number)
    trace = [one for _ in range(150) for one in (random.randint(20, 70), random.choice(KEYS))]
    return _round(number, 1 + number % 5, trace)


def worst() -> TracedRound:
    """The longest trace that a session can have, with an input at every step."""
    return _round(1, 5, [1, 7] * (LARGEST_BYTES // 4))


def _round(seed: int, difficulty: int, trace: list[int]) -> TracedRound:
    return TracedRound(
        game_type="cyber_runner",
        game_version="1",
        seed=seed,
        difficulty=difficulty,
        trace=trace,
    )


def measure(options: Options) -> list[Figure]:
    rounds = [two_minutes(number) for number in range(ROUNDS)]
    hostile = worst()
    verifier = QuickJsVerifier(RULES)

    def rounds_a_second() -> float:
        begun = time.perf_counter()
        for played in rounds:
            verifier.play_again(played)
        return ROUNDS / (time.perf_counter() - begun)

    rates = repeat(rounds_a_second, runs=options.runs)
    longest = repeat(lambda: seconds(partial(verifier.play_again, hostile)), runs=options.runs)
    verifier.close()
    return [
        Figure(
            name="two-minute rounds verified, one core",
            unit="rounds/s",
            aim=40,
            more_is_better=True,
            values=rates,
        ),
        Figure(name="the longest trace of a session", unit="s", aim=0.25, values=longest),
    ]
