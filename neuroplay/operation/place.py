"""Which installation a command means, found without the settings where that is possible: they
take longer to import than `neuroplay status` may take to answer."""

from __future__ import annotations

import filecmp
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from neuroplay.home import default_home, runtime_dir
from neuroplay.infra.embedded import SERVERS
from neuroplay.infra.supervision import LENT, lock
from neuroplay.infra.supervision.errors import CannotStart

PROGRAMS = (*SERVERS, "api", "worker", "beat")
"""In the order of starts."""

LOGGED = (*PROGRAMS, "supervisor")
"""What has a log: they, and the process that runs them."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """A home and its runtime folder."""

    home: Path
    runtime: Path

    @property
    def logs(self) -> Path:
        return self.home / "logs"

    def holder(self) -> int | None:
        """The pid of the `serve` of this home, None where none runs. Raises CannotStart."""
        try:
            return lock.holder(self.home)
        except OSError as error:
            raise CannotStart(
                f"the home {self.home} cannot be read: {(error.strerror or '').lower()}",
                hint=f"Run as {self.owner() or 'its owner'}, or set NEUROPLAY_HOME",
            ) from None

    def owner(self) -> str:
        """The name of the user who serves this home: as it runs, or whose it is; '' where that
        cannot be known."""
        from neuroplay.users import user_name

        for place in (f"/proc/{self._pid()}", str(self.home)):
            try:
                return user_name(os.stat(place).st_uid)
            except OSError:
                continue
        return ""

    def _pid(self) -> int:
        try:
            return lock.holder(self.home) or 0
        except OSError:
            return 0

    def told(self) -> dict[str, Any]:
        """What the running one wants commands to know; empty where none is ready, or where it is
        another user's.

        `url` and `local_url` are its addresses, for people and for this machine, whatever the
        settings were; `sources` says where it had each setting from, `lent` which paths the
        operator gave of files that it reads a copy of, both by the settings' fields.
        """
        from neuroplay.infra.supervision.client import SupervisorClient

        try:
            return SupervisorClient(self.runtime).told()
        except CannotStart:
            return {}

    def url(self) -> str:
        """Where the running one says that it is; else where the settings would have it."""
        if url := self.told().get("url"):
            return str(url)
        from neuroplay.config import load_settings

        return load_settings().url

    def renewed(self) -> list[str]:
        """Of the paths in `lent`, the ones that hold something else now than the copy in use."""
        return [
            path
            for field, path in self.told().get("lent", {}).items()
            if _differ(Path(path), self.runtime / LENT / field)
        ]


def _differ(file: Path, copy: Path) -> bool:
    """Whether two files differ, as far as this user can read them."""
    try:
        return not filecmp.cmp(file, copy, shallow=False)
    except OSError:
        return False


def find() -> Place:
    """The place that NEUROPLAY_HOME, `.env` or the default name."""
    named = os.environ.get("NEUROPLAY_HOME", "")
    if named and not named.startswith("~"):
        home = Path(named).absolute()
    elif named or Path(".env").exists():
        from neuroplay.config import load_settings

        home = load_settings().home
    else:
        home = default_home()
    return Place(home=home, runtime=runtime_dir(home))
