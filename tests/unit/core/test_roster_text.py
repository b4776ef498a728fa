from __future__ import annotations

import pytest

from neuroplay.core.errors import NotARoster, RosterRefused
from neuroplay.core.rules.roster_text import GUESSES, RosterText, decoded


def read(data: bytes, encoding: str | None = None) -> RosterText:
    return decoded("3A.csv", data, encoding)


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
def test_a_roster_is_read_in_the_encoding_that_it_has(data: bytes, encoding: str) -> None:
    assert read(data, encoding).text == "nickname\nJoão\n"


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "windows-1252", "latin-1"])
@pytest.mark.parametrize(
    "text", ["Nome;Turma\r\nJoão;3ª\r\n", "Alumno\nMuñoz\n", "Ñáñez\n", "a\nÉ\n"]
)
def test_what_excel_writes_without_saying_its_encoding_is_read(encoding: str, text: str) -> None:
    found = read(text.encode(encoding))

    assert found.text == text
    assert found.guessed == ("" if encoding.startswith("utf-16") else "windows-1252")


def test_a_zero_byte_makes_no_utf_16_of_a_text() -> None:
    assert read(b"Nome\nAna\0\nBia\n").text == "Nome\nAna\0\nBia\n"


def test_utf_16_of_another_script_is_read_without_a_mark_too() -> None:
    for encoding in ("utf-16-le", "utf-16-be"):
        assert read("نام\nآوا\n".encode(encoding)).text == "نام\nآوا\n"


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("nickname\nAna\nJoão\n", "cp850"),
        ("nickname\nAna\nJoão\n", "mac-roman"),
        ("nickname\rAna\rAnaïs João\r", "mac-roman"),
        ("nickname\nAna\nИван\n", "windows-1251"),
        ("nickname\nAna\nΓιάννης\n", "windows-1253"),
        ("nickname\nAna\nשרה\n", "windows-1255"),
    ],
)
def test_bytes_whose_encoding_is_unclear_name_the_line_and_the_way_out(
    text: str, encoding: str
) -> None:
    with pytest.raises(RosterRefused) as refused:
        read(text.encode(encoding))

    assert "line 3: the text is not UTF-8" in refused.value.message
    assert "3A.csv" in refused.value.message
    assert "--encoding" in refused.value.hint
    if encoding in GUESSES:
        assert "João" in refused.value.message
    assert read(text.encode(encoding), encoding).text == text


def test_an_encoding_that_is_said_is_the_one_that_is_used() -> None:
    with pytest.raises(RosterRefused, match="line 2: the text is not UTF-8"):
        read("nickname\nJoão\n".encode("latin-1"), "utf-8")


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
        (b"nickname\nAna\n", "rot13", "unknown encoding 'rot13'"),
        (b"nickname\nAna\n", "base64", "unknown encoding 'base64'"),
        (b"nickname\nAna\n", "klingon", "unknown encoding 'klingon'"),
    ],
)
def test_what_is_no_roster_is_refused(data: bytes, encoding: str | None, words: str) -> None:
    with pytest.raises(NotARoster, match=words):
        read(data, encoding)


@pytest.mark.parametrize("name", ["María", "Peña", "Sebastián Ibáñez"])
def test_names_from_an_old_macintosh_are_not_guessed_wrong(name: str) -> None:
    with pytest.raises(RosterRefused):
        read(f"Nombre\n{name}\n".encode("mac-roman"))
