"""Files that commands write for people."""

from __future__ import annotations

import os
from pathlib import Path

from cli.errors import cannot


def write_private(target: Path, data: bytes) -> None:
    """Write a file that only its owner can read, over one that was there.

    Raises CommandError with exit code 3 where it cannot be written.
    """
    try:
        descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            if os.path.isfile(target):  # not for /dev/stdout
                os.fchmod(descriptor, 0o600)
            file.write(data)
    except BrokenPipeError:
        raise
    except OSError as error:
        why = (error.strerror or str(error)).lower()
        raise cannot(
            f"cannot write {target}: {why}", hint="Name another file with --out"
        ) from error


def file_name(title: str) -> str:
    """A title as part of a file's name."""
    kept = "".join(c if c.isalnum() or c in "-_" else "-" for c in title)
    return kept.strip("-") or "unnamed"
