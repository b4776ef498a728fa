"""`neuroplay db backup`, `verify`, `restore`, `new-epoch` and `drill`; cli.commands.db has them."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.commands.db_standby import restore_standby
from cli.files.written import writing
from cli.operator import operator
from cli.output.errors import NO, USAGE, CommandError, cannot, exit_with
from cli.output.restored import say_what_follows, students_and_games
from cli.output.terminal import (
    Json,
    Yes,
    answer,
    confirm,
    counted,
    duration,
    note,
    pairs,
    print_json,
    progress,
    say,
)
from cli.server.reach import system

if TYPE_CHECKING:
    from neuroplay.bootstrap import Container
    from neuroplay.config import Settings
    from neuroplay.core.entities.erasure import Erasure
    from neuroplay.operation.backups import Head, ReadBackup
    from neuroplay.operation.drills import Drill

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


def backup(
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE", help="Output file, or a folder for one named after the time."
        ),
    ],
    keep: Annotated[
        int | None,
        typer.Option(
            "--keep", metavar="N", min=1, help="Then remove all but the newest N of the folder."
        ),
    ] = None,
    encrypt_to: Annotated[
        list[str] | None,
        typer.Option(
            "--encrypt-to",
            metavar="RECIPIENT",
            help="Public key of age (age1...) [NEUROPLAY_BACKUP_RECIPIENTS].",
        ),
    ] = None,
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Back up the whole database to a file.

    NeuroPlay may keep running. The file is a pg_dump archive that only you can read, since it
    contains the children's nicknames; its checksum is in FILE.sha256. Keep the server's secret
    with both: cards and sign-ins depend on it. The erasure ledger is copied to the same folder.
    Asks for confirmation before replacing a file.
    --keep removes only files that were named by this command, after the new one is complete.

    With --encrypt-to, or NEUROPLAY_BACKUP_RECIPIENTS, the file is encrypted with age; give it
    several times for several recipients. Keep the identity on no machine that makes backups.

    Example:
        neuroplay db backup /backups/neuroplay-2026-11-20.dump
        neuroplay db backup nightly.dump --yes --json
        neuroplay db backup /backups --keep 14
    """
    from neuroplay.bootstrap import now
    from neuroplay.operation import backups, schema
    from neuroplay.operation.running import settings_here

    settings = settings_here()
    recipients = backups.recipients_of(encrypt_to or settings.backup_recipients)
    if file.is_dir():
        file = backups.new_in(file, now(), sealed=bool(recipients))
    elif keep is not None:
        raise CommandError(f"--keep needs a folder, and {file} is none", code=USAGE)
    if file.exists() and not file.is_file():
        raise cannot(
            f"cannot write {file}: it is not a file", hint="Give a file name for the backup"
        )
    with (
        writing(file, hint="Nothing was changed"),
        backups.one_at_a_time(file),
        backups.readable(settings) as container,
    ):
        if file.exists():
            confirm(f"{file} exists. Replace it?", yes=yes)
        began = time.monotonic()
        revision = schema.look(container).current
        if revision is None:
            raise cannot("the database has no tables yet", hint="Run: neuroplay serve")
        with progress("Backing up") as step:
            written = backups.back_up(
                container.engine,
                file,
                recipients=recipients,
                progress=lambda size: step(text=f"Backing up: {_size(size)}"),
            )
        ledger = backups.copy_erasures(settings, file.parent)
        backups.note_backup(container, written, who=operator())
        removed = [] if keep is None else backups.remove_old(file, keep=keep)
    secret = schema.place_of_secret(settings)
    answer(
        {
            "file": str(file),
            "bytes": written.size_bytes,
            "sha256": written.sha256,
            "schema": revision,
            "seconds": round(time.monotonic() - began, 2),
            "secret": secret,
            "ledger": str(ledger),
            "encrypted": bool(recipients),
            "removed": [str(one) for one in removed],
        },
        f"Backed up to {file} ({_size(written.size_bytes)})."
        + (f" Removed {counted(len(removed), 'older backup')}." if removed else ""),
        as_json=as_json,
    )
    if not as_json:
        note(f"Keep the secret with it ({secret}): without it, no card or sign-in works.")


