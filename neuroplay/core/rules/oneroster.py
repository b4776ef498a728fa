"""Read the children of a OneRoster 1.2 (or 1.1) export: a zip of CSV files.

Of it only ids, first names, surnames (for an initial), titles of classes and who is in them are
read; the rest, such as birthdays and passwords, is never looked at. Nothing is written to disk.
"""

from __future__ import annotations

import csv
import io
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from neuroplay.core.entities.roster import (
    OF_A_SCHOOL,
    Doubt,
    RosterChild,
    RosterDoubt,
    RosterLimits,
    RosterOptions,
    RosterReading,
)
from neuroplay.core.errors import NotARoster, RosterError, RosterFault
from neuroplay.core.rules.class_name import checked_class_name
from neuroplay.core.rules.nickname_text import (
    NICKNAME_FAULTS,
    nickname_fault,
    nickname_key,
    plain_name,
)
from neuroplay.core.rules.roster_names import split_name
from neuroplay.core.rules.roster_text import decoded

MANIFEST = "manifest.csv"
WANTED = ("classes.csv", "users.csv", "enrollments.csv")
MOST_FILES = 200
"""Of a zip; an export has about 20."""

MOST_ROWS = 200_000
"""Of a file: 10,000 children who are each in twenty classes."""

PACKED_BY = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
"""Other methods may ask for gigabytes before the first byte."""

LONGEST_ID = 255


@dataclass(frozen=True, kw_only=True, slots=True)
class _User:
    line: int
    user_id: str
    given: str
    family: str


def is_zip(data: bytes) -> bool:
    return data.startswith((b"PK\x03\x04", b"PK\x05\x06"))


def is_oneroster(data: bytes) -> bool:
    """Whether this is a zip with a manifest. Spreadsheets are zips, too."""
    if not is_zip(data):
        return False
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return any(_base(name) == MANIFEST for name in archive.namelist()[:MOST_FILES])
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError):
        return False


def read_oneroster(
    name: str, data: bytes, options: RosterOptions, limits: RosterLimits = OF_A_SCHOOL
) -> RosterReading:
    """The children who are enrolled as students. `name` is the file's, for messages.

    What is marked as to be deleted is left out. A child in several classes is in the one that
    `options` choose, else in a homeroom, else in the first. Raises NotARoster and RosterRefused.
    """
    texts = _texts(name, data, limits.unpacked_bytes)
    _check_is_whole(name, texts[MANIFEST])
    titles = _titles(texts["classes.csv"])
    places = _enrolled(texts["enrollments.csv"], titles, options.class_name)
    children: list[RosterChild] = []
    bad: list[RosterError] = []
    seen: dict[str, int] = {}
    for user in _users(texts["users.csv"]):
        if user.user_id not in places:
            continue
        title = titles[places[user.user_id][0]]
        child = RosterChild(
            line=user.line,
            name=split_name(user.given, user.family, full_names=options.full_names),
            class_name=title,
            identity=user.user_id,
            column="givenName",
        )
        fault = nickname_fault(child.name.short)
        message = NICKNAME_FAULTS[fault] if fault else ""
        if user.user_id in seen:
            fault = RosterFault.NUMBER_TWICE
            message = f"the sourcedId is the same as on line {seen[user.user_id]}"
        seen.setdefault(user.user_id, user.line)
        if fault:
            bad.append(
                RosterError(
                    line=user.line,
                    fault=fault,
                    message=message,
                    column="givenName of users.csv",
                    about=str(seen[user.user_id]),
                )
            )
        else:
            children.append(child)
    if not children and not bad:
        message = "no student is enrolled in a class"
        bad.append(RosterError(line=1, fault=RosterFault.NOBODY, message=message))
    several = sum(len(classes) > 1 for classes in places.values())
    doubts = (
        [
            Doubt(
                doubt=RosterDoubt.SEVERAL_CLASSES,
                message="children who are in several classes, and come into one of them: "
                f"{several}",
                about=str(several),
            )
        ]
        if several
        else []
    )
    return RosterReading(children=children, bad=bad, doubts=doubts)


