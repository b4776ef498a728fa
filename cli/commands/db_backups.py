"""`neuroplay db backup`, `verify`, `restore` and `new-epoch`; cli.commands.db has them."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.commands.db_standby import restore_standby
from cli.files.backup import (
    IdentityFile,
    NoLedger,
    check_file,
    erased_since,
    examined,
    newest,
    opened,
    read_whole,
    refuse_newer,
)
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
    note,
    print_json,
    progress,
    say,
)
from cli.server.reach import system

if TYPE_CHECKING:
    from neuroplay.bootstrap import Container


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
    file = newest(file)
    has_checksum = check_file(file)
    sealed = backups.is_sealed(file)
    found = backups.head_of(file) if sealed and identity is None else read_whole(file, identity)
    refuse_newer(found.revision)
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
        restore_standby(
            settings,
            file,
            to=to,
            no_ledger=no_ledger,
            any_secret=other_secret,
            yes=yes,
            as_json=as_json,
        )
        return
    if to is not None:
        raise CommandError("--to needs the folder of a standby", code=USAGE)
    head = examined(settings, file, any_secret=other_secret)
    known = erased_since(settings, file, no_ledger=no_ledger)
    began = time.monotonic()
    with opened(file, head, identity) as plain, backups.alone(settings) as container:
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


def _size(size: int) -> str:
    return f"{size / 1000:.0f} kB" if size < 1_000_000 else f"{size / 1_000_000:.1f} MB"
