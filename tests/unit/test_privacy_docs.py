"""The pages on privacy name only commands, settings and files that exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from cli.main import root_command
from cli.parsing.lazy import every_command
from make.privacy import BEGIN
from neuroplay.config import Settings

DOCS = Path(__file__).parents[2] / "docs"
PAGES = [DOCS / "privacy.md", *sorted((DOCS / "privacy").glob("*.md"))]
NOTICES = sorted((DOCS / "privacy").glob("family-notice.*.md"))

with every_command(root_command()) as _found:
    OPTIONS = {
        name: {option for one in command.params for option in one.opts} for name, command in _found
    }


def commands_in(text: str) -> list[str]:
    """Also those without `neuroplay`, such as `student export ID`."""
    groups = "|".join(sorted({name.split()[0] for name in OPTIONS}))
    return re.findall(rf"`(?:neuroplay )?((?:{groups})\b[^`]*)`", text) + re.findall(
        r"^    neuroplay (.*)$", text, flags=re.MULTILINE
    )


@pytest.mark.parametrize("file", PAGES, ids=lambda file: file.name)
def test_every_command_on_a_page_exists_with_its_options(file: Path) -> None:
    text, _, _ = file.read_text().partition(BEGIN)
    for words in commands_in(text):
        name = next(
            (
                known
                for known in sorted(OPTIONS, key=len, reverse=True)
                if words == known or words.startswith(f"{known} ")
            ),
            None,
        )
        assert name is not None, words
        assert {*re.findall(r"--[a-z][a-z-]*", words)} <= OPTIONS[name], words


def test_the_pages_name_commands_at_all() -> None:
    assert "student export ID" in commands_in((DOCS / "privacy.md").read_text())
    assert "privacy report" in commands_in((DOCS / "privacy.md").read_text())


@pytest.mark.parametrize("file", PAGES, ids=lambda file: file.name)
def test_every_setting_and_file_on_a_page_exists(file: Path) -> None:
    text = file.read_text()
    known = {one.variable for one in Settings.table().values()}
    assert {*re.findall(r"NEUROPLAY_[A-Z_]+", text)} <= known
    for link in re.findall(r"\]\((?!http)([^)#]+)", text):
        assert (file.parent / link).exists(), link


def test_the_notices_say_the_same_things_in_each_language() -> None:
    assert [file.name.split(".")[1] for file in NOTICES] == ["en", "es", "pt-BR"]
    shapes = {
        tuple(
            len(re.findall(mark, file.read_text())) for mark in (r"\*\*[^*]+\*\*", r"\d+", r"^# ")
        )
        for file in NOTICES
    }
    assert len(shapes) == 1, shapes
