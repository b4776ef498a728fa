"""Output of commands: lines, JSON, tables, progress and questions.

Results go to stdout, everything else to stderr. `--json` prints one document, or one per line if
the command says so. Without a terminal there is no colour, animation or box, and nothing is
truncated.
"""

from __future__ import annotations

import json
import re
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Annotated, Any, Protocol, TextIO

import typer

from cli.output.errors import NO, CommandError, usage_error
from cli.output.typed import as_typed
from neuroplay.jsonable import jsonable

if TYPE_CHECKING:
    from rich.console import Console

Json = Annotated[bool, typer.Option("--json", help="Print JSON; docs/cli.md describes it.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask for confirmation.")]

SLOW_S = 1.0
"""Seconds after which progress is shown."""

NARROWEST_FLEX = 16
"""Minimum width of a wrapping column."""


@cache
def out() -> Console:
    """Rich's console for stdout. Importing Rich takes 0.1 s, so use `say` for plain lines."""
    from rich.console import Console

    return Console(highlight=False, emoji=False)


@cache
def err() -> Console:
    """Rich's console for stderr."""
    from rich.console import Console

    return Console(stderr=True, highlight=False, emoji=False)


def is_terminal(stream: TextIO | None = None) -> bool:
    return (stream or sys.stdout).isatty()


def _has_unicode(stream: TextIO) -> bool:
    return "utf" in (stream.encoding or "").lower()


def arrow() -> str:
    """An arrow that the terminal can show."""
    return "→" if is_terminal() and _has_unicode(sys.stdout) else "->"


def say(text: str = "", *, style: Mapping[str, Any] | None = None, end: str = "\n") -> None:
    """Print a line of the result to stdout. `style`: arguments of typer.style, ignored without a
    terminal."""
    typer.echo((typer.style(text, **style) if style else text) + end, nl=False)


def note(text: str) -> None:
    """Print a line to stderr, with commands in it as this user has to type them."""
    typer.echo(as_typed(text), err=True)


def print_json(document: Any) -> None:
    """Print a document to stdout: indented on a terminal, otherwise on one line."""
    typer.echo(encode_json(document, indent=2 if is_terminal() else None))


def print_json_line(record: Any) -> None:
    """Print a line of JSON Lines to stdout."""
    typer.echo(encode_json(record, indent=None))


def plain(value: Any) -> str:
    """A value as text: '-' for None and '', UTC times to the second. Control characters become
    spaces, since a nickname must not control the terminal."""
    if value is None or value == "":
        return "-"
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%SZ")
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:g}"
    return re.sub(r"[\x00-\x1f\x7f-\x9f]+", " ", str(value))


def moment(value: datetime | None) -> Any:
    """A time, on a terminal shortened to fit a column, in UTC: `11-25 14:03`, or `2024-11-25` if it
    is more than 300 days away."""
    if value is None or not is_terminal():
        return value
    utc = value.astimezone(UTC)
    far = abs(datetime.now(UTC) - utc).days > 300
    return f"{utc:%Y-%m-%d}" if far else f"{utc:%m-%d %H:%M}"


def duration(seconds: float | None) -> str:
    """Seconds as `42 s`, `3 min 20 s`, `5 h 12 min` or `3 d 4 h`."""
    if seconds is None:
        return "-"
    whole = int(seconds)
    for size, unit, below, below_unit in (
        (86400, "d", 3600, "h"),
        (3600, "h", 60, "min"),
        (60, "min", 1, "s"),
    ):
        if whole >= size:
            rest = whole % size // below
            return f"{whole // size} {unit}" + (f" {rest} {below_unit}" if rest else "")
    return f"{whole} s"


def counted(count: int, what: str) -> str:
    """`1 game`, `2 games`."""
    return f"{count} {what}" if count == 1 else f"{count} {what}s"


@dataclass(frozen=True, kw_only=True, slots=True)
class Column:
    """A column of a table. If the terminal is too narrow for all columns, `wide` ones are left out,
    `below` ones are printed on a separate line below the row, and `flex` ones wrap. Without a
    terminal all columns are printed."""

    name: str
    right: bool = False
    flex: bool = False
    wide: bool = False
    below: bool = False


