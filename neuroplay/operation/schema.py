"""The database's schema and the mark of its secret."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from neuroplay.core.errors import SettingsError, StoreUnavailable
from neuroplay.infra.db import migrations
from neuroplay.infra.db import secret_mark as marks
from neuroplay.infra.db.migrations import Step
from neuroplay.infra.db.suitability import check_suitable
from neuroplay.infra.secrets import (
    check_mark,
    knows_secret,
    load_secrets,
    place_of_secret,
)

if TYPE_CHECKING:
    from neuroplay.bootstrap import Container
    from neuroplay.config import Settings

__all__ = [
    "Schema",
    "Step",
    "check_database",
    "head",
    "keep_known_secret",
    "knows_secret",
    "look",
    "migrate",
    "place_of_secret",
    "secret_mark",
    "secret_problem",
    "wait",
]

head = migrations.head

LOOK_EVERY_S = 1.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Schema:
    """`current` is the database's revision, None if it has no schema yet; `head` is this release's.
    `steps` are the migrations from `current` to `head`."""

    current: str | None
    head: str
    steps: Sequence[Step]

    @property
    def is_newer(self) -> bool:
        """Whether a later release migrated the database."""
        return self.current is not None and self.current > self.head


def look(container: Container) -> Schema:
    """The state of the database's schema. Raises StoreUnavailable."""
    current, wanted = migrations.current(container.engine), head()
    is_current = current is not None and current >= wanted
    steps = [] if is_current else migrations.pending(container.engine)
    return Schema(current=current, head=wanted, steps=steps)


def wait(container: Container, patience_s: float) -> Schema:
    """Look until no step is missing, at most for `patience_s`; returns the last state. Raises
    StoreUnavailable if the database does not answer in the end."""
    deadline = time.monotonic() + patience_s
    while True:
        late = time.monotonic() >= deadline
        try:
            found = look(container)
        except StoreUnavailable:
            if late:
                raise
        else:
            if late or not found.steps:
                return found
        time.sleep(LOOK_EVERY_S)


def check_database(container: Container) -> None:
    """Raise UnsuitableDatabase if NeuroPlay cannot use the database server."""
    check_suitable(container.engine)


def migrate(container: Container, schema: Schema, reached: Callable[[Step], None]) -> None:
    """Apply the steps of a schema; `reached` is called with each."""
    if schema.steps:
        migrations.upgrade(container.engine, reached)


def keep_known_secret(container: Container) -> None:
    """Store the secret's mark in the database if the settings have a secret. Raises SettingsError
    if the database has the mark of another one."""
    if knows_secret(container.settings):
        container.keep_secret()


def secret_mark(container: Container) -> str | None:
    """The mark of the database's secret, or None."""
    return marks.stored(container.engine)


def secret_problem(settings: Settings, mark: str | None) -> SettingsError | None:
    """What is wrong with the settings' secret for a database with this mark, or None."""
    if settings.embedded_database and not knows_secret(settings):
        return None  # has been reported; load_secrets would create a secret
    try:
        check_mark(load_secrets(settings), mark, settings)
    except SettingsError as error:
        return error
    return None
