"""Files that commands write for people: whole or not at all, readable by their owner alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from cli.output.errors import cannot, reason
from neuroplay.whole_files import whole_file


def write_private(target: Path, data: bytes) -> None:
    """Write a file that only its owner can read, over one that was there.

    Raises CommandError with exit code 3 where it cannot be written; then nothing was changed.
    """
    with writing(target), whole_file(target) as file:
        file.write(data)


@contextmanager
def private_lines(target: Path) -> Iterator[Callable[[str], None]]:
    """Write lines to a file that only its owner can read and that is there only when whole.

    Raises CommandError with exit code 3 where it cannot be written.
    """
    with writing(target), whole_file(target) as file:
        yield lambda line: _write(file.write, line)


def _write(write: Callable[[bytes], int], line: str) -> None:
    write(f"{line}\n".encode())


@contextmanager
def writing(target: Path, *, hint: str = "Choose another file with --out") -> Iterator[None]:
    """Raise CommandError with exit code 3 where a file cannot be written."""
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        raise cannot(f"cannot write {target}: {reason(error)}", hint=hint) from error


def file_name(title: str) -> str:
    """A title as part of a file's name."""
    kept = "".join(c if c.isalnum() or c in "-_" else "-" for c in title)
    return kept.strip("-") or "unnamed"
