"""The rules give the same rounds in a browser and in the verifier's engine."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from neuroplay.bootstrap import RULES
from neuroplay.infra.verifier.quickjs_ng import QuickJsVerifier
from tests.rounds import random_round

pytestmark = pytest.mark.browser

ROUNDS = 1000

PLAY_ALL = """
rounds => rounds.map(([key, seed, level, trace]) => {
  const { score, accuracy, duration, completed, right, total, hash } =
    neuroplayRules.games[key].replay(seed, level, trace);
  return [score, accuracy, duration, completed, right, total, hash];
})
"""


def test_a_thousand_rounds_end_alike_in_chromium_and_in_quickjs(page: Page) -> None:
    rounds = [random_round(number) for number in range(ROUNDS)]
    page.goto("about:blank")
    page.add_script_tag(path=RULES)
    in_chromium = page.evaluate(
        PLAY_ALL,
        [[f"{r.game_type}@{r.game_version}", r.seed, r.difficulty, list(r.trace)] for r in rounds],
    )
    verifier = QuickJsVerifier(RULES)
    results = [verifier.play_again(one) for one in rounds]
    verifier.close()
    in_quickjs = [
        [r.score, r.accuracy, r.duration, r.completed, r.right, r.total, r.state_hash]
        for r in results
    ]
    assert in_chromium == in_quickjs
    # Rounds that all are the same would prove little.
    assert len({r.state_hash for r in results}) > 0.9 * ROUNDS
    assert {r.completed for r in results} == {True, False}
