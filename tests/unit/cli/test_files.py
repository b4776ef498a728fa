from __future__ import annotations

import pytest

from cli.errors import CommandError
from cli.files import file_name, write_private


def test_a_written_file_is_readable_by_its_owner_alone_even_over_an_open_one(tmp_path):
    target = tmp_path / "cards.html"
    target.write_text("old and longer")
    target.chmod(0o644)

    write_private(target, b"new")

    assert target.read_bytes() == b"new"
    assert target.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("target", ["none/cards.html", "."])
def test_a_place_that_cannot_be_written_ends_with_3_and_names_out(tmp_path, target):
    with pytest.raises(CommandError, match="cannot write") as refused:
        write_private(tmp_path / target, b"new")

    assert refused.value.code == 3
    assert "--out" in refused.value.hint


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("3A", "3A"),
        ("3A · Manhã", "3A---Manhã"),
        ("../../etc/passwd", "etc-passwd"),
        ("///", "unnamed"),
    ],
)
def test_a_title_becomes_a_file_name_that_stays_in_its_folder(title, name):
    assert file_name(title) == name
