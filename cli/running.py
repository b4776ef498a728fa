"""The settings that a command works with: this shell's, and where it says nothing those of the
`serve` that runs on the same home.

What the running system was told is in the environment of its supervisor, which its user and root
alone can read: nothing secret is written down for it, and it is gone when the system is.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from neuroplay.config import Settings

OPTION, ENVIRONMENT, FILE, DEFAULT, RUNNING = "option", "environment", ".env", "default", "running"


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
        for field in type(settings).model_fields
        if field not in settings.model_fields_set and settings.variable(field) in told
    }
    if {"secret", "secret_file"} & settings.model_fields_set:
        taken.pop("secret", None)
        taken.pop("secret_file", None)
    return load_settings(**taken)


def _is_another_system(settings: Settings, told: Mapping[str, str]) -> bool:
    return "database_url" in settings.model_fields_set and settings.database_url != told.get(
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
    return told if told.get("NEUROPLAY_HOME") == str(home) else None


def sources(settings: Settings, given: Iterable[str] = ()) -> dict[str, str]:
    """Where each field's value is from; `given` are the fields that options of the command line
    set."""
    given = set(given)
    environment = {name.upper() for name in os.environ}

    def source(field: str) -> str:
        if field in given:
            return OPTION
        if field not in settings.model_fields_set:
            return DEFAULT
        return ENVIRONMENT if settings.variable(field) in environment else FILE

    return {field: source(field) for field in type(settings).model_fields}
