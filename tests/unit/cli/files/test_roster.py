from __future__ import annotations

from pathlib import Path

import pytest

from cli.files.roster import read_source
from cli.output.errors import CommandError


def test_a_device_without_an_end_is_no_roster():
    with pytest.raises(CommandError, match="larger than 8 MiB"):
        read_source(Path("/dev/zero"), None)


@pytest.mark.parametrize(
    ("data", "encoding", "words"),
    [
        (b"%PDF-1.7", None, "3A.csv is a PDF"),
        (b"nickname\nAna\n", "klingon", "unknown encoding 'klingon'"),
        (b"PK\x03\x04....", None, "spreadsheet"),
    ],
)
def test_what_is_no_roster_is_a_usage_error(tmp_path, data, encoding, words):
    file = tmp_path / "3A.csv"
    file.write_bytes(data)

    with pytest.raises(CommandError, match=words) as refused:
        read_source(file, encoding)

    assert refused.value.code == 2


def test_a_file_that_is_missing_is_a_usage_error(tmp_path):
    with pytest.raises(CommandError, match="no such file") as refused:
        read_source(tmp_path / "none.csv", None)

    assert refused.value.code == 2
