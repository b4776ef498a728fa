"""What a child is told after a round: praise of effort and strategy, and one concrete next step.

Never a comparison with another child, never a promise of becoming cleverer, never blame.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from neuroplay.core.entities.game_catalogue import GAMES, LANGUAGES
from neuroplay.core.rules.feedback_texts import NEXT_STEPS, PRAISE, Text

if TYPE_CHECKING:
    from neuroplay.core.entities.game_session import GameSession

Feedback = dict[str, dict[str, str]]
"""language -> {"praise", "next_step"}"""


def feedback_for(session: GameSession) -> Feedback:
    """Feedback in every language; the same session always gets the same words."""
    played, suggested = session.difficulty, session.calculate_difficulty_level()
    if not session.completed:
        step = "unfinished"
    elif suggested > played:
        step = "harder"
    else:
        step = "easier" if suggested < played else "same"
    mood = session.get_performance_rating() if session.completed else "unfinished"
    return _feedback(mood, session.score % len(PRAISE[mood]), step, GAMES[session.game_type].skill)


def _feedback(mood: str, variant: int, step: str, skill: str) -> Feedback:
    praise: Text = PRAISE[mood][variant]
    next_step: Text = NEXT_STEPS[step].get(skill) or NEXT_STEPS[step][""]
    return {
        language: {"praise": praise[language], "next_step": next_step[language]}
        for language in LANGUAGES
    }