def right(name: str, *, wide: bool = False) -> Column:
    """A right-aligned column."""
    return Column(name=name, right=True, wide=wide)


def flex(name: str) -> Column:
    """A column that wraps if necessary."""
    return Column(name=name, flex=True)


def answer(document: Any, text: str, *, as_json: bool) -> None:
    """Print the result of a command: the document with --json, otherwise the text."""
    if as_json:
        print_json(document)
    else:
        say(text)


Shown = str | Callable[[Any], Any]
"""The value of a column: a key of the row, or a function of the row."""


def listing(
    name: str,
    rows: Sequence[Mapping[str, Any]],
    columns: Sequence[tuple[Column | str, Shown]],
    *,
    empty: str,
    as_json: bool,
) -> None:
    """Print rows: `{name: rows}` with --json, otherwise a table, or `empty` if there are none."""
    if as_json:
        print_json({name: rows})
    elif not rows:
        say(empty)
    else:
        table(
            [head for head, _ in columns],
            [[row[of] if isinstance(of, str) else of(row) for _, of in columns] for row in rows],
        )


def table(columns: Sequence[Column | str], rows: Iterable[Sequence[Any]]) -> None:
    """Print a table: by Rich on a terminal, otherwise as aligned text."""
    heads = [Column(name=c) if isinstance(c, str) else c for c in columns]
    cells = [[plain(value) for value in row] for row in rows]
    if not is_terminal():
        _plain_table(heads, cells)
        return
    if _needed(heads, cells) > out().width:
        heads, cells = _without(heads, cells, [head.wide for head in heads])
    if _needed(heads, cells) <= out().width:
        _rich_table(heads, cells)
    else:
        _narrow_table(heads, cells)


def pairs(rows: Iterable[tuple[str, Any]], *, indent: int = 0) -> None:
    """Print names and values, one pair per line."""
    items = [(name, plain(value)) for name, value in rows]
    width = max((len(name) for name, _ in items), default=0)
    for name, value in items:
        say(f"{'':{indent}}{typer.style(name.ljust(width), bold=True)}  {value}")


def confirm(question: str, *, yes: bool) -> None:
    """Ask for confirmation, unless `yes` was given on the command line.

    Raises CommandError: exit code 1 if the answer is no, 2 if there is no terminal to ask.
    """
    if yes:
        return
    if not sys.stdin.isatty():
        raise usage_error(
            "this needs confirmation, but there is no terminal to ask",
            hint="Add --yes to confirm",
        )
    if not typer.confirm(question, err=True):
        raise CommandError("not confirmed: nothing was changed", code=NO)


class Step(Protocol):
    """Reports progress: how many of the total are done, or a text."""

    def __call__(self, done: int | None = None, *, text: str | None = None) -> None: ...


@contextmanager
def progress(label: str, *, total: int | None = None) -> Iterator[Step]:
    """Show progress on stderr once the block takes longer than a second: a bar on a terminal,
    otherwise one line at the end."""
    if sys.stderr.isatty():
        with _bar(label, total) as step:
            yield step
        return
    start = time.monotonic()
    yield _say_nothing
    if (took := time.monotonic() - start) > SLOW_S:
        note(f"{label}: done in {took:.1f} s")


def _say_nothing(done: int | None = None, *, text: str | None = None) -> None:
    del done, text


@contextmanager
def _bar(label: str, total: int | None) -> Iterator[Step]:
    from threading import Timer

    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    spinner = SpinnerColumn("dots" if _has_unicode(sys.stderr) else "line")
    columns = [spinner, TextColumn("{task.description}", markup=False)]
    if total is not None:
        columns += [BarColumn(), TextColumn("{task.completed:.0f} of {task.total:.0f}")]
    bar = Progress(*columns, TimeElapsedColumn(), console=err(), transient=True)
    task = bar.add_task(label, total=total)
    late = Timer(SLOW_S, bar.start)
    late.daemon = True
    late.start()

    def step(done: int | None = None, *, text: str | None = None) -> None:
        bar.update(task, completed=done, description=text)

    try:
        yield step
    finally:
        late.cancel()
        late.join()
        bar.stop()


