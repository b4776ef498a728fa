"""What the keeper of a standby says about itself, for commands and metrics: a file in the home."""

from __future__ import annotations

import json
import math
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from neuroplay.whole_files import whole_file

OLD_S = 2 * 86_400.0
"""Base backups are made every day."""

FILE = Path("state", "standby.json")


@dataclass(frozen=True, kw_only=True, slots=True)
class Status:
    """`error` is why no WAL is received, `base_error` why the last base backup failed; '' if all is
    well. `base_at` is when the newest base backup was complete, in ISO 8601; None if there is none
    that goes with the WAL."""

    folder: str
    error: str = ""
    base_error: str = ""
    base_at: str | None = None

    def base_age_s(self, now: datetime) -> float:
        """The age of the newest base backup; infinite if there is none."""
        if self.base_at is None:
            return math.inf
        return (now - datetime.fromisoformat(self.base_at)).total_seconds()

    def base_problem(self, now: datetime) -> str:
        """Why nothing, or not enough, could be restored; '' if all is well."""
        age_s = self.base_age_s(now)
        if age_s == math.inf:
            return "there is no complete base backup" + f": {self.base_error}" * bool(
                self.base_error
            )
        if age_s > OLD_S:
            return f"the newest base backup is {age_s / 86_400:.0f} days old: {self.base_error}"
        return ""


def write_status(home: Path, status: Status) -> None:
    """Raises OSError."""
    (home / FILE).parent.mkdir(mode=0o700, exist_ok=True)
    with whole_file(home / FILE) as file:
        file.write(json.dumps(asdict(status)).encode())


def read_status(home: Path) -> Status | None:
    """None if none was written, or if it cannot be read."""
    try:
        return Status(**json.loads((home / FILE).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None
