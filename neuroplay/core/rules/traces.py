"""Whether a session's level, seed and trace are such as its game's rules have.

Only what was played by a known version can be judged: of another, anything may be true.

A trace is a list of pairs: the steps since the last input, and an input.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from neuroplay.core.entities.game_session import check_level
from neuroplay.core.entities.game_versions import STOP, GameVersion, version_of
from neuroplay.core.errors import InvalidSession
from neuroplay.core.rules.storable import LARGEST_EXACT, whole_number

if TYPE_CHECKING:
    from neuroplay.core.entities.game_session import GameSession

SEED, TRACE = "metadata.seed", "metadata.trace"

_INT_ALONE = frozenset((int,))


def check_by_rules(session: GameSession) -> None:
    """Raise InvalidSession if the version that the session was played by is known, and has no such
    level, seed or trace."""
    version = version_of(session.game_type, session.game_version)
    if version is None:
        return
    metadata = session.metadata
    level = metadata.get("difficulty")
    if level is not None:
        check_level(level, version.levels)
    trace = metadata.get("trace")
    if trace is None:
        return
    if "seed" not in metadata:
        raise InvalidSession("missing", SEED, "a round with a trace has a seed")
    if whole_number(metadata["seed"]) is None:
        raise InvalidSession("wrong_type", SEED, "the seed must be a whole number")
    _check_trace(trace, version)


def _check_trace(trace: Any, version: GameVersion) -> None:
    words = whole_numbers(trace)
    if words is None:
        raise InvalidSession("wrong_type", TRACE, "the trace must be a list of whole numbers")
    if len(words) % 2:
        raise InvalidSession("odd_length", TRACE, "the trace must have pairs of numbers")
    if min(words[::2], default=0) < 0:
        raise InvalidSession("negative", TRACE, "an input cannot come before the one before it")
    beyond = ~(version.inputs | STOP)
    # A negative number has all high bits.
    if any(word & beyond for word in set(words[1::2])):
        raise InvalidSession("out_of_range", TRACE, "the game has no such input")


def whole_numbers(recorded: object) -> list[int] | None:
    """The list, if it is one of whole numbers that JavaScript has exactly; else None."""
    if type(recorded) is not list:
        return None
    if set(map(type, recorded)) <= _INT_ALONE:
        furthest = max(max(recorded, default=0), -min(recorded, default=0))
        return recorded if furthest <= LARGEST_EXACT else None
    numbers = [number for one in recorded if (number := whole_number(one)) is not None]
    return numbers if len(numbers) == len(recorded) else None
