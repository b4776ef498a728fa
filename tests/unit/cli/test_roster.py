from __future__ import annotations

import pytest

from cli.errors import CommandError
from cli.roster import roster_text


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
    assert roster_text(roster(data), encoding) == "nickname\nJoão\n"


def test_bytes_of_another_encoding_name_the_line_and_the_way_out(roster):
    file = roster("nickname\nAna\nJoão\n".encode("latin-1"))

    with pytest.raises(CommandError) as refused:
        roster_text(file, None)

    assert refused.value.code == 1
    assert "3A.csv, line 3: the text is not UTF-8" in refused.value.message
    assert "--encoding latin-1" in refused.value.hint


@pytest.mark.parametrize(
    ("data", "encoding", "words"),
    [
        (b"PK\x03\x04....", None, "spreadsheet"),
        (b"x" * ((1 << 20) + 1), None, "larger than 1 MiB"),
        (b"nickname\nAna\n", "klingon", "no encoding 'klingon'"),
    ],
)
def test_what_is_no_roster_is_a_usage_error(roster, data, encoding, words):
    with pytest.raises(CommandError, match=words) as refused:
        roster_text(roster(data), encoding)

    assert refused.value.code == 2


def test_a_file_that_is_missing_is_a_usage_error(tmp_path):
    with pytest.raises(CommandError, match="no such file") as refused:
        roster_text(tmp_path / "none.csv", None)

    assert refused.value.code == 2
