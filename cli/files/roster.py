"""Reads roster files."""

from __future__ import annotations

import sys
from pathlib import Path

from cli.output.errors import reason, usage_error
from neuroplay.core.entities.roster import RosterSource
from neuroplay.core.errors import NotARoster
from neuroplay.core.rules.oneroster import is_oneroster
from neuroplay.core.rules.roster_text import LARGEST_BYTES, decoded


def read_source(file: Path, encoding: str | None) -> RosterSource:
    """The roster in a file; "-" is stdin.

    Raises CommandError with exit code 2 if the file cannot be read or is no roster, and
    RosterRefused if its bytes are not valid in the encoding.
    """
    data = _bytes(file)
    try:
        if not is_oneroster(data):
            decoded(file.name, data, encoding)
    except NotARoster as error:
        raise usage_error(error.message, hint=error.hint) from error
    return RosterSource(name=file.name, content=data)


def _bytes(file: Path) -> bytes:
    try:
        if str(file) == "-":
            data = sys.stdin.buffer.read(LARGEST_BYTES + 1)
        else:
            with file.open("rb") as opened:  # a device may be endless
                data = opened.read(LARGEST_BYTES + 1)
    except OSError as error:
        raise usage_error(f"cannot read {file}: {reason(error)}") from error
    if len(data) > LARGEST_BYTES:
        size = LARGEST_BYTES >> 20
        raise usage_error(f"{file} is not a roster: it is larger than {size} MiB")
    return data
