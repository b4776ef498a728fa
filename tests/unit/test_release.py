"""The version is written once, and everything released has it."""

from __future__ import annotations

import json
import runpy
from pathlib import Path
from typing import Any

import pytest

from neuroplay import __version__
from neuroplay.config import Settings

ROOT = Path(__file__).parents[2]
RELEASE = runpy.run_path(str(ROOT / "make" / "release.py"))
CHANGES = "# Changes\n\n## [Unreleased]\n\n## [2.6.0] - 2026-12-01\n\n### Added\n\n- A game.\n"


def missing(changes: str = CHANGES, *, changed_files: str = "", tags: str = "v2.5.0") -> list[str]:
    found: list[str] = RELEASE["missing"]("2.6.0", changes, changed_files=changed_files, tags=tags)
    return found


def test_the_version_is_read_from_one_place() -> None:
    assert RELEASE["version"]((ROOT / "neuroplay" / "__init__.py").read_text()) == __version__
    assert "version = attr: neuroplay.__version__\n" in (ROOT / "setup.cfg").read_text()
    assert Settings.table()["app_version"].default == __version__


@pytest.mark.parametrize("file", ["package.json", "package-lock.json"])
def test_the_page_has_no_version_of_its_own(file: str) -> None:
    package: dict[str, Any] = json.loads((ROOT / "pwa" / file).read_text())
    assert "version" not in package
    assert "version" not in package.get("packages", {}).get("", {})


def test_the_newest_release_in_the_changelog_is_this_version() -> None:
    found = RELEASE["missing"](
        __version__, (ROOT / "CHANGELOG.md").read_text(), changed_files="", tags=""
    )
    assert [line for line in found if "[Unreleased]" not in line] == []


def test_a_checkout_that_is_ready_lacks_nothing() -> None:
    assert missing() == []


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (CHANGES.replace("2.6.0", "2.5.0"), "has no section '## [2.6.0] - DATE'"),
        (CHANGES.replace(" - 2026-12-01", ""), "no date"),
        (CHANGES.replace("### Added\n\n- A game.\n", ""), "says nothing"),
        (CHANGES.replace("ased]\n", "ased]\n\n- More.\n"), "move them to [2.6.0]"),
    ],
)
def test_the_changelog_tells_of_the_release(changes: str, said: str) -> None:
    (found,) = missing(changes)
    assert said in found


def test_only_what_is_committed_and_new_can_be_released() -> None:
    assert "not committed" in missing(changed_files=" M setup.cfg")[0]
    assert "v2.6.0 exists" in missing(tags="v2.5.0\nv2.6.0")[0]


def test_a_version_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="has no line"):
        RELEASE["version"]("__version__ = 2.5\n")
