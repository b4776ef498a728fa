"""A backup on a command line: found, examined, opened, read."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.output.errors import CommandError, cannot
from cli.output.terminal import note, progress

if TYPE_CHECKING:
    from neuroplay.config import Settings
    from neuroplay.core.entities.erasure import Erasure
    from neuroplay.operation.backups import Head, ReadBackup

IdentityFile = Annotated[
    Path | None,
    typer.Option(
        "--identity",
        metavar="FILE",
        exists=True,
        dir_okay=False,
        help="File of age-keygen that opens an encrypted backup.",
    ),
]
NoLedger = Annotated[
    bool, typer.Option("--no-ledger", help="Restore without a record of who was erased since.")
]


def refuse_newer(revision: str) -> None:
    from neuroplay.operation import schema

    if revision > schema.head():
        raise cannot(
            f"the backup's schema is at {revision}, newer than {schema.head()} of this release",
            hint="Install the release that wrote it",
        )


def check_file(file: Path) -> bool:
    """Whether the file has a checksum, which then holds."""
    from neuroplay.operation import backups

    backups.check_archive(file)
    with progress("Checking the file"):
        holds = backups.checksum_holds(file)
    if holds is None:
        note(f"The checksum was not verified: {backups.checksum_file(file).name} is missing")
    elif not holds:
        raise CommandError(
            f"{file} is damaged: its checksum differs",
            hint="Copy it again, or use another backup",
        )
    return holds is not None


def newest(file: Path) -> Path:
    """The file, or the newest backup of a folder."""
    from neuroplay.operation import backups

    if not file.is_dir():
        return file
    found = backups.backups_in(file)
    if not found:
        raise CommandError(f"{file} contains no backup that `db backup {file}` made")
    return found[-1]


def examined(settings: Settings, file: Path, *, any_secret: bool = False) -> Head:
    """What the backup says of itself. Refuses one that is damaged, of a newer release or of another
    secret than the one here, before anything is touched."""
    from neuroplay.operation import backups

    check_file(file)
    head = backups.head_of(file)
    refuse_newer(head.revision)
    if not any_secret:
        refuse_other_secret(settings, file, head.secret_mark)
    return head


def refuse_other_secret(settings: Settings, place: Path, mark: str | None) -> None:
    """Refuse a backup or a standby whose database has this mark, if the secret here is another."""
    from neuroplay.operation import schema

    knows = schema.knows_secret(settings)
    problem = schema.secret_problem(settings, mark) if knows else None
    if problem:
        raise CommandError(
            f"{place} belongs to another secret: {problem.message}",
            hint="Put the secret in place that is kept with the backup. If it is lost, add "
            "--other-secret, and print all cards again",
        )


@contextmanager
def opened(
    file: Path, head: Head, identity: Path | None, folder: Path | None = None
) -> Iterator[Path]:
    """The backup in the clear. Refuses one that is not what is written beside it."""
    from neuroplay.operation import backups

    with backups.unsealed(file, identity, folder or Path(tempfile.gettempdir())) as plain:
        inside = head if plain is file else backups.head_of(plain)
        if (inside.revision, inside.secret_mark) != (head.revision, head.secret_mark):
            raise CommandError(
                f"{file} is not what is written beside it: its schema or secret differs",
                hint="Copy both files again, or use another backup",
            )
        yield plain


def read_whole(file: Path, identity: Path | None) -> ReadBackup:
    """What a backup has, read to its end."""
    from neuroplay.operation import backups

    with (
        backups.unsealed(file, identity, Path(tempfile.gettempdir())) as plain,
        progress("Reading the backup", total=plain.stat().st_size) as step,
    ):
        try:
            return backups.read_through(plain, progress=lambda size: step(size))
        except backups.BackupFailed as error:
            raise CommandError(
                f"{file} cannot be restored: {error.message}", hint="Use another backup"
            ) from None


def erased_since(settings: Settings, file: Path, *, no_ledger: bool) -> list[Erasure]:
    """Who must not come back with this backup."""
    from neuroplay.operation import backups

    known = backups.erasures_for(settings, file)
    if known is None and not no_ledger:
        raise cannot(
            f"there is no erasure ledger, neither {settings.erasure_ledger} nor beside the backup, "
            "so children who were erased would come back",
            hint="Put the ledger (erasures.txt) beside the backup. If nobody was erased since the "
            "backup, add --no-ledger",
        )
    return known or []
