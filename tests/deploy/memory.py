"""A /proc/meminfo that a test can change, seen by the programs of one system alone."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

REAL = Path("/proc/meminfo")


@dataclass(frozen=True)
class Memory:
    file: Path
    within: Sequence[str] = ()
    """What brings a command there; nothing where this user may not make such a place."""

    def use(self, share: float) -> None:
        """Say that `share` of the memory, 0 to 1, is used."""
        text = self.file.read_text()
        (total,) = re.findall(r"^MemTotal: +(\d+)", text, re.MULTILINE)
        line = f"MemAvailable: {round(int(total) * (1 - share)):>12} kB"
        text = re.sub(r"^MemAvailable:.*$", line, text, flags=re.MULTILINE)
        # One write, of one length: a reader finds the old text or the new.
        file = os.open(self.file, os.O_WRONLY)
        os.write(file, text.encode())
        os.close(file)


@contextmanager
def own_memory(file: Path) -> Iterator[Memory]:
    file.write_text(REAL.read_text())
    Memory(file).use(0.5)
    bind = 'mount --bind "$1" /proc/meminfo && echo there && exec cat'
    holder = subprocess.Popen(
        ["unshare", "--mount", "sh", "-c", bind, "sh", str(file)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    with holder:  # whose end closes its input, which ends it
        assert holder.stdout is not None
        there = holder.stdout.readline() == b"there\n"
        yield Memory(file, ("nsenter", f"--target={holder.pid}", "--mount", "--") if there else ())
