"""The program that prints is a script here; tests/browser/test_class_report.py has a browser."""

from __future__ import annotations

from pathlib import Path

import psutil
import pytest

from cli.files.pdf import find_browser, printed
from cli.output.errors import CommandError
from tests.integration.servers import wait_until


def program(folder: Path, script: str, name: str = "chromium") -> Path:
    file = folder / name
    file.write_text(f"#!/bin/sh\n{script}\n")
    file.chmod(0o755)
    return file


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch) -> Path:
    place = tmp_path / "home"
    place.mkdir()
    monkeypatch.setenv("HOME", str(place))
    return place


COPIES = """
for word in "$@"; do
  case "$word" in
    --print-to-pdf=*) pdf="${word#--print-to-pdf=}" ;;
    file://*) page="${word#file://}" ;;
  esac
done
test "$(stat -c %a "$(dirname "$page")")" = 700 || exit 4
cp "$page" "$pdf"
"""


def test_the_page_is_given_to_the_browser_and_nothing_stays(tmp_path, home):
    browser = program(tmp_path, COPIES)
    assert printed(b"<p>3A</p>", str(browser)) == b"<p>3A</p>"
    assert list(home.iterdir()) == []


@pytest.mark.parametrize(
    ("script", "why"), [("exit 7", "it ended with code 7"), ("exit 0", "it wrote no file")]
)
def test_a_browser_that_fails_is_told_with_what_to_do(tmp_path, home, script, why):
    browser = program(tmp_path, script)
    with pytest.raises(CommandError, match=why) as caught:
        printed(b"", str(browser))
    assert caught.value.code == 3
    assert "print it from a browser" in caught.value.hint
    assert list(home.iterdir()) == []


def test_a_file_that_is_no_program_is_told(tmp_path):
    broken = tmp_path / "chromium"
    broken.write_bytes(b"\x7fELF")
    broken.chmod(0o755)
    with pytest.raises(CommandError, match="cannot write the PDF"):
        printed(b"", str(broken))


def test_a_browser_that_hangs_is_ended_with_its_children(tmp_path, home):
    note = tmp_path / "pids"
    browser = program(tmp_path, f"sleep 300 &\necho $$ $! > {note}\nwait")
    with pytest.raises(CommandError, match="had not finished after 5 seconds"):
        printed(b"", str(browser), longest_s=5)
    for pid in map(int, note.read_text().split()):
        wait_until(lambda pid=pid: not runs(pid), f"the end of process {pid}")
    assert list(home.iterdir()) == []


def runs(pid: int) -> bool:
    """Whether a process has not ended; whoever adopted it may not have reaped it yet."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_the_browser_named_comes_first_then_those_in_the_path(tmp_path, monkeypatch):
    named = program(tmp_path, "exit 0", "my-chromium")
    found = program(tmp_path, "exit 0", "google-chrome")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert find_browser(named) == str(named)
    assert find_browser(None) == str(found)
    with pytest.raises(CommandError, match="is no program"):
        find_browser(tmp_path / "none")
    found.unlink()
    with pytest.raises(CommandError, match="no Chromium or Chrome"):
        find_browser(None)
