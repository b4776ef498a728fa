"""The option for the children's language."""

from __future__ import annotations

from typing import Annotated

import typer

from cli.output.errors import usage_error
from neuroplay.core.entities.language import LANGUAGES

Language = Annotated[
    str, typer.Option("--language", help=f"Language of the children: {', '.join(LANGUAGES)}.")
]


def known_language(name: str) -> str:
    """The language as the core knows it. Raises CommandError."""
    for known in LANGUAGES:
        if known.lower() == name.lower():
            return known
    raise usage_error(
        f"--language: unknown language {name!r}", hint=f"Choose one of: {', '.join(LANGUAGES)}"
    )
