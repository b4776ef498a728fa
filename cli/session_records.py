"""Session records in a JSON Lines file: read, judged, and told by line."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

from cli.errors import usage_error
from neuroplay.core.rules.nesting import read_json

LONGEST_LINE = 16 << 20
"""Bytes; a record has 256 KiB at most, and a device has no line's end."""

Judge = Callable[[Iterable[Mapping[str, Any]]], Iterable[Mapping[str, Any]]]
"""Records in, a document {"session_id", "verdict", "reasons"} a record out, in order."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Judged:
    """What the rules say of the record on `line` (from 1)."""

    line: int
    session_id: str | None
    verdict: str
    reasons: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        return {
            "session_id": self.session_id,
            "verdict": self.verdict,
            "reasons": list(self.reasons),
        }


def judge_lines(file: Path, judge: Judge) -> Iterator[Judged]:
    """Judge every record of `file` ("-": stdin) in order; blank lines are passed over.

    A line that is no JSON object is `invalid`, and its only reason names the line. The file is
    read as it is judged, so that its size does not matter. Raises CommandError (exit 2) where
    the file cannot be read.
    """
    with _opened(file) as stream:
        lines: list[int] = []
        broken: list[Judged] = []
        verdicts = iter(judge(_records(stream, lines, broken)))
        for told, verdict in enumerate(verdicts):
            yield from _drain(broken, before=lines[told])
            yield Judged(
                line=lines[told],
                session_id=verdict["session_id"],
                verdict=str(verdict["verdict"]),
                reasons=tuple(verdict["reasons"]),
            )
        yield from _drain(broken, before=sys.maxsize)


def _records(
    stream: BinaryIO, lines: list[int], broken: list[Judged]
) -> Iterator[Mapping[str, Any]]:
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
    while broken and broken[0].line < before:
        yield broken.pop(0)


def _invalid(line: int, why: str) -> Judged:
    return Judged(line=line, session_id=None, verdict="invalid", reasons=(f"line {line}: {why}",))


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
        raise usage_error(
            f"cannot read {file}: {(error.strerror or str(error)).lower()}"
        ) from error
    with stream:
        yield stream
