"""Counted rounds as statements of the Experience API (xAPI 1.0.3 and 2.0), see docs/xapi.md.

A round always gives the same statement, so that sending it twice stores it once.
"""

from __future__ import annotations

from typing import Any

from neuroplay.core.entities.figures import CountedRound
from neuroplay.core.entities.game_catalogue import GAMES
from neuroplay.core.entities.game_session import performance_rating
from neuroplay.documents import iso

SUCCESSFUL = ("excellent", "good")
GAME = "https://w3id.org/xapi/seriousgames/activity-types/serious-game"
OWN = "urn:neuroplay:"

COMPLETED = {
    "id": "http://adlnet.gov/expapi/verbs/completed",
    "display": {"en": "completed", "pt-BR": "concluiu", "es": "completó"},
}
ATTEMPTED = {
    "id": "http://adlnet.gov/expapi/verbs/attempted",
    "display": {"en": "attempted", "pt-BR": "tentou", "es": "intentó"},
}


def statement(one: CountedRound, home_page: str) -> dict[str, Any]:
    """The statement about a round. `home_page` is the address of this installation."""
    rating = performance_rating(one.accuracy, completed=one.completed)
    extensions = {
        f"{OWN}difficulty": one.difficulty,
        f"{OWN}accuracy": one.accuracy,
        f"{OWN}game-version": one.game_version,
    }
    if one.next_difficulty is not None:
        extensions[f"{OWN}next-difficulty"] = one.next_difficulty
    return {
        "id": str(one.session_id),
        "actor": {
            "objectType": "Agent",
            "account": {"homePage": home_page, "name": str(one.student_id)},
        },
        "verb": COMPLETED if one.completed else ATTEMPTED,
        "object": {
            "objectType": "Activity",
            "id": f"{OWN}game:{one.game_type}",
            "definition": {"type": GAME, "name": dict(GAMES[one.game_type].names)},
        },
        "result": {
            "score": {"raw": one.score, "min": 0},
            "success": rating in SUCCESSFUL,
            "completion": one.completed,
            "duration": f"PT{one.duration:.2f}S",
            "extensions": extensions,
        },
        "context": {"platform": "NeuroPlay"},
        "timestamp": iso(one.ended_at),
    }
