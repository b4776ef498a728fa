"""Check the name of an adult, and compare names."""

from __future__ import annotations

from neuroplay.core.errors import Refused
from neuroplay.core.rules import class_words
from neuroplay.core.rules.nickname_text import can_be_shown, plain_name

LONGEST_ADULT_NAME = 60


def checked_adult_name(name: str) -> str:
    """The name as it is stored. Raises Refused(code="bad_adult_name")."""
    name = plain_name(name)
    if not all(map(can_be_shown, name)):
        raise _refused("the name has a character that cannot be displayed")
    if len(name) > LONGEST_ADULT_NAME or not adult_name_key(name):
        raise _refused(f"an adult needs a name of 1 to {LONGEST_ADULT_NAME} characters")
    if name.isdecimal():
        raise _refused(
            f"{name} is a number; an adult signs in with a name",
            hint="Invite with a name: neuroplay adult invite NAME --class CLASS. For an account "
            "that exists, id:NUMBER stands for its number",
        )
    kind, _ = class_words.split(name)
    if kind:
        raise _refused(f"a name must not begin with {kind}: (commands read it as a reference)")
    return name


def adult_name_key(name: str) -> str:
    """A key that is equal for names that look the same: without case, accents, spaces and signs."""
    return class_words.look(name)


def _refused(message: str, *, hint: str = "") -> Refused:
    return Refused(message, code="bad_adult_name", hint=hint)
