"""The commands of a runbook, taken from its text and run as they are."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.acceptance.installation import Installation

COMMAND = re.compile(r"`((?:neuroplay|curl|df|du) [^`]+|top)`")

NOT_HERE = {
    "neuroplay serve --only worker": "is for a machine that only runs workers",
    "neuroplay serve --task-workers 2": "is for another start, with more cores",
    "neuroplay db backup": "is advice for the time before",
    "neuroplay db restore": "is named with the page that tells how to use it",
}
"""Commands that are not run, and why."""

WITHOUT_A_TERMINAL = {
    r"^top$": "top -b -n 1",
    r"^(neuroplay metrics --watch)": r"timeout --preserve-status --signal=INT 3 \1",
    r"^(neuroplay sync (?:dismiss|reject) .*)": r"\1 --yes",
}
"""What a person would end by Ctrl-C or confirm."""

PATIENCE_S = 60


@dataclass(frozen=True, kw_only=True)
class Runbook:
    to_do: tuple[str, ...]
    over: tuple[str, ...]
    """What shows that it is over."""


def read(path: Path) -> Runbook:
    _, to_do = path.read_text().split("## What to do")
    to_do, over = to_do.split("**Over when:**")
    return Runbook(to_do=_commands(to_do), over=_commands(over))


def _commands(text: str) -> tuple[str, ...]:
    return tuple(COMMAND.findall(text))


def run(
    command: str, system: Installation, names: Mapping[str, str]
) -> subprocess.CompletedProcess[str]:
    """`names`: what stands for the words in capitals."""
    command = command.replace(":5000", f":{system.port}")
    for word, meant in {"NEUROPLAY_HOME": str(system.home), **names}.items():
        command = re.sub(rf"(?<!\w){word}(?!\w)", meant, command)
    for written, here in WITHOUT_A_TERMINAL.items():
        command = re.sub(written, here, command)
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    return subprocess.run(
        [*system.within, "sh", "-c", command],
        env={**system.environment, "PATH": path},
        cwd=system.home.parent,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
    )
