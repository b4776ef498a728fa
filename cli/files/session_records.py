"""Reads session records from a JSON Lines file and judges each line."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from cli.output.errors import reason, usage_error
from neuroplay.core.rules.nesting import read_json

if TYPE_CHECKING:
    from neuroplay.core.use_cases.inspect_sync import JudgedRecord

LONGEST_LINE = 16 << 20
"""Bytes. A record has at most 256 KiB, but a device may have no line breaks."""

Judge = Callable[[Iterable[Mapping[str, object]]], Iterable["JudgedRecord"]]
"""Returns one judgement per record, in order."""

Judged = tuple[int, "JudgedRecord"]
"""The line number of a record, from 1, and its judgement."""


def judge_lines(file: Path, judge: Judge) -> Iterator[Judged]:
    """Judge all records of `file` ("-" is stdin) in order; blank lines are skipped.

    A line that is not a JSON object is `invalid`, with a reason that gives its number. The file is
    read line by line and may have any size. Raises CommandError with exit code 2 if it cannot be
    read.
    """
    with _opened(file) as stream:
        lines: list[int] = []
        broken: list[Judged] = []
        for index, verdict in enumerate(judge(_records(stream, lines, broken))):
            yield from _drain(broken, before=lines[index])
            yield lines[index], verdict
        yield from _drain(broken, before=sys.maxsize)


def _records(
    stream: BinaryIO, lines: list[int], broken: list[Judged]
) -> Iterator[Mapping[str, object]]:
    for number, raw in enumerate(iter(partial(stream.readline, LONGEST_LINE + 1), b""), start=1):
        if len(raw) > LONGEST_LINE:
            raise usage_error(
                f"line {number} is larger than {LONGEST_LINE >> 20} MiB, too long for a record"
            )
        text = raw.removeprefix(b"\xef\xbb\xbf") if number == 1 else raw
        if not text.strip():
            continue
        try:
            record = read_json(text.rstrip())
        except ValueError as error:
            broken.append(_invalid(number, f"not JSON: {_why(error)}"))
            continue
        if isinstance(record, dict):
            lines.append(number)
            yield record
        else:
            broken.append(_invalid(number, "not a JSON object"))


def _drain(broken: list[Judged], *, before: int) -> Iterator[Judged]:
    while broken and broken[0][0] < before:
        yield broken.pop(0)


def _invalid(line: int, why: str) -> Judged:
    from neuroplay.core.use_cases.inspect_sync import JudgedRecord, Judgement

    reasons = (f"line {line}: {why}",)
    return line, JudgedRecord(session_id=None, verdict=Judgement.INVALID, reasons=reasons)


def _why(error: Exception) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"{error.msg} at column {error.colno}"
    if isinstance(error, UnicodeDecodeError):
        return "the text is not UTF-8"
    return str(error)


@contextmanager
def _opened(file: Path) -> Iterator[BinaryIO]:
    if str(file) == "-":
        yield sys.stdin.buffer
        return
    try:
        stream = file.open("rb")
    except OSError as error:
        raise usage_error(f"cannot read {file}: {reason(error)}") from error
    with stream:
        yield stream
