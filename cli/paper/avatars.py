"""The avatars for print, as the app draws them, and Neo."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import Any

INK = "#1F2150"


def avatar_svg(name: str, colour: int = 0) -> str:
    """An inline SVG of the avatar on its disc; of a paper lantern if the name is unknown.

    `colour` is a place in the table's colours.
    """
    table = _table()
    animal = table["animals"].get(name, _LANTERN)
    disc = table["colours"][colour]
    return (
        f'<svg class="avatar" viewBox="0 0 100 100" role="img" aria-label="{_label(name)}">'
        f'<circle cx="50" cy="50" r="47" fill="{disc["disc"]}" stroke="{INK}" stroke-width="4"/>'
        f'<path d="{disc["pattern"]}" fill="none" stroke="{disc["mark"]}"'
        f' stroke-width="{disc["width"]}" stroke-linecap="round"/>'
        f'<g transform="translate(10 16) scale(.8)" stroke="{INK}" stroke-width="3.6"'
        f' stroke-linejoin="round">{animal}</g></svg>'
    )


@cache
def _table() -> dict[str, Any]:
    table: dict[str, Any] = json.loads((files("neuroplay.core") / "avatars.json").read_text())
    return table


def _label(name: str) -> str:
    return "".join(c for c in name if c.isalnum() or c in "-_ ")


_LANTERN = (
    '<path d="M50 12v10" fill="none"/><path d="M30 28C18 40 18 66 30 78H70C82 66 82 40 70 28Z"'
    ' fill="#FFC53D"/><path d="M34 20h32v8H34ZM34 78h32v8H34Z" fill="#E8493D"/>'
)

NEO = (
    '<svg class="neo" viewBox="0 0 220 200" aria-hidden="true"><g stroke="#1F2150"'
    ' stroke-width="7" stroke-linejoin="round" stroke-linecap="round"><g fill="#E8493D">'
    '<path d="M58 82 26 50c-2 10 0 14-4 20-8-2-12 0-16 2 10 18 30 26 52 26z"/>'
    '<path d="M54 112c-20-8-36-6-48 4 8 2 8 8 8 12 14 8 30 4 44-2z"/>'
    '<path d="M162 82 194 50c2 10 0 14 4 20 8-2 12 0 16 2-10 18-30 26-52 26z"/>'
    '<path d="M166 112c20-8 36-6 48 4-8 2-8 8-8 12-14 8-30 4-44-2z"/></g>'
    '<path d="M110 48V28" fill="none"/><circle cx="110" cy="24" r="12" fill="#FFC53D"/>'
    '<rect x="42" y="48" width="136" height="116" rx="54" fill="#CDBCFF"/>'
    '<rect x="60" y="76" width="100" height="66" rx="31" fill="#171A3F"/></g>'
    '<ellipse cx="88" cy="104" rx="12" ry="14" fill="#3DDCB0"/>'
    '<ellipse cx="132" cy="104" rx="12" ry="14" fill="#3DDCB0"/>'
    '<circle cx="88" cy="107" r="6" fill="#0E1029"/>'
    '<circle cx="132" cy="107" r="6" fill="#0E1029"/>'
    '<path d="M100 124q10 9 20 0" fill="none" stroke="#FF7A6B" stroke-width="5"'
    ' stroke-linecap="round"/></svg>'
)
"""Neo's head, as on the app's icon."""
