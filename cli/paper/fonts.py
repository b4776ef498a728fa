"""The app's typefaces, embedded in a printed page so that it needs nothing from elsewhere."""

from __future__ import annotations

import base64
from importlib.resources import files

_FACES = (
    ("Baloo 2", "400 800", "baloo-2-latin-wght-normal"),
    ("Atkinson Hyperlegible Next", "200 800", "atkinson-hyperlegible-next-latin-wght-normal"),
)


def font_faces() -> str:
    """CSS of the typefaces that the built page has; empty if it has not been built."""
    assets = files("neuroplay.api") / "pwa_dist" / "assets"
    if not assets.is_dir():
        return ""
    known = {one.name: one for one in assets.iterdir() if one.name.endswith(".woff2")}
    return "".join(
        f'@font-face{{font-family:"{family}";font-weight:{weights};'
        f"src:url(data:font/woff2;base64,{base64.b64encode(font.read_bytes()).decode()})}}"
        for family, weights, name in _FACES
        for file, font in known.items()
        if file.startswith(name)
    )
