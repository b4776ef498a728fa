"""The printable sheet of a class's cards: one A4 HTML file that needs nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from cli.avatars import avatar_svg
from cli.cards import WORDS, Card, Words, fives, qr_path

CARDS_A_PAGE = 10


def sheet_html(class_name: str, cards: Sequence[Card], *, public_url: str, language: str) -> str:
    """The whole document; `language` is a key of WORDS."""
    words = WORDS[language]
    pages = [cards[i : i + CARDS_A_PAGE] for i in range(0, len(cards), CARDS_A_PAGE)]
    body = "\n".join(
        _page(class_name, page, number, len(pages), public_url, words)
        for number, page in enumerate(pages, start=1)
    )
    return _DOCUMENT.format(
        language=language, title=escape(f"{words.title} · {class_name}"), style=_STYLE, body=body
    )


def _page(
    class_name: str, cards: Sequence[Card], number: int, pages: int, public_url: str, words: Words
) -> str:
    which = words.page.format(page=number, pages=pages) if pages > 1 else ""
    return _PAGE.format(
        title=escape(words.title),
        name=escape(class_name),
        which=which,
        how=escape(words.how.format(url=public_url)),
        keep=escape(words.keep),
        cards="\n".join(_card(class_name, card, public_url, words) for card in cards),
    )


def _card(class_name: str, card: Card, public_url: str, words: Words) -> str:
    path, width = qr_path(card.link(public_url))
    return _CARD.format(
        avatar=avatar_svg(card.avatar),
        nickname=escape(card.nickname),
        size=_size(card.nickname),
        class_name=escape(class_name),
        class_word=escape(words.school_class),
        class_code=fives(card.class_code),
        card_word=escape(words.card),
        card_code=fives(card.card_code),
        path=path,
        link=escape(card.link(public_url)),
        box=f"-4 -4 {width + 8} {width + 8}",
    )


def _size(nickname: str) -> str:
    """A long nickname is set smaller, so that it stays on two lines."""
    return "long" if len(nickname) > 22 else "middle" if len(nickname) > 10 else "short"


_DOCUMENT = """<!doctype html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="robots" content="noindex">
<meta name="referrer" content="no-referrer">
<title>{title}</title>
<style>
{style}
</style>
</head>
<body>
{body}
</body>
</html>
"""

_PAGE = """<section class="page">
<header><h1>{title} · {name}</h1><p class="which">{which}</p>
<p>{how}</p><p><strong>{keep}</strong></p></header>
<main>
{cards}
</main>
</section>"""

_CARD = """<article>
<div class="who">{avatar}<div><h2 class="{size}">{nickname}</h2><p>{class_name}</p></div></div>
<dl><div><dt>{class_word}</dt><dd>{class_code}</dd></div>
<div><dt>{card_word}</dt><dd>{card_code}</dd></div></dl>
<a class="qr" href="{link}" aria-label="{nickname}">
<svg viewBox="{box}"><path d="{path}"/></svg></a>
</article>"""

_STYLE = """@page { size: A4; margin: 0 }
* { box-sizing: border-box; margin: 0 }
body {
  color: #1F2150; background: #FFF8EC;
  font-family: "Atkinson Hyperlegible Next", "Atkinson Hyperlegible", "Segoe UI", Roboto,
    "Noto Sans", "Helvetica Neue", Arial, sans-serif;
  -webkit-print-color-adjust: exact; print-color-adjust: exact;
}
.page {
  width: 210mm; height: 297mm; padding: 7mm 10mm 0; margin: 8mm auto; background: #fff;
  overflow: hidden; break-after: page;
}
.page:last-child { break-after: auto }
header {
  height: 20mm; font-size: 9.5pt; line-height: 1.35; display: grid;
  grid-template-columns: 1fr auto; align-content: start; column-gap: 6mm;
}
header p { grid-column: 1 / -1; overflow-wrap: anywhere }
header .which { grid-column: 2; grid-row: 1; align-self: center }
h1 {
  font-size: 15pt; line-height: 1.2; white-space: nowrap; overflow: hidden;
  text-overflow: ellipsis
}
main {
  display: grid; grid-template-columns: 95mm 95mm; grid-auto-rows: 53mm;
  border-top: 1px dashed #5A5D86; border-left: 1px dashed #5A5D86; width: max-content;
}
article {
  position: relative; width: 95mm; height: 53mm; padding: 4mm 37mm 4mm 4.5mm; overflow: hidden;
  border-right: 1px dashed #5A5D86; border-bottom: 1px dashed #5A5D86; break-inside: avoid;
  display: flex; flex-direction: column; justify-content: space-between;
}
.who { display: flex; gap: 3mm; align-items: center; min-height: 19mm }
.who > div { min-width: 0 }
.who p {
  color: #5A5D86; font-size: 9.5pt; white-space: nowrap; overflow: hidden;
  text-overflow: ellipsis;
}
.avatar { flex: none; width: 18mm; height: 18mm }
h2 {
  font-weight: 800; line-height: 1.1; overflow-wrap: anywhere; overflow: hidden;
  max-height: 13mm;
}
.short { font-size: 17pt }
.middle { font-size: 13pt }
.long { font-size: 10.5pt }
dt { font-size: 8pt; color: #5A5D86 }
dd {
  font: 700 14.5pt/1.15 "DejaVu Sans Mono", Menlo, Consolas, "Roboto Mono", "Courier New",
    monospace;
  white-space: nowrap;
}
dl > div + div { margin-top: 1.5mm }
.qr {
  position: absolute; right: 2mm; top: 9mm; width: 35mm; height: 35mm; fill: #000;
  shape-rendering: crispEdges;
}
@media print { body { background: none } .page { margin: 0 } }"""
