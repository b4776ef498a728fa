"""The settings that a command works with: this shell's, and where it says nothing those of the
`serve` that runs on the same home.

What the running system was told is in the environment of its supervisor, which its user and root
alone can read: nothing secret is written down for it, and it is gone when the system is.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from neuroplay.config import Settings

OPTION, ENVIRONMENT, FILE, DEFAULT = "option", "environment", ".env", "default"

HIDDEN = "***"
"""What stands for a password or a secret."""


def settings_here() -> Settings:
    """This shell's settings, completed from the running system.

    What is set here wins. A shell that names another database speaks of another system: then
    nothing is taken over, the secret least of all. Raises SettingsError.
    """
    from neuroplay.config import load_settings

    settings = load_settings()
    told = environment_of_running(settings.home)
    if told is None or _is_another_system(settings, told):
        return settings
    taken = {
        field: told[settings.variable(field)]
        for field in settings.table()
        if field not in settings.given and settings.variable(field) in told
    }
    if {"secret", "secret_file"} & settings.given:
        taken.pop("secret", None)
        taken.pop("secret_file", None)
    return load_settings(**taken)


def _is_another_system(settings: Settings, told: Mapping[str, str]) -> bool:
    return "database_url" in settings.given and settings.database_url != told.get(
        settings.variable("database_url"), ""
    )


def environment_of_running(home: Path) -> dict[str, str] | None:
    """The environment of the `serve` that runs on `home`; None where none runs, or where it is
    another user's."""
    from neuroplay.infra.supervision import lock

    try:
        pid = lock.holder(home)
        raw = Path(f"/proc/{pid}/environ").read_bytes() if pid else b""
    except OSError:
        return None
    told = {}
    for pair in raw.split(b"\0"):
        name, _, value = pair.partition(b"=")
        told[os.fsdecode(name)] = os.fsdecode(value)
    # Until it has become the supervisor, it has the environment of the shell that started it.
    served = "PROMETHEUS_MULTIPROC_DIR" in told and _is_home(told.get("NEUROPLAY_HOME", ""), home)
    return told if served else None


def _is_home(told: str, home: Path) -> bool:
    """Whether that is this home, by whatever path it is reached."""
    try:
        return bool(told) and os.path.samefile(told, home)
    except OSError:
        return False


def sources(settings: Settings, given: Iterable[str] = ()) -> dict[str, str]:
    """Where each field's value is from; `given` are the fields that options of the command line
    set."""
    given = set(given)
    environment = {name.upper() for name in os.environ}

    def source(field: str) -> str:
        if field in given:
            return OPTION
        if field not in settings.given:
            return DEFAULT
        return ENVIRONMENT if settings.variable(field) in environment else FILE

    return {field: source(field) for field in settings.table()}


LAST = Path("state", "last-serve.json")
"""In the home: which database its last `serve` used, without a password."""


def remember(settings: Settings) -> None:
    """Write down which database a `serve` of this home uses."""
    from neuroplay.whole_files import whole_file

    database = None if settings.embedded_database else without_password(settings.database_url)
    (settings.home / LAST).parent.mkdir(mode=0o700, exist_ok=True)
    with whole_file(settings.home / LAST) as file:
        file.write(json.dumps({"database": database}).encode())


def last_database(home: Path) -> str:
    """The database of one's own that the last `serve` of a home used; '' where it was the
    embedded one, or where there was none."""
    try:
        told = json.loads((home / LAST).read_text(encoding="utf-8"))
        return str(told["database"] or "")
    except (OSError, ValueError, KeyError, TypeError):
        return ""


def check_same_database(settings: Settings) -> None:
    """Raise CannotStart where an embedded database would be used, and be empty or old, though the
    last `serve` of the home used another."""
    from neuroplay.infra.supervision.errors import CannotStart

    used = last_database(settings.home) if settings.embedded_database else ""
    if used:
        raise CannotStart(
            f"the last serve of {settings.home} used the database {used}, but DATABASE_URL is not "
            "set here, and the embedded database has none of its data",
            hint="Set DATABASE_URL. To switch to the embedded database: neuroplay serve --embedded",
        )


def without_password(url: str) -> str:
    """A URL as it may be shown: without its password, wherever that stands."""
    from urllib.parse import urlsplit

    try:
        parts = urlsplit(url)
        user, at, place = parts.netloc.rpartition("@")
        name, colon, _ = user.partition(":")
    except ValueError:
        return HIDDEN
    query = re.sub(r"((?:^|&)\w*(?:password|secret|key)\w*=)[^&]*", rf"\1{HIDDEN}", parts.query)
    netloc = f"{name}:{HIDDEN}@{place}" if colon else f"{user}{at}{place}"
    return f"{parts.scheme}://{netloc}{parts.path}" + (f"?{query}" if query else "")
