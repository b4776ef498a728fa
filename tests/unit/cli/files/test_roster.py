from __future__ import annotations

from pathlib import Path

import pytest

from cli.files.roster import GUESSES, read_file
from cli.output.errors import CommandError


@pytest.fixture
def roster(tmp_path):
    def write(data: bytes):
        file = tmp_path / "3A.csv"
        file.write_bytes(data)
        return file

    return write


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        ("nickname\nJoão\n".encode(), None),
        ("nickname\nJoão\n".encode("utf-8-sig"), None),
        ("nickname\nJoão\n".encode("utf-8-sig"), "latin-1"),
        ("nickname\nJoão\n".encode("utf-16"), None),
        ("nickname\nJoão\n".encode("latin-1"), "latin-1"),
    ],
)
def test_a_roster_is_read_in_the_encoding_that_it_has(roster, data, encoding):
    assert read_file(roster(data), encoding).text == "nickname\nJoão\n"


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "windows-1252", "latin-1"])
@pytest.mark.parametrize("text", ["Nome;Turma\r\nJoão;3ª\r\n", "Alumno\nMuñoz\n", "a\nÉ\n"])
def test_what_excel_writes_without_saying_its_encoding_is_read(roster, encoding, text):
    read = read_file(roster(text.encode(encoding)), None)

    assert read.text == text
    assert read.guessed == ("" if encoding.startswith("utf-16") else "windows-1252")


def test_a_zero_byte_makes_no_utf_16_of_a_text(roster):
    assert read_file(roster(b"Nome\nAna\0\nBia\n"), None).text == "Nome\nAna\0\nBia\n"


def test_utf_16_of_another_script_is_read_without_a_mark_too(roster):
    for encoding in ("utf-16-le", "utf-16-be"):
        assert read_file(roster("نام\nآوا\n".encode(encoding)), None).text == "نام\nآوا\n"


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("nickname\nAna\nJoão\n", "cp850"),
        ("nickname\nAna\nJoão\n", "mac-roman"),
        ("nickname\rAna\rAnaïs João\r", "mac-roman"),
        ("nickname\nAna\nИван\n", "windows-1251"),
    ],
)
def test_bytes_whose_encoding_is_unclear_name_the_line_and_the_way_out(roster, text, encoding):
    file = roster(text.encode(encoding))

    with pytest.raises(CommandError) as refused:
        read_file(file, None)

    assert refused.value.code == 1
    assert "3A.csv, line 3: the text is not UTF-8" in refused.value.message
    assert "--encoding" in refused.value.hint
    if encoding in GUESSES:
        assert "João" in refused.value.message
    assert read_file(file, encoding).text == text


def test_an_encoding_that_is_said_is_the_one_that_is_used(roster):
    with pytest.raises(CommandError, match="line 2: the text is not UTF-8") as refused:
        read_file(roster("nickname\nJoão\n".encode("latin-1")), "utf-8")

    assert refused.value.code == 1


def test_a_device_without_an_end_is_no_roster():
    with pytest.raises(CommandError, match="larger than 1 MiB"):
        read_file(Path("/dev/zero"), None)


@pytest.mark.parametrize(
    ("data", "encoding", "words"),
    [
        (b"PK\x03\x04....", None, "spreadsheet"),
        (b"\xd0\xcf\x11\xe0....", None, "spreadsheet"),
        (b"%PDF-1.7", None, "PDF"),
        (b"\x89PNG\r\n", None, "picture"),
        (b"<!DOCTYPE html><table>", None, "web page"),
        (b"\r\n <html xmlns:x=...>", None, "web page"),
        (b'{"students": []}', None, "JSON"),
        (b"a\0b", None, "not text"),
        (bytes(range(256)), None, "not text"),
        (b"x" * ((1 << 20) + 1), None, "larger than 1 MiB"),
        (b"nickname\nAna\n", "rot13", "unknown encoding 'rot13'"),
        (b"nickname\nAna\n", "base64", "unknown encoding 'base64'"),
        (b"nickname\nAna\n", "klingon", "unknown encoding 'klingon'"),
    ],
)
def test_what_is_no_roster_is_a_usage_error(roster, data, encoding, words):
    with pytest.raises(CommandError, match=words) as refused:
        read_file(roster(data), encoding)

    assert refused.value.code == 2


def test_a_file_that_is_missing_is_a_usage_error(tmp_path):
    with pytest.raises(CommandError, match="no such file") as refused:
        read_file(tmp_path / "none.csv", None)

    assert refused.value.code == 2
