"""The avatars as small pictures for print."""

from __future__ import annotations

INK = "#1F2150"


def avatar_svg(name: str) -> str:
    """An inline SVG of the avatar; of a paper lantern if the name is unknown."""
    shapes = AVATARS.get(name, _LANTERN)
    return (
        f'<svg class="avatar" viewBox="0 0 64 64" role="img" aria-label="{_label(name)}">'
        f'<g stroke="{INK}" stroke-width="2.5" stroke-linejoin="round" stroke-linecap="round">'
        f"{shapes}</g></svg>"
    )


def _label(name: str) -> str:
    return "".join(c for c in name if c.isalnum() or c in "-_ ")


def _eyes(y: int, apart: int = 10) -> str:
    return "".join(
        f'<circle cx="{32 + side * apart}" cy="{y}" r="3" fill="{INK}"/>'
        f'<circle cx="{32 + side * apart + 1}" cy="{y - 1}" r="1" fill="#fff" stroke="none"/>'
        for side in (-1, 1)
    )


def _smile(y: int) -> str:
    return f'<path d="M27 {y}q5 5 10 0" fill="none"/>'


_LANTERN = (
    '<path d="M32 4v8" fill="none"/><ellipse cx="32" cy="32" rx="20" ry="20" fill="#FFC53D"/>'
    '<path d="M18 24h28M12 32h40M18 40h28" fill="none" stroke-width="1.5"/>'
    '<path d="M26 52h12v4H26z" fill="#E8493D"/>' + _eyes(30) + _smile(37)
)

AVATARS = {
    "fox": (
        '<path d="M10 8l14 12h16L54 8l2 26C54 48 44 58 32 58S10 48 8 34z" fill="#E8493D"/>'
        '<path d="M8 36c8 0 16 6 24 16 8-10 16-16 24-16-2 14-13 22-24 22S10 50 8 36z"'
        ' fill="#FFF8EC"/>'
        '<path d="M28 48h8l-4 5z" fill="#1F2150"/>' + _eyes(33)
    ),
    "owl": (
        '<path d="M12 10q8 6 20 6t20-6q4 12 2 24a22 22 0 0 1-44 0Q8 22 12 10z" fill="#B9A3FF"/>'
        '<circle cx="22" cy="30" r="9" fill="#FFF8EC"/><circle cx="42" cy="30" r="9"'
        ' fill="#FFF8EC"/><path d="M29 37h6l-3 6z" fill="#FFC53D"/>'
        '<path d="M26 49q3 3 6 0q3 3 6 0" fill="none"/>' + _eyes(30)
    ),
    "turtle": (
        '<path d="M8 46q-6 6-2 10h10zM40 46l4 10h-10z" fill="#3DDCB0"/>'
        '<circle cx="50" cy="33" r="11" fill="#3DDCB0"/>'
        '<path d="M4 48a20 26 0 0 1 40 0z" fill="#0C7A5F"/>'
        '<path d="M17 48l3-12h8l3 12M20 36l-6-6M28 36l6-6M20 36l4-10l4 10" fill="none"'
        ' stroke-width="2"/>'
        f'<circle cx="51" cy="31" r="3" fill="{INK}"/>'
        '<circle cx="52" cy="30" r="1" fill="#fff" stroke="none"/>'
        '<path d="M50 39q4 2 7-1" fill="none"/>'
    ),
    "cat": (
        '<path d="M10 8l14 10h16L54 8v28a22 20 0 0 1-44 0z" fill="#FFC53D"/>'
        '<path d="M29 40h6l-3 3z" fill="#E8493D"/>'
        '<path d="M26 46q3 3 6-1q3 4 6 1M6 40l10 1M6 48l10-3M58 40l-10 1M58 48l-10-3"'
        ' fill="none"/>' + _eyes(33)
    ),
    "rabbit": (
        '<path d="M22 28C10 4 20-2 25 6s3 16 3 20zM42 28C54 4 44-2 39 6s-3 16-3 20z"'
        ' fill="#FFF8EC"/>'
        '<path d="M22 20q-3-9 0-11M42 20q3-9 0-11" fill="none" stroke="#E8493D"/>'
        '<circle cx="32" cy="41" r="19" fill="#FFF8EC"/>'
        '<path d="M29 43h6l-3 3z" fill="#E8493D"/>'
        '<path d="M32 46v3M26 49q3 3 6 0q3 3 6 0" fill="none"/>' + _eyes(37, 9)
    ),
    "bear": (
        '<circle cx="14" cy="16" r="9" fill="#9C6B45"/><circle cx="50" cy="16" r="9"'
        ' fill="#9C6B45"/><circle cx="32" cy="34" r="24" fill="#C08B5C"/>'
        '<ellipse cx="32" cy="43" rx="11" ry="9" fill="#FFF8EC"/>'
        '<ellipse cx="32" cy="39" rx="4" ry="3" fill="#1F2150"/><path d="M27 45q5 4 10 0"'
        ' fill="none"/>' + _eyes(30)
    ),
}
