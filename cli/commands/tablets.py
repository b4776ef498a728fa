"""`neuroplay sync devices` and `sync import`: tablets with unsent games, and their files."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import typer

from cli.output.errors import NO, CommandError, describe, exit_with, reason, red_line, usage_error
from cli.output.terminal import (
    Column,
    Json,
    Yes,
    answer,
    confirm,
    counted,
    duration,
    flex,
    listing,
    moment,
    plain,
    print_json,
    progress,
    right,
    say,
)
from cli.parsing.acting import Acting
from cli.parsing.references import student_id, student_word, sure_student
from cli.server.reach import system
from neuroplay.core.rules.nesting import read_json

if TYPE_CHECKING:
    from neuroplay.bootstrap import Container

LARGEST_FILE = 256 * 1024 * 1024

STATUSES = ("accepted", "duplicate", "conflict", "invalid")
"""Statuses of receipts."""

CHILD = (
    (flex("CHILD"), "nickname"),
    (flex("CLASS"), "class_name"),
    (right("STUDENT"), "student_id"),
)
DEVICE = (Column(name="DEVICE", below=True), "device_id")


def devices(
    signed_in: Annotated[
        bool,
        typer.Option(
            "--signed-in", help="Show who is signed in on which tablet, most recent first."
        ),
    ] = False,
    revoke: Annotated[
        str | None,
        typer.Option("--revoke", metavar="DEVICE", help="End all sign-ins on this tablet."),
    ] = None,
    student: Annotated[
        str | None,
        typer.Option(
            "--student",
            metavar="ID",
            parser=student_word,
            help="With these two: only this student (id).",
        ),
    ] = None,
    school_class: Annotated[
        str | None,
        typer.Option("--class", metavar="CLASS", help="Only this class (name, code or id)."),
    ] = None,
    who: Acting = "",
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """List tablets that hold unsent games, oldest game first.

    Tablets report what they still hold with each sync. Offline tablets cannot, so `silent` shows
    the time since their last contact.

    Use --revoke for a lost tablet: it ends all sign-ins on it within 30 s. Unsent games stay on
    the tablet until these children sign in there again.

    Example:
        neuroplay sync devices
        neuroplay sync devices --class 3A
        neuroplay sync devices --json
        neuroplay sync devices --signed-in --student 12
        neuroplay sync devices --revoke 6f1c2d3e-0000-4000-8000-000000000001
    """
    if revoke is not None:
        if school_class is not None:
            raise usage_error("--class does not go with --revoke")
        _revoke(revoke, student, who=who, yes=yes, as_json=as_json)
        return
    if signed_in:
        if school_class is not None:
            raise usage_error("--class does not go with --signed-in")
        _show_signed_in(None if student is None else student_id(student), as_json=as_json)
        return
    if student is not None:
        raise usage_error("--student needs --signed-in or --revoke")
    with system() as container:
        rows = container.list_devices.execute(school_class)
    listing(
        "devices",
        [{**asdict(one), "silent_s": silent} for one, silent in rows],
        [
            *CHILD,
            (right("GAMES"), "pending"),
            ("OLDEST", lambda row: moment(row["oldest"])),
            (right("SILENT"), lambda row: duration(row["silent_s"])),
            DEVICE,
        ],
        empty="No tablet has reported unsent games.",
        as_json=as_json,
    )


def _show_signed_in(student: int | None, *, as_json: bool) -> None:
    with system() as container:
        rows = container.list_sign_ins.execute(student_id=student)
    listing(
        "signed_in",
        [asdict(one) for one in rows],
        [
            *CHILD,
            ("SINCE", lambda row: moment(row["since"])),
            ("LAST USED", lambda row: moment(row["last_used"])),
            DEVICE,
        ],
        empty="Nobody is signed in.",
        as_json=as_json,
    )


def _revoke(written: str, word: str | None, *, who: str, yes: bool, as_json: bool) -> None:
    try:
        device = UUID(written)
    except ValueError:
        raise usage_error(
            f"--revoke: {written!r} is not a device", hint="Copy it from: sync devices --signed-in"
        ) from None
    with system() as container:
        student = None if word is None else sure_student(container, word)
        found = container.list_sign_ins.execute(device_id=device, student_id=student)
        if not found:
            raise CommandError(
                f"nobody is signed in on {device}", hint="See: neuroplay sync devices --signed-in"
            )
        names = ", ".join(f"{plain(one.nickname)} ({one.student_id})" for one in found[:10])
        more = f" and {len(found) - 10} more" if len(found) > 10 else ""
        confirm(f"End the sign-ins on {device} of {names}{more}?", yes=yes)
        ended = container.end_sign_ins.execute(device, student_id=student, who=who)
    answer(
        {"device_id": device, "ended": sorted(one.student_id for one in ended)},
        f"Ended {counted(len(ended), 'sign-in')} on {device}.",
        as_json=as_json,
    )


def import_files(
    files: Annotated[
        list[Path],
        typer.Argument(metavar="FILE...", help="Files saved by tablets ('Save to a file')."),
    ],
    who: Acting = "",
    as_json: Json = False,
) -> None:
    """Import games that a tablet saved to a file.

    They are treated as if the tablet had sent them. The file's signature tells which tablet wrote
    it; a changed file is refused. Games that are already stored count once, so a file can be
    imported again. Exits with 1 if a file is refused or a game is not accepted; other files are
    still imported.

    Example:
        neuroplay sync import neuroplay-fox-2026-11-23.json
        neuroplay sync import /media/usb/*.json --json
    """
    results = []
    with system() as container:
        for file in files:
            try:
                results.append(_import_file(container, file, who))
            except Exception as error:  # a bad file is reported; the others are imported
                message, hint, code = describe(error)
                if code != NO:
                    raise
                results.append({"file": str(file), "error": message})
                if not as_json:
                    red_line(f"{file}: {message}", hint)
    if as_json:
        print_json({"files": results})
    else:
        for one in results:
            if "error" not in one:
                _show_imported(one)
    if any("error" in one or one["not_taken"] for one in results):
        exit_with(NO)


def _import_file(container: Container, path: Path, who: str) -> dict[str, Any]:
    file = container.import_outbox.open(_read(path))
    counts: Counter[str] = Counter()
    not_taken = []
    with progress(f"Importing {path.name}", total=len(file.sessions)) as step:
        for receipts in container.import_outbox.execute(file, who=who):
            counts.update(receipt.status.value for receipt in receipts)
            not_taken += [
                {
                    "session_id": receipt.session_id,
                    "status": receipt.status.value,
                    "error": None if receipt.error is None else receipt.error.message,
                }
                for receipt in receipts
                if receipt.status.value in ("invalid", "conflict")
            ]
            step(counts.total())
    return {
        "file": str(path),
        "student_id": file.principal.student_id,
        "device_id": file.principal.device_id,
        "saved_at": file.saved_at,
        **{status: counts[status] for status in STATUSES},
        "not_taken": not_taken,
    }


def _read(path: Path) -> Any:
    try:
        if path.exists() and not path.is_file():
            raise CommandError("cannot be read: it is not a file")
        with path.open("rb") as file:
            text = file.read(LARGEST_FILE + 1)
        if len(text) > LARGEST_FILE:
            raise CommandError(f"larger than {LARGEST_FILE >> 20} MiB, so no tablet saved it")
    except OSError as error:
        raise CommandError(f"cannot be read: {reason(error)}") from error
    try:
        return read_json(text)
    except ValueError as error:
        raise CommandError(
            "not JSON: this file was not saved by a tablet, or it is truncated",
            hint="Save it on the tablet again",
        ) from error


def _show_imported(one: dict[str, Any]) -> None:
    counts = ", ".join(f"{one[status]} {status}" for status in STATUSES)
    say(f"{one['file']}: student {one['student_id']}: {counts}")
    for item in one["not_taken"]:
        why = f": {item['error']}" if item["error"] else ""
        say(f"  {plain(item['session_id'])}: {item['status']}{why}")
