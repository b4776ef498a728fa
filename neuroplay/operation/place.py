"""Which installation a command means, found without the settings where that is possible: they
take longer to import than `neuroplay status` may take to answer."""

from __future__ import annotations

import filecmp
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from neuroplay.home import default_home, runtime_dir
from neuroplay.infra.supervision import LENT, lock
from neuroplay.infra.supervision.errors import CannotStart

if TYPE_CHECKING:
    from neuroplay.operation.serving.boot import Plan


PROGRAMS = ("postgres", "redis", "api", "worker", "beat")
"""In the order of starts."""


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

    def url(self) -> str:
        """Where the running one says that it is; else where the settings would have it."""
        told = self._told("url")
        if told is None:
            from neuroplay.config import load_settings

            return load_settings().url
        return told

    def local_url(self) -> str | None:
        """Where the running one listens, whatever its settings were; None where none runs."""
        return self._of_running("local_url")

    def running_url(self) -> str | None:
        """The address for people of the running one; None where none runs."""
        return self._of_running("url")

    def _of_running(self, what: str) -> str | None:
        try:
            return None if self.holder() is None else self._told(what)
        except CannotStart:  # somebody else's
            return None

    def sources(self) -> dict[str, str]:
        """Where the running one had each setting from, by the settings' fields."""
        return self._told_by_field("sources")

    def lent(self) -> dict[str, str]:
        """The paths that the operator gave of files which the running one reads a copy of, by the
        settings' fields."""
        return self._told_by_field("lent")

    def renewed(self) -> list[str]:
        """Of those paths, the ones that hold something else now than the copy in use."""
        return [
            path
            for field, path in self.lent().items()
            if _differ(Path(path), self.runtime / LENT / field)
        ]

    def _told_by_field(self, what: str) -> dict[str, str]:
        found = self._word().get(what)
        return dict(found) if isinstance(found, dict) else {}

    def _told(self, what: str) -> str | None:
        found = self._word().get(what)
        return found if isinstance(found, str) else None

    def _word(self) -> dict[str, Any]:
        """What the running one left for others to read."""
        try:
            found = json.loads((self.runtime / "serve.json").read_text(encoding="utf-8"))
        except (OSError, ValueError, RecursionError):
            return {}
        return found if isinstance(found, dict) else {}


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


def leave_word(plan: Plan) -> None:
    """Write down for `neuroplay status` what it cannot know otherwise."""
    from neuroplay.operation.running import remember

    settings = plan.settings
    word = {
        "url": settings.url,
        "local_url": settings.local_url,
        "home": str(settings.home),
        "pieces": list(plan.pieces),
        "sources": dict(plan.sources),
        "lent": dict(plan.lent),
    }
    path = settings.runtime_dir / "serve.json"
    half = path.with_suffix(".new")
    half.write_text(json.dumps(word), encoding="utf-8")
    half.replace(path)
    remember(settings)
