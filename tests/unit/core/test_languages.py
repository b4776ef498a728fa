"""The server and the app have the same languages."""

from __future__ import annotations

import re
from pathlib import Path

from neuroplay.core.entities.language import LANGUAGES

PWA = Path(__file__).parents[3] / "pwa"
SHORT = {name[:2] for name in LANGUAGES}


def test_the_page_has_a_file_of_words_for_each() -> None:
    named = {file.stem for file in (PWA / "src/i18n").glob("??.ts")}
    assert named == SHORT


def test_the_page_that_does_not_start_says_so_in_each() -> None:
    words = re.findall(r"^    (\w\w): \[", (PWA / "public/boot.js").read_text(), re.MULTILINE)
    assert set(words) == SHORT
