"""Files that root may read and the service's account may not: a TLS key, as a rule.

Their copies lie in the runtime folder for as long as NeuroPlay runs. Who renews the original
serves again.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from neuroplay.infra.embedded.accounts import Account
from neuroplay.infra.supervision import LENT
from neuroplay.infra.supervision.errors import CannotStart

if TYPE_CHECKING:
    from neuroplay.config import Settings

FIELDS = ("tls_cert", "tls_key", "secret_file")
"""The settings that name a file which a process of NeuroPlay reads."""


def read(settings: Settings, account: Account) -> dict[str, bytes]:
    """What `account` cannot read, by the setting that names it. Raises CannotStart."""
    named = {name: path for name in FIELDS if (path := getattr(settings, name)) is not None}
    places = {name: Path(path).expanduser().absolute() for name, path in named.items()}
    closed = account.cannot_read(places.values())
    try:
        return {name: place.read_bytes() for name, place in places.items() if place in closed}
    except OSError as error:
        raise CannotStart(
            f"{error.filename} cannot be read: {(error.strerror or str(error)).lower()}",
            hint="Check the path and its permissions",
        ) from None


def write(settings: Settings, contents: Mapping[str, bytes]) -> Settings:
    """Write the copies, as the account that may read them; the settings then name those."""
    folder = settings.runtime_dir / LENT
    folder.mkdir(mode=0o700)
    for name, content in contents.items():
        handle = os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(content)
    copies: dict[str, Any] = {name: folder / name for name in contents}
    return replace(settings, **copies)
