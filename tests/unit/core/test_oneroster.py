from __future__ import annotations

import io
import warnings
import zipfile
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from neuroplay.core.entities.roster import OF_A_SCHOOL, RosterOptions, RosterReading, RosterSource
from neuroplay.core.errors import NotARoster, RosterRefused
from neuroplay.core.rules import oneroster
from neuroplay.core.rules.oneroster import read_oneroster
from neuroplay.core.rules.read_roster import read_roster
from tests.unit.core.rosters import RosterSchool

MANIFEST = "propertyName,value\r\nmanifest.version,1.0\r\noneroster.version,1.2\r\n"
CLASSES = (
    "sourcedId,status,dateLastModified,title,grades,courseSourcedId,classCode,classType,location,"
    "schoolSourcedId,termSourcedIds,subjects,subjectCodes,periods\r\n"
    'c-1,active,2026-08-01T00:00:00.000Z,3A,"03",k-1,3A-26,homeroom,Room 4,s-1,t-1,,,\r\n'
    "c-2,active,,3B,03,k-1,3B-26,homeroom,,s-1,t-1,,,\r\n"
    "c-3,active,,Maths,03,k-2,M,scheduled,,s-1,t-1,,,\r\n"
    "c-4,tobedeleted,,3C,03,k-1,3C,homeroom,,s-1,t-1,,,\r\n"
)
USERS = (
    "sourcedId,status,dateLastModified,enabledUser,username,userIds,givenName,familyName,middleName"
    ",identifier,email,sms,phone,agentSourcedIds,grades,password,userMasterIdentifier,"
    "preferredFirstName\r\n"
    "u-1,active,,true,asilva,,Ana,Silva,,,ana@school.example,,,,03,hunter2,,\r\n"
    "u-2,active,,true,bs,,Ana,Souza,,,,,,,03,,,\r\n"
    'u-3,active,,true,cs,,Carla,"Souza, Reis",,,,,,,03,,,Caio\r\n'
    "u-4,tobedeleted,,true,ds,,Dora,Reis,,,,,,,03,,,\r\n"
    "t-1,active,,true,prof,,Eva,Lima,,,,,,,,,,\r\n"
    "u-5,active,,true,fs,,Fabi,Sá,,,,,,,03,,,\r\n"
)
ENROLLMENTS = (
    "sourcedId,status,dateLastModified,classSourcedId,schoolSourcedId,userSourcedId,role,primary,"
    "beginDate,endDate\r\n"
    "e-1,active,,c-1,s-1,u-1,student,false,,\r\n"
    "e-2,active,,c-1,s-1,u-2,student,,,\r\n"
    "e-3,active,,c-2,s-1,u-3,Student,,,\r\n"
    "e-4,active,,c-1,s-1,u-4,student,,,\r\n"
    "e-5,active,,c-1,s-1,t-1,teacher,true,,\r\n"
    "e-6,active,,c-3,s-1,u-1,student,,,\r\n"
    "e-7,tobedeleted,,c-1,s-1,u-5,student,,,\r\n"
    "e-8,active,,c-4,s-1,u-5,student,,,\r\n"
)


def packed(folder: str = "", *, more: dict[str, str | bytes] | None = None, **texts: Any) -> bytes:
    """An export. `texts` replace files, None leaves one out."""
    files: dict[str, Any] = {
        "manifest": MANIFEST,
        "classes": CLASSES,
        "users": USERS,
        "enrollments": ENROLLMENTS,
        "demographics": "sourcedId,birthDate\r\nu-1,2017-03-04\r\n",
        **texts,
    }
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            if text is not None:
                archive.writestr(f"{folder}{name}.csv", text)
        for path, content in (more or {}).items():
            archive.writestr(path, content)
    return written.getvalue()


def read(data: bytes, **options: Any) -> RosterReading:
    return read_roster(RosterSource(name="export.zip", content=data), RosterOptions(**options))


def children(data: bytes, **options: Any) -> list[tuple[str, str, str]]:
    reading = read(data, **options)
    assert reading.bad == []
    return [(one.class_name, one.name.short, one.identity) for one in reading.children]


def test_the_students_of_homerooms_are_read_with_what_they_like_to_be_called() -> None:
    assert children(packed()) == [("3A", "Ana", "u-1"), ("3A", "Ana", "u-2"), ("3B", "Caio", "u-3")]
    assert children(packed("export/", more={"__MACOSX/export/._manifest.csv": b"\0"})) == children(
        packed()
    )


def test_nothing_of_an_export_is_stored_but_nicknames_and_titles() -> None:
    school = RosterSchool()
    applied = school.apply(packed(), None, name="export.zip")
    assert [(one.class_name, one.nickname) for one in applied.preview.lines] == [
        ("3A", "Ana S."),
        ("3A", "Ana 2"),
        ("3B", "Caio"),
        ("3A", "Ana"),
        ("3A", "Bia"),
    ]
    stored = repr(school.store.tables)
    for secret in ("u-1", "Silva", "Souza", "hunter2", "school.example", "2017", "c-1"):
        assert secret not in stored
    assert school.apply(packed(), None, name="export.zip").import_id is None


