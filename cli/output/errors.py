"""Errors of commands: one line that says what, why and what to do, and an exit code.

    0   success
    1   a negative result: unhealthy, not found, refused, an error in a file
    2   wrong usage: invalid options, or a confirmation that nobody could give
    3   cannot connect or run: a server is down, a setting is invalid, a port is taken
    130 stopped by Ctrl-C;  141 the reader of the pipe closed it

Commands raise `CommandError` or an error of neuroplay.core.errors. `report` is the one place that
turns errors into messages and exit codes.
"""

from __future__ import annotations

import errno
import os
import sys
from typing import NoReturn

import typer

from cli.output.typed import as_typed

DONE, NO, USAGE, CANNOT = 0, 1, 2, 3
INTERRUPTED, PIPE_CLOSED = 130, 141

_SCHEMA_IS_BEHIND = frozenset({"42P01", "42703", "3F000"})
"""PostgreSQL's error codes for a missing table, column or schema."""


_CANNOT_BE_WRITTEN = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EBADF})
"""Errors of writing to stdout, such as on a full disk."""


_BETTER_WORDS = {
    "Input should be greater than or equal to": "it must be at least",
    "Input should be less than or equal to": "it must be at most",
    "Input should be a valid integer, unable to parse string as an integer": (
        "it is not a whole number"
    ),
    "Input should be a valid number, unable to parse string as a number": "it is not a number",
    "Value error, ": "",
}
"""Words of the library that checks options -> ours."""


class CommandError(Exception):
    """The error of a command: `message` says what happened and why, `hint` what to do about it.
    Both are one line, without a full stop after a command to type."""

    def __init__(self, message: str, *, hint: str = "", code: int = NO) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.code = code


def reason(error: OSError | ValueError) -> str:
    """The system's description of an error, in lower case."""
    return (getattr(error, "strerror", None) or str(error)).lower()


def usage_error(message: str, *, hint: str = "") -> CommandError:
    return CommandError(message, hint=hint, code=USAGE)


def cannot(message: str, *, hint: str = "") -> CommandError:
    return CommandError(message, hint=hint, code=CANNOT)


def exit_with(code: int) -> NoReturn:
    """End the command with an exit code and no message."""
    raise typer.Exit(code)


def report(error: BaseException, *, debug: bool = False) -> int:
    """Print an error to stderr; returns the exit code."""
    if isinstance(error, KeyboardInterrupt | typer.Abort):
        if sys.stderr.isatty():  # puts the prompt on its own line, after ^C
            typer.echo(err=True)
        return INTERRUPTED
    if is_closed_pipe(error):
        return PIPE_CLOSED
    if type(error).__name__ == "NoArgsIsHelpError":
        typer.echo(str(error), err=True)
        return USAGE
    if debug:
        import traceback

        traceback.print_exception(error)
    message, hint, code = describe(error)
    red_line(message, hint)
    if is_crash(error):
        from neuroplay.bootstrap import report_crash

        report_crash(error, "cli")
    return code


def is_crash(error: BaseException) -> bool:
    """Whether an error is unexpected, and is reported to Sentry."""
    from neuroplay.core.errors import NeuroPlayError

    expected = (CommandError, typer.TyperException, NeuroPlayError, OSError, KeyboardInterrupt)
    behind = getattr(getattr(error, "orig", error), "pgcode", None) in _SCHEMA_IS_BEHIND
    return not isinstance(error, expected) and not behind


def describe(error: BaseException) -> tuple[str, str, int]:
    """(message, hint, exit code) of an error."""
    from neuroplay.core.errors import NeuroPlayError, SettingsError, TransientError

    if isinstance(error, CommandError):
        return error.message, error.hint, error.code
    if isinstance(error, typer.TyperException):
        return _describe_usage(error)
    if isinstance(error, TransientError):
        if full := _full_disk():
            return f"{error.message}: {full}", "Free some space, then: neuroplay restart", CANNOT
        return error.message, error.hint or _how_to_reach(), CANNOT
    if isinstance(error, SettingsError):
        return error.message, error.hint or "See docs/settings.md, or run: neuroplay doctor", CANNOT
    if isinstance(error, NeuroPlayError):
        return error.message, error.hint, NO
    if getattr(getattr(error, "orig", error), "pgcode", None) in _SCHEMA_IS_BEHIND:
        return "the database's schema is behind this release", "Run: neuroplay db migrate", CANNOT
    if isinstance(error, OSError) and error.strerror:
        if error.filename is None and error.errno in _CANNOT_BE_WRITTEN:
            return f"the result could not be written: {error.strerror.lower()}", "", CANNOT
        name = f"{error.filename}: " if error.filename else ""
        return f"{name}{error.strerror}", "", CANNOT
    what = f"{type(error).__name__}: {error}".strip().rstrip(":")
    return f"unexpected error: {what}", "Run the command again with --debug", CANNOT


def red_line(message: str, hint: str = "") -> None:
    """Print an error on one line of stderr, red on a terminal."""
    text = " ".join(message.split())
    if hint:
        stop = "" if text.endswith((".", "?", "!")) else "."
        text = f"{text}{stop} {' '.join(hint.split())}"
    text = as_typed(text)
    try:
        typer.secho(f"Error: {text}", fg="red", err=True, color=False if without_colour() else None)
    except OSError:  # stderr is closed or on a full disk; the exit code remains
        discard(2)


def without_colour() -> bool:
    """Whether colours are switched off, see https://no-color.org."""
    return bool(os.environ.get("NO_COLOR")) or os.environ.get("TERM") == "dumb"


def is_closed_pipe(error: BaseException) -> bool:
    return isinstance(error, BrokenPipeError) or (
        isinstance(error, OSError) and error.errno == errno.EPIPE
    )


def discard(descriptor: int) -> None:
    """Redirect a descriptor to /dev/null, so that Python's last flush into a closed pipe or a full
    disk neither prints an error nor changes the exit code."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, descriptor)
    os.close(nowhere)


def _describe_usage(error: typer.TyperException) -> tuple[str, str, int]:
    context = getattr(error, "ctx", None)
    hint = f"Try: {context.command_path} --help" if context is not None else ""
    message = error.format_message()
    for theirs, ours in _BETTER_WORDS.items():
        message = message.replace(theirs, ours)
    return message, hint, error.exit_code


def _full_disk() -> str:
    """A message if the disk of the embedded database is full, else an empty string."""
    from neuroplay.config import load_settings
    from neuroplay.core.errors import SettingsError
    from neuroplay.disk import why_full

    try:
        settings = load_settings()
        return why_full(settings.home) if settings.embedded_database else ""
    except (SettingsError, OSError):
        return ""


def _how_to_reach() -> str:
    """What to do if PostgreSQL or Redis is down; depends on whether they are embedded."""
    from neuroplay.core.errors import SettingsError
    from neuroplay.operation.running import last_database, settings_here

    try:
        settings = settings_here()
    except SettingsError as error:
        return error.message
    if settings.embedded_database and (used := last_database(settings.home)):
        return f"Set DATABASE_URL: the last serve of {settings.home} used {used}"
    if settings.embedded_database and settings.embedded_redis:
        return "Is NeuroPlay running? Run: neuroplay serve"
    if settings.embedded_database or settings.embedded_redis:
        return "Run: neuroplay doctor"
    return "Check DATABASE_URL, REDIS_URL and their servers, or run: neuroplay doctor"
