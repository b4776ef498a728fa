"""The files and folders in docs/architecture.md exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "architecture.md").read_text()
PICTURE = re.search(r"```mermaid\n(.*?)```", PAGE, re.DOTALL)

NAMED = sorted(set(re.findall(r"`([\w.-]+/[\w./-]*)`", PAGE)))
DRAWN = sorted(
    set(re.findall(r"[\w.-]+/[\w./*-]+\b", PICTURE[1] if PICTURE else ""))
    - {"api/v1/gameplay/sync"}
)


@pytest.mark.parametrize("name", NAMED)
def test_what_the_text_names_is_there(name: str) -> None:
    assert (ROOT / name).exists(), f"{name} moved: say where in docs/architecture.md"


@pytest.mark.parametrize("name", DRAWN)
def test_what_the_picture_draws_is_there(name: str) -> None:
    roots = (ROOT / "neuroplay", ROOT / "pwa" / "src", ROOT)
    assert any((root / name).exists() for root in roots), f"{name} moved: draw where it is now"


def test_the_page_has_a_picture_and_the_whole_way() -> None:
    assert len(DRAWN) >= 8
    assert len(NAMED) >= 30
