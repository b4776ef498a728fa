"""The settings of a command: this shell's, completed from the running `serve` of the same home.

The running system's settings are read from the environment of its supervisor, which only its user
and root can read. So no secret is written to a file, and nothing is left when the system ends.
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
"""Shown in place of a password or a secret."""


def settings_here() -> Settings:
    """This shell's settings; those not set here are taken from the running system.

    If this shell names another database, it means another system, and nothing is taken over: above
    all not the secret. Raises SettingsError.
    """
    from neuroplay.config import load_settings

    settings = load_settings()
    running = environment_of_running(settings.home)
    if running is None or _differs(settings, running):
        return settings
    missing = {
        field: running[settings.variable(field)]
        for field in settings.table()
        if field not in settings.given and settings.variable(field) in running
    }
    if {"secret", "secret_file"} & settings.given:
        for field in ("secret", "secret_file", "old_secret", "old_secret_file"):
            missing.pop(field, None)
    return load_settings(**missing)


def means_another_system(settings: Settings) -> bool:
    """Whether a system runs on the home of these settings, and they name another database."""
    running = environment_of_running(settings.home)
    return running is not None and _differs(settings, running)


def _differs(settings: Settings, running: Mapping[str, str]) -> bool:
    return "database_url" in settings.given and settings.database_url != running.get(
        settings.variable("database_url"), ""
    )


def environment_of_running(home: Path) -> dict[str, str] | None:
    """The environment of the `serve` that runs on `home`; None if none runs, or if it is another
    user's."""
    from neuroplay.infra.supervision import lock

    try:
        pid = lock.holder(home)
        raw = Path(f"/proc/{pid}/environ").read_bytes() if pid else b""
    except OSError:
        return None
    found = {}
    for pair in raw.split(b"\0"):
        name, _, value = pair.partition(b"=")
        found[os.fsdecode(name)] = os.fsdecode(value)
    # Before it becomes the supervisor, it has the environment of the shell that started it.
    served = "PROMETHEUS_MULTIPROC_DIR" in found and _is_home(found.get("NEUROPLAY_HOME", ""), home)
    return found if served else None


def _is_home(path: str, home: Path) -> bool:
    """Whether both paths lead to the same folder."""
    try:
        return bool(path) and os.path.samefile(path, home)
    except OSError:
        return False


def sources(settings: Settings, given: Iterable[str] = ()) -> dict[str, str]:
    """The origin of each field's value; `given` are the fields set by command-line options."""
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
"""A file in the home with the database of its last `serve`, without a password."""


def remember(settings: Settings) -> None:
    """Record which database this home's `serve` uses."""
    from neuroplay.whole_files import whole_file

    database = None if settings.embedded_database else without_password(settings.database_url)
    (settings.home / LAST).parent.mkdir(mode=0o700, exist_ok=True)
    with whole_file(settings.home / LAST) as file:
        file.write(json.dumps({"database": database}).encode())


def last_database(home: Path) -> str:
    """The external database of a home's last `serve`; '' if it was the embedded one or unknown."""
    try:
        last = json.loads((home / LAST).read_text(encoding="utf-8"))
        return str(last["database"] or "")
    except (OSError, ValueError, KeyError, TypeError):
        return ""


def check_same_database(settings: Settings) -> None:
    """Raise CannotStart if the embedded database would be used although the home's last `serve`
    used an external one: it would be empty or out of date."""
    from neuroplay.infra.supervision.errors import CannotStart

    used = last_database(settings.home) if settings.embedded_database else ""
    if used:
        raise CannotStart(
            f"the last serve of {settings.home} used the database {used}, but DATABASE_URL is not "
            "set here, and the embedded database has none of its data",
            hint="Set DATABASE_URL. To switch to the embedded database: neuroplay serve --embedded",
        )


def without_password(url: str) -> str:
    """A URL for display: passwords and keys, in the authority or the query, are hidden."""
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
