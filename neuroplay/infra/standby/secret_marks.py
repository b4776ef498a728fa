"""Which secret the database in a standby's folder needed, and from when on.

A restore to a point in time needs the secret of that time, and whoever restores must know before
anything is touched whether it is the one here. The secret itself is not in the folder.
"""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

from neuroplay.whole_files import whole_file

FILE = "secret-marks.json"


def note(folder: Path, mark: str, now: datetime) -> None:
    """Record that the database has this mark (infra.db.secret_mark) from now on. Raises OSError."""
    known = _read(folder)
    if not known or known[-1][0] != mark:
        rows = [{"mark": one, "since": since.isoformat()} for one, since in [*known, (mark, now)]]
        with whole_file(folder / FILE) as file:
            file.write(json.dumps(rows).encode())


def at(folder: Path, to: datetime | None) -> str | None:
    """The mark of the newest database, or of the one at `to`. None if it was not recorded, or if
    the record cannot be read: that must not stop a restore."""
    try:
        known = _read(folder)
    except OSError:
        return None
    fitting = [mark for mark, since in known if to is None or since <= to]
    return fitting[-1] if fitting else None


def _read(folder: Path) -> list[tuple[str, datetime]]:
    """Nothing if there is no record, or a damaged one: it then starts empty."""
    try:
        text = (folder / FILE).read_text(encoding="utf-8")
        return [(row["mark"], datetime.fromisoformat(row["since"])) for row in json.loads(text)]
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return []