def test_an_export_of_one_class_updates_that_class_alone() -> None:
    school = RosterSchool()
    preview = school.preview(packed(), "3A", name="export.zip")
    assert [(one.line, str(one.becomes)) for one in preview.lines][:3] == [
        (2, "added"),
        (3, "added"),
        (4, "skipped"),
    ]


def test_without_homerooms_a_child_of_several_classes_comes_into_one() -> None:
    classes = "sourcedId,title,classCode\nc-1,Reading,R\nc-3,Maths,M\nc-2,Maths,N\n"
    reading = read(packed(classes=classes))
    assert [(one.class_name, one.identity) for one in reading.children] == [
        ("Reading", "u-1"),
        ("Reading", "u-2"),
        ("Maths N", "u-3"),
    ]
    (doubt,) = reading.doubts
    assert doubt.message == "children who are in several classes, and come into one of them: 1"
    assert (doubt.doubt, doubt.about) == ("several_classes", "1")
    chosen = read(packed(classes=classes), class_name="maths m")
    assert [(one.class_name, one.identity) for one in chosen.children] == [("Maths M", "u-1")]


def test_a_user_who_is_there_twice_or_has_no_name_is_a_bad_line() -> None:
    users = "sourcedId,givenName,familyName\nu-1,Ana,Silva\nu-1,Ana,Silva\nu-2,,Souza\n"
    assert [(one.line, one.column) for one in read(packed(users=users)).bad] == [
        (3, "givenName of users.csv"),
        (4, "givenName of users.csv"),
    ]
    assert [one.message for one in read(packed(enrollments=ENROLLMENTS[:120])).bad] == [
        "no student is enrolled in a class"
    ]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (packed(users=None), "users.csv is missing"),
        (packed(more={"USERS.csv": USERS}), "users.csv is there twice"),
        (packed(more={"other/manifest.csv": MANIFEST}), "2 files manifest.csv"),
        (packed(users="sourcedId,givenName\nu-1,Ana\n"), "users.csv has no column familyName"),
        (packed(users='sourcedId,givenName,familyName\nu-1,"Ana\n'), "users.csv, line 2, is not"),
        (packed(manifest=MANIFEST + "file.users,delta\r\n"), "not the whole of users.csv"),
        (packed(users=b"\xff\xfe\xfa"), "not text|UTF-16"),
        (packed(more={f"{n}.csv": "" for n in range(200)}), "more than 200 files"),
        (packed()[:-40], "spreadsheet|unpacked"),
    ],
)
def test_what_is_no_whole_export_is_refused(data: bytes, words: str) -> None:
    with pytest.raises((NotARoster, RosterRefused), match=words):
        read(data)


def test_a_zip_that_would_fill_the_memory_is_refused() -> None:
    bomb = packed(users=USERS + "\r\n" * (1 << 20))
    assert len(bomb) < 20_000
    limits = replace(OF_A_SCHOOL, unpacked_bytes=1 << 20)
    with pytest.raises(NotARoster, match="unpacks to more than 1 MiB"):
        read_oneroster("export.zip", bomb, RosterOptions(), limits)


def test_a_file_of_endless_lines_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(oneroster, "MOST_ROWS", 6)
    assert read(packed(enrollments="\n".join(ENROLLMENTS.splitlines()[:7]))).children
    with pytest.raises(NotARoster, match=r"enrollments\.csv has more than 6 lines"):
        read(packed())


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_zip_that_is_packed_in_an_unusual_way_is_refused(method: int) -> None:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", method) as archive:
        archive.writestr("manifest.csv", MANIFEST)
    with pytest.raises(NotARoster, match="unusual"):
        read(written.getvalue())


def test_a_zip_that_lies_about_its_sizes_is_refused() -> None:
    data = packed()
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        size = archive.getinfo("users.csv").file_size
    lie = data.replace(size.to_bytes(4, "little"), (10).to_bytes(4, "little"))
    assert lie != data
    with pytest.raises(NotARoster, match=r"cannot be unpacked|is not CSV|no column"):
        read(lie)


def test_a_file_that_is_there_twice_under_one_name_is_refused() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # zipfile's, of the duplicate
        data = packed(more={"users.csv": USERS})
    with pytest.raises(NotARoster, match=r"users\.csv is there twice"):
        read(data)


@settings(max_examples=100)
@given(place=st.integers(0, 4_000), byte=st.integers(0, 255), cut=st.integers(0, 4_000))
def test_whatever_a_damaged_zip_holds_it_is_read_or_refused(
    place: int, byte: int, cut: int
) -> None:
    data = bytearray(packed())
    data[place % len(data)] = byte
    for damaged in (bytes(data), bytes(data[: cut % len(data)])):
        try:
            reading = read(damaged)
        except (NotARoster, RosterRefused):
            continue
        assert reading.children or reading.bad
