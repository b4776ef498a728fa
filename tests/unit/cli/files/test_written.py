from __future__ import annotations

from pathlib import Path

import pytest

from cli.files.written import file_name, write_private
from cli.output.errors import CommandError
from neuroplay.whole_files import read_whole


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


def test_what_has_no_end_is_not_read_to_it(tmp_path):
    with pytest.raises(OSError, match="larger than 1 MiB"):
        read_whole(Path("/dev/zero"), 1 << 20)
    (tmp_path / "a").write_text("caf\u00e9")
    assert read_whole(tmp_path / "a") == "caf\u00e9"


@pytest.mark.parametrize(
    "line",
    [
        ("loadtest", "compare", "/dev/zero", "/dev/zero"),
        ("loadtest", "roster", "/dev/zero", "--erase", "--yes"),
        ("sync", "check", "/dev/zero"),
    ],
)
def test_a_device_is_refused_by_each_command_that_reads_a_file(run, store, line, tmp_path):
    ran = run(*line)

    assert ran.code in (2, 3)
    assert "larger than" in ran.err
    assert "Traceback" not in ran.err
