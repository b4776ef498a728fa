"""Suggestions for an unknown command: names in other tools, commands of other groups, typing
errors. Imported only for an unknown command."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches
from typing import Any

MOST = 3

SAME = {
    "add": "create",
    "boot": "serve",
    "check-health": "health",
    "clean": "erase",
    "delete": "erase",
    "del": "erase",
    "down": "stop",
    "dump": "backup",
    "end": "stop",
    "get": "show",
    "info": "show",
    "init": "serve",
    "kill": "stop",
    "launch": "serve",
    "log": "logs",
    "ls": "list",
    "make": "create",
    "monitor": "metrics",
    "new": "create",
    "ping": "health",
    "print": "cards",
    "ps": "status",
    "recover": "restore",
    "reload": "restart",
    "remove": "erase",
    "retry": "replay",
    "rm": "erase",
    "run": "serve",
    "server": "serve",
    "settings": "config",
    "shutdown": "stop",
    "start": "serve",
    "stats": "metrics",
    "tail": "logs",
    "top": "metrics",
    "up": "serve",
    "upgrade": "migrate",
    "view": "show",
}
"""Words of other tools -> our command."""

PLURALS = {"classes": "class", "students": "student", "loadtests": "loadtest", "database": "db"}


def suggested(word: str, ctx: Any, names: Sequence[str]) -> list[str]:
    """Commands that `word` may have meant in the group of `ctx`; those of other groups with their
    group. `names` are all commands with their groups."""
    root = ctx.find_root().command
    group = ctx.command_path.partition(" ")[2]
    word = word.casefold()
    if word in PLURALS and not group:
        return [PLURALS[word]]
    for wanted in (word, SAME.get(word, word)):
        if wanted in names or wanted in root.list_commands(ctx):
            return [wanted]
        found = [name for name in names if name.split()[-1] == wanted]
        own = [name for name in found if group and name.startswith(f"{group} ")]
        if own or found:
            return (own or found)[:MOST]
    if own := get_close_matches(word, ctx.command.list_commands(ctx), n=MOST):
        return own
    last = {name.split()[-1]: name for name in names}
    return [last[one] for one in get_close_matches(word, last, n=MOST, cutoff=0.75)]