def _rich_table(heads: Sequence[Column], cells: Sequence[Sequence[str]]) -> None:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    grid = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, header_style="bold")
    for head, width in zip(heads, _widths(heads, cells), strict=True):
        grid.add_column(
            head.name,
            justify="right" if head.right else "left",
            no_wrap=not head.flex,
            overflow="fold",
            min_width=None if head.flex else width,
        )
    for row in cells:
        grid.add_row(*(Text(cell) for cell in row))
    out().print(grid)


def _widths(heads: Sequence[Column], cells: Sequence[Sequence[str]]) -> list[int]:
    """Width of each column's longest text, in terminal cells."""
    from rich.cells import cell_len

    return [
        max(cell_len(text) for text in (head.name, *(row[index] for row in cells)))
        for index, head in enumerate(heads)
    ]


def _needed(heads: Sequence[Column], cells: Sequence[Sequence[str]]) -> int:
    """Terminal width that Rich needs to truncate nothing."""
    return sum(
        (min(width, NARROWEST_FLEX) if head.flex and not head.below else width) + 3
        for head, width in zip(heads, _widths(heads, cells), strict=True)
    )


def _without(
    heads: Sequence[Column], cells: Sequence[Sequence[str]], gone: Sequence[bool]
) -> tuple[list[Column], list[list[str]]]:
    def kept(row: Sequence[Any]) -> list[Any]:
        return [one for one, is_gone in zip(row, gone, strict=True) if not is_gone]

    return kept(heads), [kept(row) for row in cells]


def _narrow_table(heads: Sequence[Column], cells: Sequence[Sequence[str]]) -> None:
    """Print a table with two cells between columns. `flex` columns share the remaining width,
    `below` ones are printed below the row. If that is still too wide, the terminal wraps lines."""
    from rich.cells import set_cell_size
    from rich.text import Text

    above, rows = _without(heads, cells, [head.below for head in heads])
    widths = _widths(above, rows)
    flexible = [index for index, head in enumerate(above) if head.flex]
    fixed = sum(width for index, width in enumerate(widths) if index not in flexible)
    left = out().width - fixed - 2 * (len(above) - 1)
    for done, index in enumerate(sorted(flexible, key=lambda index: widths[index])):
        share = max(left // (len(flexible) - done), len(above[index].name), NARROWEST_FLEX // 2)
        widths[index] = min(widths[index], share)
        left -= widths[index]

    def show(row: Sequence[str], style: Mapping[str, Any] | None = None) -> None:
        wrapped = [
            [line.plain for line in Text(cell).wrap(out(), width, overflow="fold")] or [""]
            for cell, width in zip(row, widths, strict=True)
        ]
        for number in range(max(map(len, wrapped))):
            parts = []
            for head, lines, width in zip(above, wrapped, widths, strict=True):
                text = lines[number] if number < len(lines) else ""
                blank = " " * max(width - _cells(text), 0)
                parts.append(blank + text if head.right else set_cell_size(text, width))
            say("  ".join(parts).rstrip(), style=style)

    show([head.name for head in above], {"bold": True})
    for row, whole in zip(rows, cells, strict=True):
        show(row)
        for head, text in zip(heads, whole, strict=True):
            if head.below and text != "-":
                for line in Text(text).wrap(out(), max(out().width - 4, 20), overflow="fold"):
                    say(f"    {line.plain}")


def _cells(text: str) -> int:
    from rich.cells import cell_len

    return cell_len(text)


def _plain_table(heads: Sequence[Column], cells: Sequence[Sequence[str]]) -> None:
    lines = [[head.name for head in heads], *cells]
    widths = [max(len(line[index]) for line in lines) for index in range(len(heads))]
    for line in lines:
        padded = (
            cell.rjust(width) if head.right else cell.ljust(width)
            for head, cell, width in zip(heads, line, widths, strict=True)
        )
        say("  ".join(padded).rstrip())


def encode_json(document: Any, *, indent: int | None) -> str:
    """JSON in characters that stdout can encode; times as ISO 8601 in UTC, ids as text. U+007F to
    U+009F are escaped: JSON permits them, but terminals interpret them."""
    ascii_only = not _has_unicode(sys.stdout)
    text = json.dumps(document, indent=indent, ensure_ascii=ascii_only, default=jsonable)
    return re.sub(r"[\x7f-\x9f]", lambda found: f"\\u{ord(found[0]):04x}", text)
