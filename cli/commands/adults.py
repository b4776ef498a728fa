"""`neuroplay adult`: accounts of teachers and of the school."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.output.errors import usage_error
from cli.output.terminal import (
    Json,
    Yes,
    answer,
    confirm,
    counted,
    flex,
    is_terminal,
    listing,
    note,
    pairs,
    plain,
    print_json,
    say,
)
from cli.output.typed import as_typed
from cli.paper.link import invitation_link, qr_lines
from cli.parsing.acting import Acting
from cli.parsing.lazy import App
from cli.server.reach import people_url, system
from neuroplay.core.entities.adult import AdultRole

if TYPE_CHECKING:
    from neuroplay.bootstrap import Container
    from neuroplay.core.entities.adult import Adult
    from neuroplay.core.entities.passkey import Passkey
    from neuroplay.core.use_cases.adults import Invitation, ListedAdult

app = App(help="Invite teachers and the school; end accounts.")

NameOf = Annotated[str, typer.Argument(metavar="NAME", help="Name of the adult, or id:NUMBER.")]


def _classes(name: str, help: str) -> Any:
    return typer.Option(name, metavar="CLASS", help=help)


@app.command()
def invite(
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="Name to sign in with, such as 'Rita Machado'.")
    ],
    classes: Annotated[
        list[str] | None, _classes("--class", "A class to see; may be repeated.")
    ] = None,
    role: Annotated[
        str, typer.Option("--role", help="teacher sees the classes given, school sees all.")
    ] = AdultRole.TEACHER.value,
    who: Acting = "",
    as_json: Json = False,
) -> None:
    """Create an account, and print a link by which the adult sets a passphrase.

    The link works once, within 24 hours. Give it to nobody else: whoever opens it first gets the
    account. Case, accents and spaces of the name do not matter for signing in.

    Example:
        neuroplay adult invite "Rita Machado" --class 3A --class 3B
        neuroplay adult invite Secretaria --role school
    """
    if role not in tuple(AdultRole):
        raise usage_error(
            f"--role: unknown role {role!r}", hint=f"Choose one of: {', '.join(AdultRole)}"
        )
    with system() as container:
        made = container.invite_adult.execute(
            name, role=AdultRole(role), classes=classes or (), who=who
        )
        _show_link(container, made, as_json=as_json)


@app.command("list")
def list_adults(as_json: Json = False) -> None:
    """List all adults.

    Example:
        neuroplay adult list
    """
    with system() as container:
        found = container.list_adults.execute()
    listing(
        "adults",
        [_adult_json(one) for one in found],
        [
            (flex("NAME"), "name"),
            ("ROLE", "role"),
            (flex("CLASSES"), lambda row: ", ".join(one["name"] for one in row["classes"])),
            ("STATE", "state"),
            ("LAST USE", "last_use"),
            ("ID", "id"),
        ],
        empty=as_typed(
            "There are no adults. Invite one: neuroplay adult invite NAME --class CLASS"
        ),
        as_json=as_json,
    )


@app.command()
def show(name: NameOf, as_json: Json = False) -> None:
    """Show an adult's account, invitation, sign-ins and passkeys.

    Example:
        neuroplay adult show "Rita Machado"
    """
    with system() as container:
        found = container.list_adults.one(name)
    known = _adult_json(found)
    if as_json:
        print_json(known)
        return
    pairs(
        [
            ("adult", f"{known['name']} (id:{known['id']})"),
            ("role", known["role"]),
            (
                "classes",
                "every class"
                if found.adult.role is AdultRole.SCHOOL
                else ", ".join(one["name"] for one in known["classes"]),
            ),
            ("state", known["state"]),
            ("created", known["created_at"]),
            ("link until", known["invited_until"]),
            ("ended", known["ended_at"]),
            ("signed in", counted(len(found.sign_ins), "browser")),
            ("last use", known["last_use"]),
            *((f"passkey {one['id']}", _passkey_words(one)) for one in known["passkeys"]),
        ]
    )


@app.command("classes")
def change_classes(
    name: NameOf,
    add: Annotated[list[str] | None, _classes("--add", "A class to give; may be repeated.")] = None,
    remove: Annotated[
        list[str] | None, _classes("--remove", "A class to take away; may be repeated.")
    ] = None,
    who: Acting = "",
    as_json: Json = False,
) -> None:
    """Give a teacher classes, or take some away.

    It holds at once.

    Example:
        neuroplay adult classes "Rita Machado" --add 4A --remove 3A
    """
    if not add and not remove:
        raise usage_error("give --add CLASS or --remove CLASS")
    with system() as container:
        found = container.change_adults_classes.execute(
            name, add=add or (), remove=remove or (), who=who
        )
    own = ", ".join(plain(one.name) for one in found.classes) or "no class"
    answer(_adult_json(found), f"{plain(found.adult.name)} now sees {own}.", as_json=as_json)


@app.command()
def reset(name: NameOf, who: Acting = "", as_json: Json = False) -> None:
    """Print a new link, for an adult who forgot the passphrase or lost the link.

    It works once, within 24 hours; earlier links no longer do. When it is used, it replaces the
    passphrase, ends all sign-ins and removes all passkeys.

    Example:
        neuroplay adult reset "Rita Machado"
    """
    with system() as container:
        made = container.reset_adult.execute(name, who=who)
        _show_link(container, made, as_json=as_json)


@app.command("sign-out")
def sign_out(name: NameOf, who: Acting = "", as_json: Json = False) -> None:
    """End all sign-ins of an adult, who can sign in again at once.

    Example:
        neuroplay adult sign-out "Rita Machado"
    """
    with system() as container:
        adult, ended = container.end_adults_sign_ins.execute(name, who=who)
    answer(
        {"id": adult.adult_id, "ended": ended},
        f"Signed {plain(adult.name)} out of {counted(ended, 'browser')}.",
        as_json=as_json,
    )


@app.command("remove-passkeys")
def remove_passkeys(
    name: NameOf,
    passkey: Annotated[
        int | None,
        typer.Option("--passkey", metavar="NUMBER", help="Only this one; see `adult show`."),
    ] = None,
    who: Acting = "",
    as_json: Json = False,
) -> None:
    """Remove an adult's passkeys, such as that of a device that was lost.

    The adult can sign in with the passphrase, and add passkeys again. A browser that is signed in
    stays so: if it was lost, too, also use `adult sign-out`.

    Example:
        neuroplay adult remove-passkeys "Rita Machado" --passkey 3
    """
    with system() as container:
        adult, gone = container.remove_adults_passkeys.execute(name, passkey_id=passkey, who=who)
    answer(
        {"id": adult.adult_id, "removed": [_passkey_json(one) for one in gone]},
        f"Removed {counted(len(gone), 'passkey')} of {plain(adult.name)}.",
        as_json=as_json,
    )


@app.command()
def end(name: NameOf, who: Acting = "", yes: Yes = False, as_json: Json = False) -> None:
    """End the account of an adult who left.

    Passphrase, passkeys, sign-ins, links and classes end at once. The name stays, so that the audit
    says who decided what. A restored backup does not bring the access back.

    Example:
        neuroplay adult end "Rita Machado"
    """
    with system() as container:
        adult = container.list_adults.one(name).adult
        confirm(f"End the account of {_named(adult)}?", yes=yes)
        container.end_adult.execute(f"id:{adult.adult_id}", who=who)
    answer({"id": adult.adult_id}, f"Ended the account of {_named(adult)}.", as_json=as_json)


@app.command()
def erase(name: NameOf, who: Acting = "", yes: Yes = False, as_json: Json = False) -> None:
    """Delete all that is stored about an adult.

    The audit keeps the number only.

    Example:
        neuroplay adult erase "Rita Machado"
    """
    with system() as container:
        adult = container.list_adults.one(name).adult
        confirm(f"Permanently erase {_named(adult)}?", yes=yes)
        container.erase_adult.execute(f"id:{adult.adult_id}", who=who)
    answer({"id": adult.adult_id}, f"Erased {_named(adult)}.", as_json=as_json)


def _show_link(container: Container, made: Invitation, *, as_json: bool) -> None:
    url, is_sure = people_url(container.settings)
    link = invitation_link(url, made.token)
    adult = made.adult
    if as_json:
        print_json(
            {
                "id": adult.adult_id,
                "name": adult.name,
                "role": adult.role.value,
                "link": link,
                "expires_at": made.expires_at,
            }
        )
    else:
        say(f"Link for {_named(adult)}, once, until {plain(made.expires_at)}:")
        say(link)
        if is_terminal() and "utf" in (sys.stdout.encoding or "").lower():
            say()
            say(qr_lines(link))
    if not is_sure:
        note(f"The link begins with {url}, a guess. Set NEUROPLAY_PUBLIC_URL to the right one.")


def _adult_json(found: ListedAdult) -> dict[str, Any]:
    adult = found.adult
    return {
        "id": adult.adult_id,
        "name": adult.name,
        "role": adult.role.value,
        "state": _state(found),
        "classes": [{"id": one.class_id, "name": one.name} for one in found.classes],
        "created_at": adult.created_at,
        "invited_until": found.invited_until,
        "ended_at": adult.ended_at,
        "sign_ins": len(found.sign_ins),
        "last_use": found.sign_ins[0][1] if found.sign_ins else None,
        "passkeys": [_passkey_json(one) for one in found.passkeys],
    }


def _passkey_json(passkey: Passkey) -> dict[str, Any]:
    return {
        "id": passkey.passkey_id,
        "name": passkey.name,
        "created_at": passkey.created_at,
        "last_used": passkey.last_used,
    }


def _passkey_words(known: dict[str, Any]) -> str:
    used = f"last used {plain(known['last_used'])}" if known["last_used"] else "not used yet"
    return f"{known['name']}, added {plain(known['created_at'])}, {used}"


def _state(found: ListedAdult) -> str:
    """`ended`, `joined`, `invited`, or `late`: an invitation that nobody used in time."""
    if found.adult.ended_at is not None:
        return "ended"
    if found.adult.passphrase is not None:
        return "joined"
    return "invited" if found.invited_until else "late"


def _named(adult: Adult) -> str:
    return f"{plain(adult.name)} (id:{adult.adult_id})"
