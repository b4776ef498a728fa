"""`neuroplay health`: the result of GET /health."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from cli.output.errors import NO, CommandError, cannot, exit_with, red_line
from cli.output.terminal import Json, is_terminal, print_json, print_json_line, say, table
from cli.server.reach import ANSWER_TIMEOUT_S, get
from cli.server.trust import CaCert
from cli.server.watching import watched
from neuroplay.core.rules.nesting import read_json

WELL = ("healthy", "saturated")
"""Nothing is broken. A saturated server has more requests than it can answer."""


def health(
    watch: Annotated[bool, typer.Option("--watch", help="Repeat until Ctrl-C.")] = False,
    every: Annotated[
        float, typer.Option("--every", min=0.2, max=3600, help="Seconds between two checks.")
    ] = 2.0,
    host: Annotated[
        str | None,
        typer.Option("--host", metavar="URL", help="Server to check. Default: this machine's."),
    ] = None,
    cacert: CaCert = None,
    as_json: Json = False,
) -> None:
    """Check whether the server is healthy.

    Exits with 0 if it is healthy, 1 if not, and 3 if it does not answer. "saturated" means that
    more requests arrive than it can answer, so that it refuses some. With --watch, --json prints
    one document per line.

    Example:
        neuroplay health
        neuroplay health --watch --every 5
        neuroplay health --host https://play.school.example --json
    """
    if watch:
        _watch(host, cacert, every, as_json)
        return
    answer = ask(host, cacert)
    if as_json:
        print_json(answer)
    else:
        _show(answer)
    if answer["status"] != "healthy":
        exit_with(NO)


def ask(
    host: str | None = None, cacert: Path | None = None, *, timeout_s: float = ANSWER_TIMEOUT_S
) -> dict[str, Any]:
    """The document of GET /health: `status` and `checks`. Raises CommandError with exit code 3 if
    there is none."""
    answer = get("/health", host=host, cacert=cacert, timeout_s=timeout_s)
    try:
        document = read_json(answer.text)
    except ValueError:
        document = None
    if not isinstance(document, dict) or "status" not in document:
        raise cannot(
            f"{answer.url} answers, but not as NeuroPlay (HTTP {answer.status})",
            hint="Check the address and NEUROPLAY_PORT",
        )
    return document


def poor_checks(answer: Mapping[str, Any]) -> str:
    """The failing checks of a document of GET /health, as text."""
    checks = answer.get("checks", {}).items()
    return ", ".join(f"{name}: {state}" for name, state in checks if not state.startswith("ok"))


def _show(answer: dict[str, Any]) -> None:
    say(answer["status"], style={"fg": _colour(answer["status"]), "bold": True})
    table(["CHECK", "STATE"], list(answer.get("checks", {}).items()))


def _colour(status: str) -> str:
    return {"healthy": "green", "saturated": "yellow"}.get(status, "red")


def _watch(host: str | None, cacert: Path | None, every_s: float, as_json: bool) -> None:
    for moment, seen in watched(lambda: ask(host, cacert), every_s):
        if isinstance(seen, CommandError):
            answer: dict[str, Any] = {"status": "unreachable", "checks": {}}
            if not as_json:
                red_line(seen.message)
        else:
            answer = seen
        if as_json:
            print_json_line({"at": moment, **answer})
        else:
            _line(moment, answer)


def _line(moment: str, answer: dict[str, Any]) -> None:
    checks = "  ".join(f"{name} {state}" for name, state in answer["checks"].items())
    status = str(answer["status"])
    if is_terminal():
        status = typer.style(status, fg=_colour(status), bold=True)
    typer.echo(f"{moment}  {status}  {checks}".rstrip())