def verify(
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE", help="Backup written by `db backup`, or its folder.", exists=True
        ),
    ],
    identity: IdentityFile = None,
    as_json: Json = False,
) -> None:
    """Check that a backup can be restored here.

    Of a folder, the newest. Reads the whole file, without a database: its checksum, each table,
    the schema, and whether its cards and sign-ins belong to this installation's secret. Changes
    nothing. Of an encrypted backup without --identity, only what is written beside it is checked.
    Exits with 1 if the file is damaged or belongs to another secret, with 3 if it is no
    backup or of a newer release.

    Example:
        neuroplay db verify /backups/neuroplay-2026-11-20.dump
        neuroplay db verify /backups --json
    """
    from neuroplay.operation import backups, schema
    from neuroplay.operation.running import settings_here

    settings = settings_here()
    file = _newest(file)
    has_checksum = _check_file(file)
    sealed = backups.is_sealed(file)
    found = backups.head_of(file) if sealed and identity is None else _read(file, identity)
    _refuse_newer_backup(found.revision)
    knows = schema.knows_secret(settings)
    problem = schema.secret_problem(settings, found.secret_mark) if knows else None
    if found.secret_mark is None:
        secret = "not recorded"  # noqa: S105 - not one
    else:
        secret = "unknown here" if not knows else "another one" if problem else "this one"
    read = None if isinstance(found, backups.Head) else found.contents
    document = {
        "file": str(file),
        "schema": found.revision,
        "students": read and read.students,
        "sessions": read and read.sessions,
        "pending": read and read.pending,
        "undecided": read and read.undecided,
        "checksum": has_checksum,
        "secret": secret,
        "encrypted": sealed,
    }
    if as_json:
        print_json(document)
    else:
        if read is None:
            say(f"{file} is as it was written. It is encrypted; to read it, give --identity.")
        else:
            able = "is whole" if problem else "can be restored"
            say(f"{file} {able}: {students_and_games(read)}.")
        if found.revision != schema.head():
            note(f"Its schema is at {found.revision}; a restore is followed by a migration.")
        if not knows:
            note("There is no secret here to compare with. Keep the one that the backup needs.")
    if problem:
        note(f"It belongs to another secret: {problem.message}. {problem.hint}.")
        exit_with(NO)


