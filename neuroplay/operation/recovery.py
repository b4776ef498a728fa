"""Restores the embedded database from the folder of a standby."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from neuroplay.infra.db.backup import Contents, contents, finish_recovery
from neuroplay.infra.standby import recovery
from neuroplay.infra.standby.folder import StandbyFolder
from neuroplay.infra.standby.recovery import Source
from neuroplay.infra.standby.secret_marks import at as secret_mark_at
from neuroplay.infra.supervision.errors import CannotStart
from neuroplay.operation import backups
from neuroplay.operation.running import check_same_database

if TYPE_CHECKING:
    from neuroplay.bootstrap import Container
    from neuroplay.config import Settings
    from neuroplay.core.entities.erasure import Erasure

__all__ = ["Recovered", "Source", "opened", "recover", "secret_mark_at"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Recovered:
    """What a restore brought back. `erased` is how many students it erased again, `aside` where
    the database is that was here before; `secret_mark` as infra.db.secret_mark."""

    contents: Contents
    revision: str | None
    secret_mark: str | None
    erased: int
    aside: Path | None


@contextmanager
def opened(folder: Path, to: datetime | None) -> Iterator[Source]:
    """What to restore from the folder, which nobody changes meanwhile. Raises CannotStart."""
    standby = StandbyFolder(folder)
    try:
        with ExitStack() as stack:
            if standby.system is not None:
                stack.callback(os.close, standby.lock())
            source = recovery.find_source(standby, to)
            recovery.check_version(source)
            yield source
    except OSError as error:
        raise CannotStart(
            f"{folder} cannot be read: {(error.strerror or str(error)).lower()}",
            hint="Run as its owner or as root",
        ) from None


def recover(
    settings: Settings,
    source: Source,
    *,
    to: datetime | None,
    erasures: Sequence[Erasure],
    say: Callable[[str], None],
) -> Recovered:
    """Replace the embedded database, which does not run, by the standby's. The one that is there is
    kept under another name. Raises CannotStart, StoreUnavailable."""
    from neuroplay.infra.embedded import folders
    from neuroplay.infra.embedded.accounts import service_account
    from neuroplay.infra.supervision import lock
    from neuroplay.operation.serving.launch import end_everything

    check_same_database(settings)
    home = settings.home
    if lock.holder(home) is not None:
        raise CannotStart(
            f"NeuroPlay is running (home: {home}), and a restore would lose games",
            hint="Run: neuroplay stop",
        )
    folders.check_owner(home)
    folders.make_home(home)
    account = service_account(home)
    with ExitStack() as stack:
        stack.callback(os.close, lock.take(home, group=account.gid))
        end_everything(home, settings.runtime_dir)
        if account.other:
            folders.give_parts_to(account, home)
        aside = recovery.recover(source, home, settings.runtime_dir, to=to, say=say)
    with backups.alone(settings) as container:
        return after_restore(settings, container, erasures, aside)


def after_restore(
    settings: Settings, container: Container, erasures: Sequence[Erasure], aside: Path | None
) -> Recovered:
    """What every restored database needs before it serves: nobody who was erased comes back, and
    no worker of before holds a claim."""
    from neuroplay.operation import schema

    erased = finish_recovery(container.engine, erasures)
    backups.keep_erasures(settings, erasures)
    return Recovered(
        contents=contents(container.engine),
        revision=schema.look(container).current,
        secret_mark=schema.secret_mark(container),
        erased=erased,
        aside=aside,
    )
