"""What commands print, and what they ask.

Results go to stdout, everything else to stderr. `--json` prints one document, or a document a
line where a command says so. Without a terminal there is no colour, no animation and no box, and
nothing is ever cut off.
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

if TYPE_CHECKING:
    from rich.console import Console

Json = Annotated[bool, typer.Option("--json", help="Print JSON; docs/cli.md describes it.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask for confirmation.")]

SLOW_S = 1.0
"""Progress appears for what takes longer than this."""

NARROWEST_FLEX = 16
"""Characters that a wrapping column needs to be readable."""


@cache
def out() -> Console:
    """Rich's console for stdout. Import costs 0.1 s: prefer `say` for plain lines."""
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
    """Before what to do; as the terminal can show it."""
    return "→" if is_terminal() and _has_unicode(sys.stdout) else "->"


def say(text: str = "", *, style: Mapping[str, Any] | None = None, end: str = "\n") -> None:
    """One line of result on stdout; `style` as of typer.style, dropped without a terminal."""
    typer.echo((typer.style(text, **style) if style else text) + end, nl=False)


def note(text: str) -> None:
    """One line beside the result, on stderr; commands in it are as this user types them."""
    typer.echo(as_typed(text), err=True)


def print_json(document: Any) -> None:
    """One document on stdout: indented on a terminal, one line elsewhere."""
    typer.echo(encode_json(document, indent=2 if is_terminal() else None))


def print_json_line(record: Any) -> None:
    """One record of JSON Lines on stdout, at once."""
    typer.echo(encode_json(record, indent=None))


def plain(value: Any) -> str:
    """A value as people read it: '-' for nothing, UTC times to the second, no control
    characters (a nickname must not steer the terminal)."""
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
    """A time as a column of a terminal has room for it, in UTC: `11-25 14:03`, with the year in
    the place of the clock where that is long ago. The whole of it elsewhere."""
    if value is None or not is_terminal():
        return value
    told = value.astimezone(UTC)
    far = abs(datetime.now(UTC) - told).days > 300
    return f"{told:%Y-%m-%d}" if far else f"{told:%m-%d %H:%M}"


def duration(seconds: float | None) -> str:
    """Seconds as people read them: `42 s`, `3 min 20 s`, `5 h 12 min`, `3 d 4 h`."""
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
    """A column of a table. On a terminal that is too narrow for all of them, `wide` ones are left
    out, the one that is `below` goes to a line of its own under its row, where it says anything,
    and `flex` ones wrap. All others never do. Elsewhere than on a terminal nothing is left out."""

    name: str
    right: bool = False
    flex: bool = False
    wide: bool = False
    below: bool = False


def right(name: str, *, wide: bool = False) -> Column:
    """A column of numbers."""
    return Column(name=name, right=True, wide=wide)


def flex(name: str) -> Column:
    """A column that may wrap."""
    return Column(name=name, flex=True)


def answer(document: Any, text: str, *, as_json: bool) -> None:
    """The result of a command: a document with --json, a line of text without."""
    if as_json:
        print_json(document)
    else:
        say(text)


Shown = str | Callable[[Any], Any]
"""What a column shows of a row: the value of a key, or what a function makes of the row."""


def listing(
    name: str,
    rows: Sequence[Mapping[str, Any]],
    columns: Sequence[tuple[Column | str, Shown]],
    *,
    empty: str,
    as_json: bool,
) -> None:
    """Rows as `{name: rows}` with --json, as a table without; `empty` where there are none."""
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
    """Rows under headings: a Rich table on a terminal, aligned plain text elsewhere."""
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
    """Names and values, a pair a line."""
    items = [(name, plain(value)) for name, value in rows]
    width = max((len(name) for name, _ in items), default=0)
    for name, value in items:
        say(f"{'':{indent}}{typer.style(name.ljust(width), bold=True)}  {value}")


def confirm(question: str, *, yes: bool) -> None:
    """Go on when the answer is yes, or `yes` was given on the command line.

    Raises CommandError: exit 1 when the answer is no, exit 2 when nobody is there to answer.
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
    """Progress of a slow piece of work: call it with what was reached."""

    def __call__(self, done: int | None = None, *, text: str | None = None) -> None: ...


@contextmanager
def progress(label: str, *, total: int | None = None) -> Iterator[Step]:
    """Show on stderr how far a piece of work is, once it takes longer than a second.

    A moving bar on a terminal; elsewhere one line at the end, if it was slow.
    """
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
    """The terminal's cells that each column's longest text takes."""
    from rich.cells import cell_len

    return [
        max(cell_len(text) for text in (head.name, *(row[index] for row in cells)))
        for index, head in enumerate(heads)
    ]


def _needed(heads: Sequence[Column], cells: Sequence[Sequence[str]]) -> int:
    """The terminal's width that Rich needs to cut nothing off."""
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
    """Two cells between columns, `flex` ones share what is left, and the one that is `below`
    stands under its row. Where even that does not fit, the terminal itself wraps the lines."""
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
    """JSON as stdout's encoding can carry it; times as ISO 8601 UTC, ids as text. JSON need not
    escape the upper control characters, which steer terminals too."""
    ascii_only = not _has_unicode(sys.stdout)
    text = json.dumps(document, indent=indent, ensure_ascii=ascii_only, default=_jsonable)
    return re.sub(r"[\x7f-\x9f]", lambda found: f"\\u{ord(found[0]):04x}", text)


def _jsonable(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, set | frozenset):
        return sorted(value)
    if isinstance(value, Sequence):
        return list(value)
    return str(value)
