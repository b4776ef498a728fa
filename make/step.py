"""Run a slow step of `make` with a progress line: python make/step.py TITLE PROGRAM ARGS

The program's output is shown only if it fails. The progress line is updated in place on a terminal;
otherwise a new one is printed every ten seconds.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time

EVERY_S = 10.0
MOVES_EVERY_S = 0.5
WIDTH = 79


def main(title: str, *command: str) -> int:
    begun = time.monotonic()
    output: list[str] = []
    moves = sys.stderr.isatty() and os.environ.get("TERM", "dumb") != "dumb"
    show(f"{title} ...", moves)
    with subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        errors="replace",
    ) as process:
        reader = threading.Thread(target=lambda: output.extend(process.stdout or ()), daemon=True)
        reader.start()
        while reader.is_alive():
            reader.join(MOVES_EVERY_S if moves else EVERY_S)
            if reader.is_alive():
                last = output[-1].strip() if output else ""
                show(f"{title} ... {time.monotonic() - begun:.0f} s  {last}", moves)
    if moves:
        sys.stderr.write("\r\x1b[K")
    if process.returncode:
        sys.stderr.write("".join(output))
        sys.stderr.write(f"{title}: failed, see above\n")
    elif moves:
        sys.stderr.write(f"{title}: {time.monotonic() - begun:.0f} s\n")
    return process.returncode


def show(line: str, moves: bool) -> None:
    sys.stderr.write(f"\r\x1b[K{line[:WIDTH]}" if moves else f"{line[:WIDTH]}\n")
    sys.stderr.flush()


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    sys.exit(main(*sys.argv[1:]))