def _texts(name: str, data: bytes, largest: int) -> dict[str, str]:
    """The files that are read, by name."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return _unpacked(name, archive, largest)
    except (
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        NotImplementedError,
        OSError,
        RuntimeError,  # it is encrypted
        ValueError,
    ) as error:
        raise NotARoster(f"{name} cannot be unpacked: {error}", hint="Export it again") from None


def _unpacked(name: str, archive: zipfile.ZipFile, largest: int) -> dict[str, str]:
    entries = archive.infolist()
    if len(entries) > MOST_FILES:
        raise NotARoster(f"{name} is no OneRoster export: it has more than {MOST_FILES} files")
    manifests = [one.filename for one in entries if _base(one.filename) == MANIFEST]
    if len(manifests) != 1:
        raise NotARoster(f"{name} has {len(manifests)} files {MANIFEST}; an export has one")
    folder = manifests[0][: -len(MANIFEST)]
    left = largest
    texts = {}
    for wanted in (MANIFEST, *WANTED):
        found = [one for one in entries if one.filename.lower() == f"{folder}{wanted}".lower()]
        if len(found) != 1:
            problem = "is missing" if not found else "is there twice"
            raise NotARoster(f"{name} is no OneRoster export: {wanted} {problem}")
        if found[0].compress_type not in PACKED_BY:
            raise NotARoster(f"{name} is packed in an unusual way", hint="Export it again")
        with archive.open(found[0]) as packed:
            content = packed.read(left + 1)  # whatever size the archive states
        left -= len(content)
        if left < 0:
            raise NotARoster(f"{name} unpacks to more than {largest >> 20} MiB")
        texts[wanted] = decoded(wanted, content).text
    return texts


def _base(filename: str) -> str:
    """The lower-case name of a file, '' if it is in more than one folder."""
    folders, _, base = filename.lower().rpartition("/")
    return base if folders.count("/") == 0 and folders != "__macosx" else ""


def _check_is_whole(name: str, manifest: str) -> None:
    """Raise NotARoster if the export has only what changed: everybody else would seem gone."""
    said = {row[0]: row[1] for _, row in _rows(MANIFEST, manifest, ("propertyName", "value"))}
    for file in ("classes", "enrollments", "users"):
        how = said.get(f"file.{file}", "bulk").strip().lower()
        if how != "bulk":
            raise NotARoster(
                f"{name} has not the whole of {file}.csv, but {how!r}",
                hint="Make a bulk export",
            )


def _titles(text: str) -> dict[str, str]:
    """The titles of classes by sourcedId: of homerooms, if the export knows any."""
    fields = ("sourcedId", "title", "classType?", "classCode?", "status?")
    rows = [(line, row) for line, row in _rows("classes.csv", text, fields) if _is_kept(row[4])]
    homerooms = [one for one in rows if one[1][2].lower() == "homeroom"]
    chosen = homerooms or rows
    counts = Counter(nickname_key(row[1]) for _, row in chosen)
    titles = {}
    for _, (class_id, title, _, code, _) in chosen:
        unique = counts[nickname_key(title)] == 1 or not code
        titles[class_id] = checked_class_name(title if unique else f"{title} {code}")
    return titles


def _enrolled(text: str, titles: Mapping[str, str], class_name: str | None) -> dict[str, list[str]]:
    """The classes of each student, by sourcedIds; only that of `class_name` if there is one."""
    wanted = nickname_key(plain_name(class_name)) if class_name else None
    chosen = {one for one, title in titles.items() if nickname_key(title) == wanted} or set(titles)
    found: dict[str, list[str]] = {}
    fields = ("classSourcedId", "userSourcedId", "role", "status?")
    for _, (class_id, user_id, role, status) in _rows("enrollments.csv", text, fields):
        if role.lower() == "student" and class_id in chosen and _is_kept(status):
            places = found.setdefault(user_id, [])
            if class_id not in places:
                places.append(class_id)
    return found


def _users(text: str) -> Iterator[_User]:
    fields = ("sourcedId", "givenName", "familyName", "preferredFirstName?", "status?")
    for line, (user_id, given, family, preferred, status) in _rows("users.csv", text, fields):
        if _is_kept(status):
            yield _User(line=line, user_id=user_id, given=preferred or given, family=family)


def _is_kept(status: str) -> bool:
    return status.lower() != "tobedeleted"


def _rows(file: str, text: str, fields: Sequence[str]) -> Iterator[tuple[int, list[str]]]:
    """The line and these fields of each row. A field with ? may be missing, and is then ''."""
    reader = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), strict=True)
    try:
        heading = [cell.strip().lower() for cell in next(reader, [])]
        columns = [_place(file, heading, field) for field in fields]
        before = reader.line_num
        for place, cells in enumerate(reader):
            if place == MOST_ROWS:
                raise NotARoster(f"{file} has more than {MOST_ROWS} lines")
            row = [
                cells[column][:LONGEST_ID].strip()
                if column is not None and column < len(cells)
                else ""
                for column in columns
            ]
            if any(row):
                yield before + 1, row
            before = reader.line_num
    except csv.Error as error:
        raise NotARoster(f"{file}, line {reader.line_num}, is not CSV: {error}") from None


def _place(file: str, heading: Sequence[str], field: str) -> int | None:
    name = field.rstrip("?").lower()
    if name in heading:
        return heading.index(name)
    if field.endswith("?"):
        return None
    raise NotARoster(f"{file} has no column {field}", hint="Export OneRoster 1.2 CSV")
