"""Writes output files: completely or not at all, readable by their owner only."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from cli.output.errors import cannot, reason
from neuroplay.whole_files import whole_file


def write_private(target: Path, data: bytes) -> None:
    """Write or replace a file that only its owner can read.

    Raises CommandError with exit code 3 if it cannot be written; an existing file then stays.
    """
    with writing(target), whole_file(target) as file:
        file.write(data)


@contextmanager
def private_lines(target: Path) -> Iterator[Callable[[str], None]]:
    """Yields a function that adds a line to a file, as in `write_private`. The file appears when
    the block ends without an error."""
    with writing(target), whole_file(target) as file:

        def write(line: str) -> None:
            file.write(f"{line}\n".encode())

        yield write


@contextmanager
def writing(target: Path, *, hint: str = "Choose another file with --out") -> Iterator[None]:
    """Turn an OSError of the block into CommandError with exit code 3."""
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        raise cannot(f"cannot write {target}: {reason(error)}", hint=hint) from error


def file_name(title: str) -> str:
    """A title with everything replaced that is unsafe in a file name."""
    kept = "".join(c if c.isalnum() or c in "-_" else "-" for c in title)
    return kept.strip("-") or "unnamed"
