"""Replacing the secret while the old one is still accepted.

    alone      one secret
    prepared   a new and an old secret are set, and cards are still made with the old one
    rotating   cards are made with the new secret, and those of the old one are accepted

In the home, `rotate` does both steps at once. With NEUROPLAY_SECRET the operator sets both secrets
on every machine first: a machine that knew only one of them would turn away cards of the other.
"""

from __future__ import annotations

import os
import secrets as stdlib_secrets
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from neuroplay.core.errors import Refused, SettingsError
from neuroplay.infra.db import secret_mark as marks
from neuroplay.infra.db.secret_mark import ClassCards
from neuroplay.infra.secrets import (
    FILE,
    OLD_FILE,
    RETIRED_FILE,
    check_mark,
    is_in_home,
    load_secret,
    load_secrets,
    place_of_secret,
)
from neuroplay.whole_files import part_of, private, sync_file, sync_folder

if TYPE_CHECKING:
    from neuroplay.bootstrap import Container
    from neuroplay.config import Settings
    from neuroplay.infra.secrets import HmacSecrets

State = Literal["alone", "prepared", "rotating"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Rotation:
    """`classes` say who has signed in with a card of the secret in use, whose place is `place`."""

    state: State
    place: str
    classes: Sequence[ClassCards]

    @property
    def students(self) -> int:
        return sum(one.students for one in self.classes)

    @property
    def missing(self) -> int:
        """How many children have not yet signed in with a card of the secret in use."""
        return self.students - sum(one.signed_in for one in self.classes)


def look(container: Container) -> Rotation:
    """Raises SettingsError if the secret is not the database's, StoreUnavailable."""
    settings, secrets = container.settings, load_secrets(container.settings)
    stored = marks.stored(container.engine)
    check_mark(secrets, stored, settings)
    used = marks.cards_used(container.engine, secrets.in_use(stored).mark())
    return Rotation(state=_state(secrets, stored), place=place_of_secret(settings), classes=used)


def rotate(container: Container, *, who: str) -> None:
    """Make cards with a new secret from now on. An interrupted rotation is completed. Raises
    Refused if one is under way, SettingsError if the new secret must be set first."""
    settings = container.settings
    state = look(container).state
    if state == "rotating":
        raise Refused(
            "a rotation is under way, and a third secret cannot be accepted",
            code="rotation_under_way",
            hint="End it first: neuroplay secret retire",
        )
    if state == "alone":
        if not is_in_home(settings):
            raise SettingsError(
                f"the secret is in {place_of_secret(settings)}, which only you can change",
                code="no_old_secret",
                hint="On every machine, set NEUROPLAY_OLD_SECRET to the present secret and "
                "NEUROPLAY_SECRET to a new one (openssl rand -hex 32), restart NeuroPlay, then "
                "give this command again",
            )
        old = load_secret(settings)
        _write(settings.home / OLD_FILE, old, settings)
        _write(settings.home / FILE, stdlib_secrets.token_hex(32), settings)
    marks.replace(container.engine, load_secrets(settings).mark(), who=who)


def retire(container: Container, *, who: str) -> Path | None:
    """Accept the old secret no longer. Returns the file to which it was moved, or None if it is in
    a setting. Raises Refused if there is none."""
    settings = container.settings
    if look(container).state != "rotating":
        raise Refused(
            "no old secret is accepted here",
            code="no_rotation",
            hint="See: neuroplay secret status",
        )
    _, old = load_secrets(settings).accepted
    marks.note_retired(container.engine, old.mark(), who=who)
    if not is_in_home(settings) or settings.old_secret or settings.old_secret_file is not None:
        return None
    retired = settings.home / RETIRED_FILE
    (settings.home / OLD_FILE).rename(retired)
    sync_folder(settings.home)
    return retired


def _state(secrets: HmacSecrets, stored: str | None) -> State:
    if len(secrets.accepted) == 1:
        return "alone"
    return "rotating" if secrets.in_use(stored) is secrets else "prepared"


def _write(place: Path, secret: str, settings: Settings) -> None:
    """Write a secret beside the present one, and for the same user."""
    owner = (settings.home / FILE).stat()
    part = part_of(place)
    try:
        with private(part) as file:
            file.write(f"{secret}\n".encode())
            if os.geteuid() == 0:
                os.fchown(file.fileno(), owner.st_uid, owner.st_gid)
            sync_file(file)
        part.rename(place)
        sync_folder(place.parent)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise SettingsError(
            f"{place} cannot be written: {(error.strerror or str(error)).lower()}",
            code="no_secret",
            hint="Nothing was changed",
        ) from None
