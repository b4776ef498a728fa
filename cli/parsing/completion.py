"""Shell completion for the values of options and arguments.

Values are imported only when a shell asks for them. If they cannot be determined, such as classes
when no database runs, there are none: a completion never prints an error.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import redirect_stderr
from importlib import import_module

VALUES = {
    "--state": "cli.parsing.inbox_options:STATES",
    "--verdict": "cli.parsing.inbox_options:VERDICTS",
    "--language": "neuroplay.core.entities.language:LANGUAGES",
    "--judge": "loadprofiles.judge.verdict:JUDGED",
    "--chaos": "cli.loading.chaos:FAULTS",
    "--class": "cli.parsing.completion:classes",
    "CLASS": "cli.parsing.completion:classes",
    "PROCESS": "neuroplay.operation.place:LOGGED",
}
"""Sources of values by option or metavar: `module:attribute` of a collection or of a function that
returns one."""


def complete(name: str, incomplete: str) -> list[str]:
    """The values of the option or argument `name` that begin with `incomplete`."""
    module, _, attribute = VALUES[name].partition(":")
    found = getattr(import_module(module), attribute)
    values: Iterable[str] = found() if callable(found) else found
    return [value for value in values if value.casefold().startswith(incomplete.casefold())]


def classes() -> Iterable[str]:
    """Names of classes, or `code:CODE` if the name is ambiguous."""
    from cli.server.reach import system
    from neuroplay.core.rules import class_words

    with open(os.devnull, "w") as nowhere, redirect_stderr(nowhere):
        try:
            with system(patient=False) as container:
                found = [one for one, _ in container.list_classes.execute()]
        except Exception:  # noqa: BLE001 - a completion prints no errors
            return []
    return [
        one.name if len(class_words.meanings(one.name, found).all) == 1 else f"code:{one.code}"
        for one in found
    ]
