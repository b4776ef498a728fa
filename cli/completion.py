"""What a shell may complete the values of options and arguments to, by their names.

Imported only when a shell asks. What cannot be known, as classes where nothing runs, is empty: a
completion never complains.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from contextlib import redirect_stderr


def complete(name: str, incomplete: str) -> list[str]:
    """The values of the option or argument `name` that begin with `incomplete`."""
    values = VALUES[name]()
    return [value for value in values if value.casefold().startswith(incomplete.casefold())]


def _states() -> Iterable[str]:
    from cli.inbox_options import STATES

    return STATES


def _verdicts() -> Iterable[str]:
    from cli.inbox_options import VERDICTS

    return VERDICTS


def _processes() -> Iterable[str]:
    from neuroplay.operation.place import PROGRAMS, SUPERVISOR

    return (*PROGRAMS, SUPERVISOR)


def _languages() -> Iterable[str]:
    from neuroplay.core.entities.language import LANGUAGES

    return LANGUAGES


def _judged() -> Iterable[str]:
    from loadprofiles.judge.verdict import JUDGED

    return JUDGED


def _faults() -> Iterable[str]:
    from cli.loading.chaos import FAULTS

    return FAULTS


def _classes() -> Iterable[str]:
    """Names of classes, where one is not unique or is read as something else its code."""
    from cli.reach import system
    from neuroplay.core.rules import class_words

    with open(os.devnull, "w") as nowhere, redirect_stderr(nowhere):
        try:
            with system(patient=False) as container:
                found = [one for one, _ in container.list_classes.execute()]
        except Exception:  # noqa: BLE001 - there is nobody to tell
            return []
    return [
        one.name if len(class_words.meanings(one.name, found).all) == 1 else f"code:{one.code}"
        for one in found
    ]


VALUES: Mapping[str, Callable[[], Iterable[str]]] = {
    "--state": _states,
    "--verdict": _verdicts,
    "--language": _languages,
    "--judge": _judged,
    "--chaos": _faults,
    "--class": _classes,
    "CLASS": _classes,
    "PROCESS": _processes,
}
