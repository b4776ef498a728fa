"""Typer groups that import their commands only when called, and help without Rich.

`neuroplay --help` must be fast, so the root group lists its commands from a static table. Importing
Rich for Typer's help takes 0.2 s; this plain help, with bold headings, needs no import.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup
from typer.models import CommandInfo

from cli.parsing.completion import VALUES, complete

Context = Any
"""Typer's context, whose class is private."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """A command: `target` is `module:attribute` of a function or an `App`."""

    target: str
    help: str
    section: str


class _Help:
    """Formats help: bold headings, and examples with their line breaks."""

    help: str | None

    def format_help(self, ctx: Context, formatter: Any) -> None:
        formatter.write_heading = lambda heading: formatter.write(
            f"{'':>{formatter.current_indent}}{typer.style(heading + ':', bold=True)}\n"
        )
        super().format_help(ctx, formatter)  # type: ignore[misc]

    def format_help_text(self, ctx: Context, formatter: Any) -> None:
        del ctx
        for paragraph in re.split(r"\n\s*\n", (self.help or "").strip()):
            heading, _, lines = paragraph.partition("\n")
            if heading.startswith("Example"):
                with formatter.section(heading.rstrip(":")):
                    for line in lines.splitlines():
                        formatter.write(f"{'':>{formatter.current_indent}}{line.strip()}\n")
            else:
                formatter.write_paragraph()
                with formatter.indentation():
                    formatter.write_text(paragraph)


class Command(_Help, TyperCommand):
    """A command with shell completion for the options and arguments in VALUES. Its texts are valid
    UTF-8; paths may have any bytes."""

    def __init__(self, *args: Any, **settings: Any) -> None:
        super().__init__(*args, **settings)
        for param in self.params:
            names = (*param.opts, str(param.metavar or "").strip("[]."))
            if name := next((one for one in names if one in VALUES), None):
                param._custom_shell_complete = partial(_complete, name)

    def parse_args(self, ctx: Context, args: list[str]) -> list[str]:
        rest: list[str] = super().parse_args(ctx, args)
        params: list[Any] = self.params
        for param in params:
            value = ctx.params.get(param.name)
            texts = value if isinstance(value, list | tuple) else [value]
            if any(isinstance(one, str) and not _is_utf8(one) for one in texts):
                raise typer.BadParameter(
                    "it is not valid UTF-8; type it again, or set the terminal to UTF-8",
                    ctx=ctx,
                    param=param,
                )
        return rest


def _is_utf8(text: str) -> bool:
    """Whether a text from the command line has no bytes that could not be decoded."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _complete(name: str, ctx: Context, param: Any, incomplete: str) -> list[str]:
    del ctx, param
    return complete(name, incomplete)


class Group(_Help, TyperGroup):
    """A group that lists the complete first sentence of each command's help, and suggests commands
    for an unknown word."""

    def format_commands(self, ctx: Context, formatter: Any) -> None:
        rows = [
            (name, first_sentence(command.help or ""))
            for name in self.list_commands(ctx)
            if (command := self.get_command(ctx, name)) is not None and not command.hidden
        ]
        with formatter.section("Commands"):
            formatter.write_dl(rows)

    def resolve_command(self, ctx: Context, args: list[str]) -> Any:
        try:
            return super().resolve_command(ctx, args)
        except typer.TyperException as error:
            from cli.parsing.suggestions import suggested

            message = str(error.message).partition(" Did you mean")[0]
            with every_command(ctx.find_root().command) as commands:
                names = [name for name, _ in commands]
            if found := suggested(args[0], ctx, names):
                suggestions = ", ".join(repr(one) for one in found)
                message = f"{message.rstrip('.')}. Did you mean {suggestions}?"
            error.message = message
            raise


def first_sentence(text: str) -> str:
    """The first sentence of a help text, without line breaks."""
    paragraph = " ".join(re.split(r"\n\s*\n", text.strip())[0].split())
    return re.split(r"(?<=[.?!])\s", paragraph)[0]


class App(typer.Typer):
    """A group of commands: `app = App(help="...")`, then `@app.command("name")`."""

    def __init__(self, *, help: str, name: str | None = None) -> None:
        super().__init__(
            name=name,
            help=help,
            cls=Group,
            no_args_is_help=True,
            add_completion=False,
            rich_markup_mode=None,
            pretty_exceptions_enable=False,
        )

    def command(self, name: str | None = None, **settings: Any) -> Callable[[Any], Any]:
        return super().command(name, cls=Command, **settings)


class LazyGroup(Group):
    """A group that lists its commands from the `table` of its class, and imports them on demand."""

    table: Mapping[str, Entry]

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        # Typer takes its suggestions ("Did you mean ...?") from these keys.
        self.commands: Any = dict.fromkeys(self.table)

    def list_commands(self, ctx: Context) -> list[str]:
        del ctx
        return list(self.table)

    def get_command(self, ctx: Context, cmd_name: str) -> Any:
        del ctx
        entry = self.table.get(cmd_name)
        return None if entry is None else load(cmd_name, entry)

    def format_commands(self, ctx: Context, formatter: Any) -> None:
        del ctx
        sections: dict[str, list[tuple[str, str]]] = {}
        for name, entry in self.table.items():
            sections.setdefault(entry.section, []).append((name, entry.help))
        width = max(map(len, self.table))
        for section, rows in sections.items():
            with formatter.section(section):
                formatter.write_dl([(name.ljust(width), text) for name, text in rows])


def load(name: str, entry: Entry) -> Any:
    """Import a command."""
    module, _, attribute = entry.target.partition(":")
    target = getattr(import_module(module), attribute)
    if isinstance(target, typer.Typer):
        command: Any = typer.main.get_group(target)
        command.name = name
        return command
    return typer.main.get_command_from_info(
        CommandInfo(name=name, callback=target, cls=Command),
        pretty_exceptions_short=False,
        rich_markup_mode=None,
    )


@contextmanager
def every_command(root: Any) -> Iterator[Iterator[tuple[str, Any]]]:
    """Yields all commands below `root` as (full name, command). Imports all of them."""

    def walk(group: Any, path: str) -> Iterator[tuple[str, Any]]:
        with typer.Context(group) as ctx:
            for name in group.list_commands(ctx):
                command = group.get_command(ctx, name)
                full = f"{path} {name}".strip()
                if hasattr(command, "list_commands"):
                    yield from walk(command, full)
                else:
                    yield full, command

    yield walk(root, "")
