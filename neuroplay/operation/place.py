"""The installation that a command applies to. It is found without the settings if possible: they
take longer to import than `neuroplay status` may take."""

from __future__ import annotations

import filecmp
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from neuroplay.home import default_home, runtime_dir
from neuroplay.infra.embedded import SERVERS
from neuroplay.infra.supervision import COPIES, lock
from neuroplay.infra.supervision.errors import CannotStart

PROGRAMS = (*SERVERS, "standby", "api", "worker", "beat")
"""In start order. The standby runs where NEUROPLAY_WAL_DIR is set."""

LOGGED = (*PROGRAMS, "supervisor")
"""The programs and the supervisor, each of which has a log."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """A home and its runtime folder."""

    home: Path
    runtime: Path

    @property
    def logs(self) -> Path:
        return self.home / "logs"

    def holder(self) -> int | None:
        """The pid of this home's `serve`, or None; 0 if it is not known yet. Raises CannotStart."""
        try:
            return lock.holder(self.home)
        except OSError as error:
            raise CannotStart(
                f"the home {self.home} cannot be read: {(error.strerror or '').lower()}",
                hint=f"Run as {self.owner() or 'its owner'}, or set NEUROPLAY_HOME",
            ) from None

    def owner(self) -> str:
        """The name of the user of this home's `serve`, or if none runs the home's owner; '' if
        unknown."""
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

    def published(self) -> dict[str, Any]:
        """What the running `serve` published for commands; empty if none is ready, or if it is
        another user's.

        `url` is its address for people and `local_url` that for this machine. `sources` has the
        origin of each setting, and `lent` the original path of each file of which it uses a copy,
        both by field of the settings.
        """
        from neuroplay.infra.supervision.client import SupervisorClient

        try:
            return SupervisorClient(self.runtime).published()
        except CannotStart:
            return {}

    def url(self) -> str:
        """The address of the running `serve`, or else the one in the settings."""
        if url := self.published().get("url"):
            return str(url)
        from neuroplay.config import load_settings

        return load_settings().url

    def renewed(self) -> list[str]:
        """The original paths of copied files whose content differs from the copy by now."""
        return [
            path
            for field, path in self.published().get("lent", {}).items()
            if _differ(Path(path), self.runtime / COPIES / field)
        ]


def _differ(file: Path, copy: Path) -> bool:
    """Whether two files differ; False if this user cannot read them."""
    try:
        return not filecmp.cmp(file, copy, shallow=False)
    except OSError:
        return False


def find() -> Place:
    """The place that NEUROPLAY_HOME or `.env` names, or else the default one."""
    named = os.environ.get("NEUROPLAY_HOME", "")
    if named and not named.startswith("~"):
        home = Path(named).absolute()
    elif named or Path(".env").exists():
        from neuroplay.config import load_settings

        home = load_settings().home
    else:
        home = default_home()
    return Place(home=home, runtime=runtime_dir(home))
