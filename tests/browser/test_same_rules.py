"""The rules give the same rounds in a browser and in the verifier's engine."""

from __future__ import annotations

import os
from random import Random

import pytest
from playwright.sync_api import Page

from neuroplay.bootstrap import RULES
from neuroplay.core.entities.verification import RoundResult, TracedRound
from neuroplay.infra.verifier.quickjs_ng import QuickJsVerifier
from tests.frozen_rounds import KEYS, recorded
from tests.rounds import random_round

pytestmark = pytest.mark.browser

ROUNDS = int(os.environ.get("NEUROPLAY_TEST_ROUNDS", "300"))
FEW = 24

PLAY_ALL = """
rounds => rounds.map(([key, seed, level, trace]) => {
  const { score, accuracy, duration, completed, right, total, hash } =
    neuroplayRules.games[key].replay(seed, level, trace);
  return { score, accuracy, duration, completed, right, total, state_hash: hash };
})
"""


def in_chromium(page: Page, rounds: list[TracedRound]) -> list[RoundResult]:
    page.goto("about:blank")
    page.add_script_tag(path=RULES)
    results = page.evaluate(
        PLAY_ALL,
        [[f"{r.game_type}@{r.game_version}", r.seed, r.difficulty, list(r.trace)] for r in rounds],
    )
    return [RoundResult(**one) for one in results]


def in_quickjs(rounds: list[TracedRound]) -> list[RoundResult]:
    verifier = QuickJsVerifier(RULES)
    results = [verifier.play_again(one) for one in rounds]
    verifier.close()
    return results


def test_random_rounds_end_alike_in_chromium_and_in_quickjs(page: Page) -> None:
    rounds = [random_round(number) for number in range(ROUNDS)]
    results = in_quickjs(rounds)
    assert in_chromium(page, rounds) == results
    # Rounds that all are the same would prove little.
    assert len({r.state_hash for r in results}) > 0.9 * ROUNDS
    assert {r.completed for r in results} == {True, False}


@pytest.mark.parametrize("key", KEYS)
def test_recorded_rounds_of_every_version_end_alike(page: Page, key: str) -> None:
    some = Random(key).sample(recorded(key), FEW)
    rounds = [played for played, _ in some]
    expected = [gave for _, gave in some]
    assert in_quickjs(rounds) == expected
    assert in_chromium(page, rounds) == expected
    assert len({gave.state_hash for gave in expected}) > FEW / 2
