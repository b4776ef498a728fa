"""The `neuroplay` command: its global options and exit codes."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import Annotated, Any

import typer

from cli.output import errors
from cli.parsing.lazy import Entry, LazyGroup
from cli.sections import SECTIONS
from neuroplay import __version__

COMMANDS = {
    name: Entry(target=f"cli.commands.{target}", section=section, help=help)
    for section, commands in SECTIONS.items()
    for name, (target, help) in commands.items()
}


class Root(LazyGroup):
    table = COMMANDS


app = typer.Typer(
    cls=Root,
    no_args_is_help=True,
    add_completion=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"neuroplay {__version__}")
        raise typer.Exit


@app.callback()
def neuroplay(
    debug: Annotated[
        bool, typer.Option("--debug", help="Show the traceback of an error; allowed anywhere.")
    ] = False,
    version: Annotated[
        bool,
        typer.Option("--version", "-V", callback=_version, is_eager=True, help="Show the release."),
    ] = False,
) -> None:
    """Brain-training games for children that work offline.

    Example:
        neuroplay serve
        neuroplay class create 3A --students 30
        neuroplay sync status
    """
    del debug, version  # `main` removes --debug from anywhere; --version has a callback


def root_command() -> Any:
    """The command tree; commands are imported when they are looked up."""
    return typer.main.get_command(app)


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command line and return its exit code; never raises."""
    args = list(sys.argv[1:] if argv is None else argv)
    debug = take_debug(args)
    if args[:1] == ["help"]:  # neuroplay help class create
        args = [*args[1:], "--help"]
    elif args == ["version"]:
        args = ["--version"]
    try:
        _replace_closed_streams(args)
        _escape_unencodable_output()
        colour = {"color": False} if errors.without_colour() else {}
        code = root_command().main(
            args=args, prog_name="neuroplay", standalone_mode=False, **colour
        )
        sys.stdout.flush()
    except SystemExit as stop:
        code = stop.code
        if isinstance(stop.__context__, OSError) and errors.is_closed_pipe(stop.__context__):
            code = errors.PIPE_CLOSED
    except BaseException as error:  # noqa: BLE001 - the one place where errors become exit codes
        code = errors.report(error, debug=debug)
    code = code if isinstance(code, int) else 0
    try:
        sys.stdout.flush()
    except OSError as error:  # what is still buffered cannot be written, either
        code = code or errors.report(error, debug=debug)
        errors.discard(1)
    if code == errors.PIPE_CLOSED:
        errors.discard(1)
    return code


def take_debug(args: list[str]) -> bool:
    """Remove --debug from `args`, unless after `--`; returns whether it was there."""
    end = args.index("--") if "--" in args else len(args)
    debug = "--debug" in args[:end]
    args[:end] = [arg for arg in args[:end] if arg != "--debug"]
    return debug


RESULT_IS_A_RUN = frozenset({"serve", "stop", "restart"})
"""Commands that run even if stdout is closed, since their output is not their purpose."""


def _replace_closed_streams(args: Sequence[str]) -> None:
    """Open /dev/null in place of closed standard streams; otherwise the next file or socket would
    get their descriptor. Raises CommandError if the result would be lost."""
    closed = False
    for descriptor, name in enumerate(("stdin", "stdout", "stderr")):
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # gets the lowest free descriptor
            if getattr(sys, name) is None:
                mode = "r" if name == "stdin" else "w"
                setattr(sys, name, open(descriptor, mode, closefd=False))  # noqa: SIM115
            closed = closed or name == "stdout"
    if closed and not RESULT_IS_A_RUN.intersection(args[:1]):
        raise errors.cannot(
            "stdout is closed, so the result would be lost",
            hint="Redirect it to a file, a pipe or /dev/null",
        )


def _escape_unencodable_output() -> None:
    """Escape characters that the output's encoding lacks, instead of failing on a nickname."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
