"""Files that root may read and the service's account may not: a TLS key, as a rule.

Their copies lie in the runtime folder for as long as NeuroPlay runs. Who renews the original
serves again.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from neuroplay.infra.embedded.accounts import Account
from neuroplay.infra.supervision import LENT
from neuroplay.infra.supervision.errors import CannotStart

if TYPE_CHECKING:
    from neuroplay.config import Settings

FIELDS = ("tls_cert", "tls_key", "secret_file")
"""The settings that name a file which a process of NeuroPlay reads."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Lent:
    """What was read as root, by the setting that names it."""

    contents: dict[str, bytes]

    @classmethod
    def read(cls, settings: Settings, account: Account) -> Lent:
        """Read what `account` cannot. Raises CannotStart."""
        named = {name: path for name in FIELDS if (path := getattr(settings, name)) is not None}
        places = {name: Path(path).expanduser().absolute() for name, path in named.items()}
        closed = account.cannot_read(places.values())
        try:
            return cls(contents={n: p.read_bytes() for n, p in places.items() if p in closed})
        except OSError as error:
            raise CannotStart(
                f"{error.filename} cannot be read: {(error.strerror or str(error)).lower()}",
                hint="Check the path and its permissions",
            ) from None

    def write(self, settings: Settings) -> Settings:
        """Write the copies, as the account that may read them; the settings then name those."""
        if not self.contents:
            return settings
        folder = settings.runtime_dir / LENT
        folder.mkdir(mode=0o700)
        for name, content in self.contents.items():
            handle = os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(handle, "wb") as file:
                file.write(content)
        copies: dict[str, Any] = {name: folder / name for name in self.contents}
        return replace(settings, **copies)
