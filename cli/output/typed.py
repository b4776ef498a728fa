"""Hints as this user can type them: `neuroplay` need not be on the PATH."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import sys

from cli.sections import SECTIONS

NAME = "neuroplay"

BY_MAKE = "NEUROPLAY_BY_MAKE"
"""Set where `make serve` was typed."""

COMMANDS = "|".join(name for commands in SECTIONS.values() for name in commands)

_COMMAND = re.compile(
    rf"(?<![\w/.-])neuroplay (?P<command>(?:{COMMANDS}|--help|--version)\b)"
    r"(?P<options>(?: --?[a-z][\w-]*(?: [\w/:]+)?)*)"
)
_ELSEWHERE = re.compile(r"(?:sudo|env) (?:\S+ )*$")
"""What begins a command of another user, in another folder as a rule."""


def called() -> str:
    """How this user calls neuroplay: its name where the PATH leads to it, else the path that was
    typed."""
    program = sys.argv[0] if sys.argv else ""
    if os.path.basename(program) != NAME or not os.path.isfile(program):
        return NAME  # python -m cli
    found = shutil.which(NAME)
    if found and os.path.samefile(found, program):
        return NAME
    near = os.path.relpath(program)
    return shlex.quote(program if near.startswith("..") else near)


def as_typed(text: str) -> str:
    """`text` with every `neuroplay COMMAND` in it as this user can type it."""

    def typed(found: re.Match[str]) -> str:
        name, options = called(), found["options"]
        if _ELSEWHERE.search(text[: found.start()]):
            name = name if name == NAME else shlex.quote(os.path.abspath(sys.argv[0]))
        elif found["command"] == "serve" and os.environ.get(BY_MAKE):
            return f'make serve ARGS="{options.strip()}"' if options else "make serve"
        return f"{name} {found['command']}{options}"

    return _COMMAND.sub(typed, text)
