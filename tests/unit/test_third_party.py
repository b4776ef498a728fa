"""NOTICE.md names what is shipped, and no licence in it is unknown (make/third_party.py)."""

from __future__ import annotations

import re
import runpy
from importlib.metadata import Distribution
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MAKE = runpy.run_path(str(ROOT / "make" / "third_party.py"))
NOTICED = [
    (name, licence)
    for name, licence in re.findall(
        r"^\| (\S+) \| (.+) \|$", (ROOT / "NOTICE.md").read_text(), re.MULTILINE
    )
    if name != "package"
]
LOCKED = re.findall(r"^([a-z0-9-]+)==", (ROOT / "requirements.lock").read_text(), re.MULTILINE)


class About(Distribution):
    """A package that says this about itself."""

    def __init__(self, text: str) -> None:
        self.text = f"Metadata-Version: 2.4\nName: a\nVersion: 1\n{text}\n"

    def read_text(self, filename: str) -> str | None:
        return self.text if filename == "METADATA" else None

    def locate_file(self, path: object) -> Path:
        raise NotImplementedError


def test_every_package_that_is_shipped_is_named_with_its_licence() -> None:
    shipped = {package for kind in MAKE["licences"]().values() for package in kind.items()}
    assert shipped - set(NOTICED) == set(), "run: make notice"


def test_no_package_is_named_that_is_not_locked() -> None:
    named = {name for name, _ in NOTICED}
    assert named - set(LOCKED) - set(MAKE["npm_packages"]()) == set(), "run: make notice"


def test_no_licence_is_unknown() -> None:
    refused = {name: licence for name, licence in NOTICED if MAKE["unknown"](licence)}
    assert refused == {}, "read these licences; those that we may ship go into ALLOWED"


@pytest.mark.parametrize("licence", ["GPL-3.0-only", "MIT AND GPL-3.0-only", "?", "UNKNOWN", ""])
def test_a_licence_that_nobody_allowed_is_unknown(licence: str) -> None:
    assert MAKE["unknown"](licence)


def test_the_tools_that_build_and_test_are_not_shipped() -> None:
    assert {"ruff", "mypy", "hypothesis", "vite", "eslint"} & {name for name, _ in NOTICED} == set()


@pytest.mark.parametrize(
    ("text", "licence"),
    [
        ("License-Expression: MIT OR Apache-2.0", "MIT OR Apache-2.0"),
        ("Classifier: License :: OSI Approved :: BSD License", "BSD-3-Clause"),
        ("License: New BSD", "BSD-3-Clause"),
        ("License: Our own", "Our own"),
        ("Summary: says nothing", "?"),
    ],
)
def test_a_licence_is_read_from_what_a_package_says(text: str, licence: str) -> None:
    assert MAKE["licence_of"]("a", About(text)) == licence
