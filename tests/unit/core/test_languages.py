"""The server and the app have the same languages."""

from __future__ import annotations

from pathlib import Path

from neuroplay.core.entities.language import LANGUAGES

PWA = Path(__file__).parents[3] / "pwa"
SHORT = {name[:2] for name in LANGUAGES}


def test_the_page_has_a_file_of_words_for_each() -> None:
    named = {file.stem for file in (PWA / "src/i18n").glob("??.ts")}
    assert named == SHORT
