"""The database's schema, and the mark of the secret that is kept with it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from neuroplay.core.errors import SettingsError
from neuroplay.infra.db import migrations
from neuroplay.infra.db import secret_mark as marks
from neuroplay.infra.db.migrations import Step
from neuroplay.infra.db.suitability import check_suitable
from neuroplay.infra.secrets import (
    HmacSecrets,
    check_mark,
    knows_secret,
    load_secret,
    place_of_secret,
)

if TYPE_CHECKING:
    from neuroplay.bootstrap import Container
    from neuroplay.config import Settings

__all__ = [
    "Schema",
    "Step",
    "check_database",
    "doubt_of_secret",
    "head",
    "keep_known_secret",
    "look",
    "migrate",
    "place_of_secret",
    "secret_mark",
]

head = migrations.head


@dataclass(frozen=True, kw_only=True, slots=True)
class Schema:
    """`current` is the database's revision, None where it has none yet, `head` this release's;
    `steps` lead from one to the other."""

    current: str | None
    head: str
    steps: Sequence[Step]

    @property
    def is_newer(self) -> bool:
        """Whether a later release than this one migrated the database."""
        return self.current is not None and self.current > self.head


def look(container: Container) -> Schema:
    """The database's schema as it is. Raises StoreUnavailable."""
    current, wanted = migrations.current(container.engine), head()
    if current is not None and current >= wanted:
        return Schema(current=current, head=wanted, steps=[])
    return Schema(current=current, head=wanted, steps=migrations.pending(container.engine))


def check_database(container: Container) -> None:
    """Raises UnsuitableDatabase."""
    check_suitable(container.engine)


def migrate(container: Container, schema: Schema, reached: Callable[[Step], None]) -> None:
    """Go the steps of a schema; `reached` hears of each."""
    if schema.steps:
        migrations.upgrade(container.engine, reached)


def keep_known_secret(container: Container) -> None:
    """Have the database know the secret, where it is known here. Raises SettingsError where it has
    another's."""
    if knows_secret(container.settings):
        container.keep_secret()


def secret_mark(container: Container) -> str | None:
    """The database's mark of its secret; None where it has none yet."""
    return marks.stored(container.engine)


def doubt_of_secret(settings: Settings, mark: str | None) -> SettingsError | None:
    """What is to be said of the secret that is here, for a database with that mark."""
    if settings.embedded_database and not knows_secret(settings):
        return None  # told of already; load_secret would make one
    try:
        check_mark(HmacSecrets(load_secret(settings)), mark, settings)
    except SettingsError as error:
        return error
    return None
