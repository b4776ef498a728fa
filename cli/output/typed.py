"""Rewrites commands in hints so that this user can type them: `neuroplay` may not be in PATH."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import sys

from cli.sections import SECTIONS

NAME = "neuroplay"

BY_MAKE = "NEUROPLAY_BY_MAKE"
"""Environment variable that `make serve` sets."""

COMMANDS = "|".join(name for commands in SECTIONS.values() for name in commands)

_COMMAND = re.compile(
    rf"(?<![\w/.-])neuroplay (?P<command>(?:{COMMANDS}|--help|--version)\b)"
    r"(?P<options>(?: --?[a-z][\w-]*(?: [\w/:]+)?)*)"
)
_ELSEWHERE = re.compile(r"(?:sudo|env) (?:\S+ )*$")
"""The start of a command for another user, who usually is in another folder."""


def called() -> str:
    """How this user calls neuroplay: by name if that is in PATH, otherwise by the path as typed."""
    program = sys.argv[0] if sys.argv else ""
    if os.path.basename(program) != NAME or not os.path.isfile(program):
        return NAME  # python -m cli
    found = shutil.which(NAME)
    if found and os.path.samefile(found, program):
        return NAME
    near = os.path.relpath(program)
    return shlex.quote(program if near.startswith("..") else near)


def as_typed(text: str) -> str:
    """`text`, with each `neuroplay COMMAND` as this user can type it."""

    def typed(found: re.Match[str]) -> str:
        name, options = called(), found["options"]
        if _ELSEWHERE.search(text[: found.start()]):
            name = name if name == NAME else shlex.quote(os.path.abspath(sys.argv[0]))
        elif found["command"] == "serve" and os.environ.get(BY_MAKE):
            return f'make serve ARGS="{options.strip()}"' if options else "make serve"
        return f"{name} {found['command']}{options}"

    return _COMMAND.sub(typed, text)
