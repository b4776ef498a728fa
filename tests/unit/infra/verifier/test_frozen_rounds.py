"""The built rules.js gives for recorded rounds what it gave when each version was released."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from neuroplay.bootstrap import RULES
from neuroplay.core.entities.game_catalogue import GAMES
from neuroplay.infra.verifier.quickjs_ng import QuickJsVerifier
from tests.frozen_rounds import KEYS, recorded


@pytest.fixture(scope="module")
def verifier() -> Iterator[QuickJsVerifier]:
    made = QuickJsVerifier(RULES)
    yield made
    made.close()


@pytest.mark.parametrize("key", KEYS)
def test_recorded_rounds_end_as_they_did(verifier: QuickJsVerifier, key: str) -> None:
    for played, gave in recorded(key):
        assert verifier.play_again(played) == gave, (played.seed, played.difficulty)


def test_there_are_recorded_rounds_of_every_playable_game() -> None:
    current = {f"{game}@{one.version}" for game, one in GAMES.items() if one.playable}
    assert current <= set(KEYS)
