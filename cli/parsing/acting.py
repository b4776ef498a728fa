"""The option by which support says for whom it acts."""

from __future__ import annotations

from typing import Annotated

import typer

from cli.operator import operator

LONGEST_NAME = 60


def _who(name: str) -> str:
    """Who is named in the audit: the operator, and for whom the operator acts, if anybody."""
    from neuroplay.core.rules.nickname_text import can_be_shown, plain_name

    if not name:
        return operator()
    known = plain_name(name)
    if not known or len(known) > LONGEST_NAME or not all(map(can_be_shown, known)):
        raise typer.BadParameter(f"a name of 1 to {LONGEST_NAME} characters is needed")
    return f"{operator()} (as {known})"


Acting = Annotated[
    str,
    typer.Option(
        "--as",
        metavar="WHO",
        callback=_who,
        show_default=False,
        help='For whom you act, such as "Prof. Ana"; the audit names both.',
    ),
]
"""Its value is what the audit names."""
