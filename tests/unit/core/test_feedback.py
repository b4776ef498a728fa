from __future__ import annotations

import re
from typing import Any

import pytest

from neuroplay.core.entities.game_catalogue import GAMES
from neuroplay.core.rules.feedback import feedback_for
from neuroplay.core.rules.feedback_texts import NEXT_STEPS, PRAISE
from tests.unit.core.samples import session

COMPARING = re.compile(
    r"\b(better than|others|classmates?|smart\w*|clever\w*|colegas?|melhor(es)? que|outr[oa]s|"
    r"intelig\w*|mejor(es)? que|compañer\w*|first place|ranking)\b",
    re.IGNORECASE,
)


@pytest.mark.parametrize("game_type", sorted(GAMES))
@pytest.mark.parametrize(
    "changes",
    [
        {"accuracy": 1.0},
        {"accuracy": 0.8},
        {"accuracy": 0.6},
        {"accuracy": 0.1},
        {"completed": False},
        {"accuracy": 1.0, "metadata": {"difficulty": 5}},
        {"accuracy": 0.1, "metadata": {"difficulty": 5}},
    ],
)
def test_every_round_is_praised_and_told_one_next_step_in_every_language(
    game_type: str, changes: dict[str, Any]
) -> None:
    for score in range(6):
        found = feedback_for(session(game_type=game_type, score=score, **changes))
        assert set(found) == {"pt-BR", "en", "es"}
        for words in found.values():
            assert set(words) == {"praise", "next_step"}
            assert all(words.values())


def test_a_hard_round_leads_to_an_easier_one_in_words_too() -> None:
    found = feedback_for(session(accuracy=0.3, metadata={"difficulty": 3}, game_type="signal_stop"))
    assert "fewer" in found["en"]["next_step"]
    found = feedback_for(session(accuracy=0.9, metadata={"difficulty": 3}))
    assert "one more lantern" in found["en"]["next_step"]


def test_no_sentence_compares_children_or_promises_cleverness() -> None:
    texts = [text for group in PRAISE.values() for text in group]
    texts += [text for group in NEXT_STEPS.values() for text in group.values()]
    for text in texts:
        for sentence in text.values():
            assert not COMPARING.search(sentence), sentence


def test_sentences_are_short_enough_for_a_child() -> None:
    texts = [text for group in PRAISE.values() for text in group]
    texts += [text for group in NEXT_STEPS.values() for text in group.values()]
    assert max(len(s) for text in texts for s in text.values()) <= 90
