"""Files that commands write for people."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
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


@contextmanager
def private_lines(target: Path) -> Iterator[Callable[[str], None]]:
    """Write lines to a file that only its owner can read and that is there only when whole.

    Raises CommandError with exit code 3 where it cannot be written.
    """
    part = target.with_name(f"{target.name}.part")
    try:
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            yield lambda line: print(line, file=file)
        part.replace(target)
    except OSError as error:
        why = (error.strerror or str(error)).lower()
        raise cannot(
            f"cannot write {target}: {why}", hint="Name another file with --out"
        ) from error
    finally:
        part.unlink(missing_ok=True)


def file_name(title: str) -> str:
    """A title as part of a file's name."""
    kept = "".join(c if c.isalnum() or c in "-_" else "-" for c in title)
    return kept.strip("-") or "unnamed"
