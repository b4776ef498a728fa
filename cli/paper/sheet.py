"""The printable page of a class's cards: one self-contained HTML file for A4."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from cli.paper.avatars import NEO, avatar_svg
from cli.paper.cards import Card, fives, qr_path
from cli.paper.fonts import font_faces
from neuroplay.core.entities.language import LANGUAGES

CARDS_A_PAGE = 10


def sheet_html(class_name: str, cards: Sequence[Card], *, public_url: str, language: str) -> str:
    """Render `sheet.html`; `language` is a key of LANGUAGES."""
    from jinja2 import Environment, FileSystemLoader

    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent), autoescape=True, trim_blocks=True
    )
    return environment.get_template("sheet.html").render(
        class_name=class_name,
        pages=[cards[i : i + CARDS_A_PAGE] for i in range(0, len(cards), CARDS_A_PAGE)],
        url=public_url,
        language=language,
        words=LANGUAGES[language].card_sheet,
        avatar_svg=avatar_svg,
        neo=NEO,
        font_faces=font_faces(),
        fives=fives,
        qr_path=qr_path,
    )
