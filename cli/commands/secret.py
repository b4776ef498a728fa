"""`neuroplay secret`: replace the secret without voiding all cards at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cli.operator import operator
from cli.output.terminal import (
    Json,
    Yes,
    answer,
    confirm,
    counted,
    flex,
    note,
    pairs,
    print_json,
    right,
    say,
    table,
)
from cli.parsing.lazy import App
from cli.server.reach import system

if TYPE_CHECKING:
    from neuroplay.operation.rotation import Rotation

app = App(help="Replace the server's secret.")

STATES = {
    "alone": "one secret",
    "prepared": "two are set; cards are still made with the old one",
    "rotating": "cards are made with the new one; those of the old one are accepted",
}


@app.command()
def status(as_json: Json = False) -> None:
    """Show whether an old secret is accepted, and who needs it.

    While the secret is being replaced, lists how many children of each class have signed in with a
    new card.

    Example:
        neuroplay secret status
    """
    from neuroplay.operation import rotation

    with system() as container:
        found = rotation.look(container)
    if as_json:
        print_json(_as_json(found))
        return
    pairs([("secret", found.place), ("state", STATES[found.state])])
    if found.state == "rotating":
        say()
        table(
            [flex("CLASS"), "CODE", right("STUDENTS"), right("NEW CARD USED")],
            [(one.name, one.code, one.students, one.signed_in) for one in found.classes],
        )


@app.command()
def rotate(yes: Yes = False, as_json: Json = False) -> None:
    """Make cards with a new secret, and go on accepting the old one.

    For a secret that others may have seen. Cards and sign-ins of the old secret stay valid until
    `secret retire`, so children can go on playing while their cards are printed again. The secret
    in the home is replaced, and the old one kept beside it. One in NEUROPLAY_SECRET is replaced by
    you: set NEUROPLAY_OLD_SECRET to the old one on every machine, and restart them; this command
    then begins to use the new one. API processes learn of it when they are restarted.

    Example:
        neuroplay secret rotate
        neuroplay restart
        neuroplay class cards 3A
    """
    from neuroplay.operation import rotation

    with system() as container:
        rotation.look(container)  # refuses what cannot be done before it asks
        confirm("Make all new cards with a new secret?", yes=yes)
        rotation.rotate(container, who=operator())
        found = rotation.look(container)
    answer(
        _as_json(found),
        "Cards are now made with the new secret; those of the old one are still accepted.",
        as_json=as_json,
    )
    note(
        "Run: neuroplay restart (on every machine). "
        "Then print the cards of each class: neuroplay class cards CLASS"
    )
    note(f"Keep the new secret with the backups from now on: {found.place}")


@app.command()
def retire(yes: Yes = False, as_json: Json = False) -> None:
    """End the old secret: its cards and sign-ins stop working.

    Says how many children have not signed in with a new card, and asks for confirmation. Games that
    their tablets still hold are sent once they sign in with a new card. API processes learn of it
    when they are restarted.

    Example:
        neuroplay secret status
        neuroplay secret retire
        neuroplay restart
    """
    from neuroplay.operation import rotation

    with system() as container:
        found = rotation.look(container)
        confirm(
            f"{found.missing} of {counted(found.students, 'student')} have not signed in "
            "with a new card. End the old cards?",
            yes=yes,
        )
        kept = rotation.retire(container, who=operator())
    answer(
        {**_as_json(found), "kept": None if kept is None else str(kept)},
        "The old secret is no longer accepted.",
        as_json=as_json,
    )
    if kept is None:
        note("Unset NEUROPLAY_OLD_SECRET on every machine, then run: neuroplay restart")
    else:
        note("Run: neuroplay restart")
    where = "the old secret" if kept is None else str(kept)
    note(f"Keep {where} as long as backups from before the rotation: they belong to it.")


def _as_json(found: Rotation) -> dict[str, Any]:
    return {
        "state": found.state,
        "place": found.place,
        "students": found.students,
        "missing": found.missing,
        "classes": [
            {
                "id": one.class_id,
                "name": one.name,
                "code": one.code,
                "students": one.students,
                "new_card_used": one.signed_in,
            }
            for one in found.classes
        ],
    }