def restore(
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE",
            help="Backup written by `db backup`, or a standby's folder.",
            exists=True,
        ),
    ],
    to: Annotated[
        str | None,
        typer.Option(
            "--to", metavar="TIME", help="Of a standby: the database as it was then [newest]."
        ),
    ] = None,
    no_ledger: NoLedger = False,
    identity: IdentityFile = None,
    other_secret: Annotated[
        bool,
        typer.Option("--other-secret", help="Restore even if its cards need another secret."),
    ] = False,
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Replace the database with a backup, or with a standby's copy.

    NeuroPlay must be stopped on every machine that uses the database. The restore is one
    transaction: if anything goes wrong, the database is unchanged. Asks for confirmation unless
    the database is empty. Tablets send again the games that they still have, also those that were
    acknowledged after the backup was made.

    Whoever was erased after the backup was made is erased again in the same transaction, according
    to the erasure ledger and its copy beside the file. If there is neither, the command refuses,
    unless --no-ledger says that nobody was erased. It also refuses a backup whose cards and
    sign-ins belong to another secret than the one here; --other-secret is for one that is lost.

    From the folder of a standby (NEUROPLAY_WAL_DIR), everything that was acknowledged comes back,
    into the embedded database. The database that is there is kept under another name.

    Example:
        neuroplay stop
        neuroplay db restore /backups/neuroplay-2026-11-20.dump
        neuroplay db restore /mnt/standby
        neuroplay db restore /mnt/standby --to 2026-11-20T14:03
        neuroplay serve
    """
    from neuroplay.operation import backups
    from neuroplay.operation.running import settings_here

    settings = settings_here()
    if file.is_dir():
        restore_standby(settings, file, to=to, no_ledger=no_ledger, yes=yes, as_json=as_json)
        return
    if to is not None:
        raise CommandError("--to needs the folder of a standby", code=USAGE)
    head = _examined(settings, file, any_secret=other_secret)
    known = _erased_since(settings, file, no_ledger=no_ledger)
    began = time.monotonic()
    with _opened(file, head, identity) as plain, backups.alone(settings) as container:
        if backups.holds_tables(container.engine):
            confirm(f"{_what_is_there(container)} Replace all of it with {file}?", yes=yes)
        total = plain.stat().st_size
        with progress("Restoring", total=total) as step:
            erased = backups.restore(
                container.engine, plain, erasures=known, progress=lambda size: step(size)
            )
        backups.keep_erasures(settings, known)
        found = backups.contents(container.engine)
    answer(
        {
            "file": str(file),
            "schema": head.revision,
            "students": found.students,
            "sessions": found.sessions,
            "pending": found.pending,
            "undecided": found.undecided,
            "erased": erased,
            "seconds": round(time.monotonic() - began, 2),
        },
        f"Restored {students_and_games(found)}."
        + (f" Erased {counted(erased, 'student')} again." if erased else ""),
        as_json=as_json,
    )
    say_what_follows(settings, head.revision, head.secret_mark)


def new_epoch(as_json: Json = False) -> None:
    """Have tablets offer the games that they keep.

    `db restore` does this by itself. Run it after the database was restored by other means, such as
    a provider's point-in-time recovery or `pg_restore`: tablets send again what the database lacks
    and they still have. Harmless at any time; what is there counts once. No backup covers anything
    until the next `db backup`.

    Example:
        neuroplay db new-epoch
    """
    from neuroplay.operation import backups

    with system() as container:
        epoch = backups.begin_epoch(container.engine, who=operator())
    answer(
        {"epoch": str(epoch)},
        "A new epoch began. Tablets offer their games as soon as they are used.",
        as_json=as_json,
    )


def drill(
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE", help="Backup written by `db backup`, or its folder.", exists=True
        ),
    ],
    folder: Annotated[
        Path | None,
        typer.Option(
            "--in",
            metavar="FOLDER",
            exists=True,
            file_okay=False,
            help="Where to put the private database. Default: the system's temporary folder.",
        ),
    ] = None,
    no_ledger: NoLedger = False,
    identity: IdentityFile = None,
    as_json: Json = False,
) -> None:
    """Restore a backup into a private database, and check it.

    Of a folder, the newest. NeuroPlay keeps running; nothing of it is changed. The backup is
    restored as by `db restore` into a database of its own, brought up to this release, and
    checked: XP, levels and badges follow from the games, every received game is in the books, and
    nobody who was erased came back. Then all of it is removed. Prints how many minutes of games
    would be lost if the database were lost now (RPO), and how long it takes until the backup can
    be served (RTO). A good drill is recorded; `doctor`, metrics and an alert tell its age.

    Example:
        neuroplay db drill /backups
        neuroplay db drill /backups --in /mnt/large --json
    """
    import tempfile

    from neuroplay.core.errors import NeuroPlayError
    from neuroplay.operation import drills
    from neuroplay.operation.running import settings_here

    settings = settings_here()
    file = _newest(file)
    head = _examined(settings, file)
    known = _erased_since(settings, file, no_ledger=no_ledger)
    place = folder or Path(tempfile.gettempdir())
    with progress("Drill") as step, _opened(file, head, identity, place) as plain:
        found = drills.drill(
            settings,
            plain,
            erasures=known,
            folder=place,
            report=lambda text: step(text=text),
        )
    recorded = False
    if found.is_good:
        try:
            drills.record(settings, found, who=operator())
            recorded = True
        except NeuroPlayError as error:
            note(f"The drill was not recorded: {error.message}")
    if as_json:
        print_json({**_drill_json(file, found), "recorded": recorded})
    else:
        _show_drill(file, found)
    if not found.is_good:
        exit_with(NO)


def _drill_json(file: Path, found: Drill) -> dict[str, Any]:
    return {
        "file": str(file),
        "good": found.is_good,
        "schema": found.head.revision,
        "students": found.contents.students,
        "sessions": found.contents.sessions,
        "pending": found.contents.pending,
        "undecided": found.contents.undecided,
        "erased": found.erased,
        "differences": found.differences,
        "unbooked": found.unbooked,
        "returned": found.returned,
        "taken_at": found.head.taken_at,
        "rpo_seconds": round(found.rpo_s),
        "rto_seconds": round(found.rto_s, 2),
        "seconds": {step: round(seconds, 2) for step, seconds in found.seconds.items()},
    }


def _show_drill(file: Path, found: Drill) -> None:
    steps = ", ".join(f"{step} {seconds:.1f} s" for step, seconds in found.seconds.items())
    say(f"{file} {'can be restored and is right' if found.is_good else 'is wrong'}.")
    pairs(
        [
            ("contents", students_and_games(found.contents)),
            ("erased again", counted(found.erased, "student")),
            ("wrong progress", counted(found.differences, "difference")),
            ("not in the books", counted(found.unbooked, "game")),
            ("came back", counted(found.returned, "erased student")),
            ("RPO", f"{duration(found.rpo_s)} (the backup is of {found.head.taken_at:%F %T} UTC)"),
            ("RTO", f"{found.rto_s:.1f} s (start, restore and migrate)"),
            ("steps", steps),
        ]
    )


def _what_is_there(container: Container) -> str:
    """Describes what a restore would replace."""
    from neuroplay.operation import backups, schema
    from neuroplay.operation.running import without_password

    settings = container.settings
    where = (
        f"The embedded database of {settings.home}"
        if settings.embedded_database
        else f"The database {without_password(settings.database_url)}"
    )
    if schema.look(container).current is None:
        return f"{where} contains tables that do not belong to NeuroPlay."
    found = backups.contents(container.engine)
    return f"{where} contains {students_and_games(found)}."


def _refuse_newer_backup(revision: str) -> None:
    from neuroplay.operation import schema

    if revision > schema.head():
        raise cannot(
            f"the backup's schema is at {revision}, newer than {schema.head()} of this release",
            hint="Install the release that wrote it",
        )


def _check_file(file: Path) -> bool:
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


def _newest(file: Path) -> Path:
    """The file, or the newest backup of a folder."""
    from neuroplay.operation import backups

    if not file.is_dir():
        return file
    found = backups.backups_in(file)
    if not found:
        raise CommandError(f"{file} contains no backup that `db backup {file}` made")
    return found[-1]


def _examined(settings: Settings, file: Path, *, any_secret: bool = False) -> Head:
    """What the backup says of itself. Refuses one that is damaged, of a newer release or of another
    secret than the one here, before anything is touched."""
    from neuroplay.operation import backups, schema

    _check_file(file)
    head = backups.head_of(file)
    _refuse_newer_backup(head.revision)
    knows = schema.knows_secret(settings)
    problem = schema.secret_problem(settings, head.secret_mark) if knows else None
    if problem and not any_secret:
        raise CommandError(
            f"{file} belongs to another secret: {problem.message}",
            hint="Put the secret in place that is kept with the backup. If it is lost, add "
            "--other-secret, and print all cards again",
        )
    return head


@contextmanager
def _opened(
    file: Path, head: Head, identity: Path | None, folder: Path | None = None
) -> Iterator[Path]:
    """The backup in the clear. Refuses one that is not what is written beside it."""
    import tempfile

    from neuroplay.operation import backups

    with backups.unsealed(file, identity, folder or Path(tempfile.gettempdir())) as plain:
        inside = head if plain is file else backups.head_of(plain)
        if (inside.revision, inside.secret_mark) != (head.revision, head.secret_mark):
            raise CommandError(
                f"{file} is not what is written beside it: its schema or secret differs",
                hint="Copy both files again, or use another backup",
            )
        yield plain


def _read(file: Path, identity: Path | None) -> ReadBackup:
    """What a backup has, read to its end."""
    import tempfile

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


def _erased_since(settings: Settings, file: Path, *, no_ledger: bool) -> list[Erasure]:
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


def _size(size: int) -> str:
    return f"{size / 1000:.0f} kB" if size < 1_000_000 else f"{size / 1_000_000:.1f} MB"
