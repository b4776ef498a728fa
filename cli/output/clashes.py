"""Warnings about other meanings of a class's name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cli.output.terminal import plain

if TYPE_CHECKING:
    from neuroplay.bootstrap import Container
    from neuroplay.core.entities.student import SchoolClass


def clash_note(container: Container, one: SchoolClass) -> str:
    """What the name of a new class may also mean, and how to be unambiguous; '' if nothing."""
    from neuroplay.core.rules import class_words

    others = container.name_clashes.execute(one)
    if others:
        listed = ", ".join(f"{plain(o.name)} (id:{o.class_id}, code {o.code})" for o in others[:3])
        return (
            f"{plain(one.name)} may also mean {listed}. Commands that erase require "
            f"id:{one.class_id} or code:{one.code}"
        )
    if class_words.as_id(one.name) is None and class_words.as_code(one.name) is None:
        return ""
    what = "an id" if class_words.as_id(one.name) is not None else "a class code"
    return (
        f"{plain(one.name)} looks like {what} of another class. To be unambiguous, use "
        f"id:{one.class_id} or code:{one.code} in commands"
    )
