"""The built rules.js gives for recorded rounds what it gave when each version was released."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from neuroplay.bootstrap import RULES
from neuroplay.core.entities.verification import RoundResult, TracedRound
from neuroplay.infra.verifier.quickjs_ng import QuickJsVerifier

FROZEN = sorted((Path(__file__).parents[4] / "pwa" / "src" / "games" / "frozen").glob("*.json"))


@pytest.fixture(scope="module")
def verifier() -> Iterator[QuickJsVerifier]:
    made = QuickJsVerifier(RULES)
    yield made
    made.close()


@pytest.mark.parametrize("file", FROZEN, ids=lambda file: file.stem)
def test_recorded_rounds_end_as_they_did(verifier: QuickJsVerifier, file: Path) -> None:
    game, _, version = file.stem.partition("@")
    for recorded in json.loads(file.read_text(encoding="utf-8")):
        gave = dict(recorded["gave"])
        expected = RoundResult(state_hash=gave.pop("hash"), **gave)
        played = TracedRound(
            game_type=game,
            game_version=version,
            seed=recorded["seed"],
            difficulty=recorded["level"],
            trace=recorded["trace"],
        )
        assert verifier.play_again(played) == expected, recorded["by"]


def test_there_are_recorded_rounds() -> None:
    assert FROZEN
