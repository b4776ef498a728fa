"""Copies of files that root can read and the service's account cannot, usually a TLS key.

The copies are in the runtime folder while NeuroPlay runs. After a change of the original, `serve`
must be started again.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from neuroplay.infra.embedded.accounts import Account
from neuroplay.infra.supervision import COPIES
from neuroplay.infra.supervision.errors import CannotStart

if TYPE_CHECKING:
    from neuroplay.config import Settings

FIELDS = ("tls_cert", "tls_key", "secret_file", "old_secret_file")
"""The settings that name a file which NeuroPlay's processes read."""


def read(settings: Settings, account: Account) -> dict[str, bytes]:
    """The contents of the files that `account` cannot read, by setting. Raises CannotStart."""
    named = {name: path for name in FIELDS if (path := getattr(settings, name)) is not None}
    places = {name: Path(path).expanduser().absolute() for name, path in named.items()}
    unreadable = account.cannot_read(places.values())
    try:
        return {name: place.read_bytes() for name, place in places.items() if place in unreadable}
    except OSError as error:
        raise CannotStart(
            f"{error.filename} cannot be read: {(error.strerror or str(error)).lower()}",
            hint="Check the path and its permissions",
        ) from None


def write(settings: Settings, contents: Mapping[str, bytes]) -> Settings:
    """Write the copies, when this process already runs as the account; returns settings that name
    the copies."""
    folder = settings.runtime_dir / COPIES
    folder.mkdir(mode=0o700)
    for name, content in contents.items():
        handle = os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(content)
    copies: dict[str, Any] = {name: folder / name for name in contents}
    return replace(settings, **copies)
