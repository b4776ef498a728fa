"""Check the name of a class."""

from __future__ import annotations

from neuroplay.core.errors import Refused
from neuroplay.core.rules import class_words
from neuroplay.core.rules.nickname_text import can_be_shown, plain_name

LONGEST_CLASS_NAME = 60


def checked_class_name(name: str) -> str:
    """The name as it is stored. Raises Refused(code="bad_class_name")."""
    name = plain_name(name)
    if not all(map(can_be_shown, name)):
        raise Refused(
            "a class's name holds a character that cannot be shown", code="bad_class_name"
        )
    if not name or len(name) > LONGEST_CLASS_NAME:
        raise Refused(
            f"a class needs a name of 1 to {LONGEST_CLASS_NAME} characters", code="bad_class_name"
        )
    kind, _ = class_words.split(name)
    if kind:
        raise Refused(
            f"a class's name must not begin with {kind}: (commands read {kind}:... as its {kind})",
            code="bad_class_name",
        )
    return name
