"""`neuroplay class`: classes, rosters and cards."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.commands import class_life, class_report, rosters
from cli.commands.class_life import class_json
from cli.files.written import file_name, write_private
from cli.output.clashes import clash_note
from cli.output.errors import CommandError, usage_error
from cli.output.terminal import (
    Json,
    Yes,
    answer,
    confirm,
    counted,
    flex,
    listing,
    note,
    pairs,
    plain,
    print_json,
    progress,
    right,
    say,
    table,
)
from cli.paper.cards import cards_of, fives
from cli.paper.sheet import sheet_html
from cli.parsing.acting import Acting
from cli.parsing.languages import Language, known_language
from cli.parsing.lazy import App
from cli.parsing.references import ClassRef, student_id, student_word
from cli.server.reach import people_url, system
from neuroplay.core.entities.actor import Operator

if TYPE_CHECKING:
    from neuroplay.bootstrap import Container
    from neuroplay.core.entities.student import SchoolClass
    from neuroplay.core.use_cases.cards import CreatedClass
    from neuroplay.core.use_cases.find_people import FoundClass

app = App(help="Create and import classes, print cards.")


@app.command()
def create(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Name of the class, such as 3A.")],
    students: Annotated[
        int | None,
        typer.Option(
            "--students", min=1, max=200, help="Number of students, with generated nicknames."
        ),
    ] = None,
    names: Annotated[
        str | None,
        typer.Option("--names", help="Nicknames, separated by commas, instead of --students."),
    ] = None,
    language: Language = "pt-BR",
    who: Acting = "",
    as_json: Json = False,
) -> None:
    """Create a class with students and show their cards.

    Use nicknames, not full names.

    Example:
        neuroplay class create 3A --students 30
        neuroplay class create 3B --names "Ana, Bruno, Caio" --json
    """
    if (students is None) == (names is None):
        raise usage_error("give either --students N or --names A,B,C")
    children: int | list[str] = (
        students
        if students is not None
        else [part.strip() for part in (names or "").split(",") if part.strip()]
    )
    if children == []:
        raise usage_error("--names contains no name")
    with system() as container:
        made = container.create_class.execute(
            name, children, language=known_language(language), by=Operator(who)
        )
        _warn_of_clashes(container, made)
    _show_made(made, as_json)


@app.command("list")
def list_classes(
    archived: Annotated[
        bool, typer.Option("--archived", help="List archived classes instead.")
    ] = False,
    as_json: Json = False,
) -> None:
    """List the classes that are not archived.

    Example:
        neuroplay class list
        neuroplay class list --archived
    """
    with system() as container:
        rows = [
            {
                "id": one.class_id,
                "name": one.name,
                "code": one.code,
                "students": count,
                "leaderboard": one.leaderboard_enabled,
                "day_minutes": one.day_minutes,
                "archived_at": one.archived_at,
                **_retention_json(one),
            }
            for one, count in container.list_classes.execute(archived=archived)
        ]
    listing(
        "classes",
        rows,
        [
            (right("ID"), "id"),
            (flex("NAME"), "name"),
            ("CODE", "code"),
            (right("STUDENTS"), "students"),
            ("LEADERBOARD", lambda row: "on" if row["leaderboard"] else "off"),
            (right("MIN/DAY"), "day_minutes"),
        ],
        empty="No class is archived."
        if archived
        else "No classes yet. Create one: neuroplay class create 3A --students 30",
        as_json=as_json,
    )


@app.command("set")
def set_class(
    class_ref: ClassRef,
    day_minutes: Annotated[
        int | None,
        typer.Option(
            "--day-minutes", min=5, max=240, help="Minutes of play on a day, then Neo is sleepy."
        ),
    ] = None,
    board: Annotated[
        str | None,
        typer.Option("--board", metavar="on|off", help="Whether the class has a leaderboard."),
    ] = None,
    trace_days: Annotated[
        str | None, typer.Option("--trace-days", metavar="DAYS", help="How long traces are kept.")
    ] = None,
    raw_days: Annotated[
        str | None, typer.Option("--raw-days", metavar="DAYS", help="How long records are kept.")
    ] = None,
    keep_months: Annotated[
        str | None,
        typer.Option("--keep-months", metavar="MONTHS", help="How long games are kept one by one."),
    ] = None,
    who: Acting = "",
    as_json: Json = False,
) -> None:
    """Set a class's minutes a day, its leaderboard, and how long games are kept.

    After so many minutes of play on one tablet and day, the app says after a round that Neo is
    sleepy and suggests to stop. It never locks. A new class has 30 minutes. Tablets learn a change
    when they next read a child's progress.

    DAYS and MONTHS may also be `never` (they are kept until a child is erased) or `usual` (as the
    settings say). A shorter time removes games within hours, and a longer one brings none back.

    Example:
        neuroplay class set 3A --day-minutes 45
        neuroplay class set 3A --board off
        neuroplay class set 3A --raw-days 30 --keep-months 12
    """
    texts = {"trace_days": trace_days, "raw_days": raw_days, "keep_months": keep_months}
    kept = {name: _kept(name, text) for name, text in texts.items() if text is not None}
    if day_minutes is None and board is None and not kept:
        raise usage_error(
            "say what to set: --day-minutes, --board, --trace-days, --raw-days, --keep-months"
        )
    if board not in (None, "on", "off"):
        raise usage_error(f"--board: {board!r} is not on or off")
    changes: dict[str, Any] = {**kept}
    if board is not None:
        changes["leaderboard_enabled"] = board == "on"
    if day_minutes is not None:
        changes["day_minutes"] = day_minutes
    with system() as container:
        one = container.change_class.execute(class_ref, changes, by=Operator(who))
    said = [f"plays {counted(one.day_minutes, 'minute')} a day"] if day_minutes is not None else []
    if board is not None:
        said.append("has a leaderboard" if one.leaderboard_enabled else "has no leaderboard")
    said += [_says(name, value) for name, value in kept.items()]
    answer(
        {
            **class_json(one),
            "day_minutes": one.day_minutes,
            "leaderboard": one.leaderboard_enabled,
            **_retention_json(one),
        },
        f"Class {plain(one.name)} {', '.join(said)}.",
        as_json=as_json,
    )


KEPT = {"trace_days": ("traces", "day"), "raw_days": ("records", "day")}


def _kept(name: str, text: str) -> int | None:
    """The number of an option; 0 for `never`, None for `usual`."""
    known = {"never": 0, "usual": None}
    if text in known:
        return known[text]
    if not text.isdecimal() or int(text) == 0:
        option = "--" + name.replace("_", "-")
        raise usage_error(f"{option}: {text!r} is not a number from 1, never or usual")
    return int(text)


def _says(name: str, value: int | None) -> str:
    what, unit = KEPT.get(name, ("games", "month"))
    if value is None:
        return f"keeps {what} as long as usual"
    return f"keeps {what} for {counted(value, unit)}" if value else f"keeps {what} for ever"


def _retention_json(one: SchoolClass) -> dict[str, int | None]:
    return {
        "trace_days": one.trace_days,
        "raw_days": one.raw_days,
        "keep_months": one.keep_months,
    }


@app.command()
def cards(
    class_ref: ClassRef,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="FILE", help="Output file. Default: cards-NAME.html."),
    ] = None,
    students: Annotated[
        list[str] | None,
        typer.Option(
            "--student", metavar="ID", parser=student_word, help="Only this student; repeatable."
        ),
    ] = None,
    language: Language = "pt-BR",
    who: Acting = "",
    as_json: Json = False,
) -> None:
    """Write a class's cards as a page to print.

    A4, ten cards per page. The QR code opens the app and signs the child in, at
    NEUROPLAY_PUBLIC_URL or where this home's `serve` listens. Only you can read the file: whoever
    has a card can play as that child. You can print the cards again at any time; codes do not
    change.

    Example:
        neuroplay class cards 3A
        neuroplay class cards 3A --out /tmp/3A.html --language en
        neuroplay class cards 3A --student 12 --student 14
    """
    words = known_language(language)
    with system() as container:
        found = container.class_cards.execute(
            class_ref,
            students=None if students is None else [*map(student_id, students)],
            by=Operator(who),
        )
        url, is_said = people_url(container.settings)
    sheet = cards_of(found)
    if not sheet:
        raise CommandError(f"class {found.school_class.name} has no students")
    target = out or Path(f"cards-{file_name(found.school_class.name)}.html")
    document = sheet_html(found.school_class.name, sheet, public_url=url, language=words)
    write_private(target, document.encode())
    _warn_of_address(url, is_said=is_said)
    answer(
        {
            **class_json(found.school_class),
            "file": str(target),
            "url": url,
            "cards": [
                {
                    "id": card.student_id,
                    "nickname": card.nickname,
                    "avatar": card.avatar,
                    "card_code": card.card_code,
                    "link": card.link(url),
                }
                for card in sheet
            ],
        },
        f"Wrote {counted(len(sheet), 'card')} to {target}. Open it in a browser and print it.",
        as_json=as_json,
    )


@app.command()
def erase(class_ref: ClassRef, who: Acting = "", yes: Yes = False, as_json: Json = False) -> None:
    """Erase a class and all its students permanently.

    Asks for confirmation. Each student is erased as by `student erase`. An interrupted erasure can
    be repeated. A name that could mean two classes is refused even with --yes, and so is a bare
    id: write id:5.

    Example:
        neuroplay class erase 3A
        neuroplay class erase id:5 --yes
    """
    with system() as container:
        found = container.find_class.execute(class_ref)
        school_class = found.school_class
        name, count = plain(school_class.name), len(found.students)
        confirm(_what_goes(found), yes=yes)
        with progress(f"Erasing class {name}", total=count) as step:
            removed = dict(
                container.erase_class.execute(
                    f"id:{school_class.class_id}", by=Operator(who), progress=step
                )
            )
    if as_json:
        print_json({**class_json(school_class), "students": count, "removed": removed})
    else:
        say(f"Erased class {name} with its {counted(count, 'student')}.")
        pairs(removed.items())


def _what_goes(found: FoundClass) -> str:
    one = found.school_class
    waiting = f" and {found.waiting} uncounted" if found.waiting else ""
    return (
        f"Permanently erase class {plain(one.name)} (id:{one.class_id}, code {one.code}) with its "
        f"{counted(len(found.students), 'student')} and {counted(found.games, 'game')}{waiting}?"
    )


def _show_made(made: CreatedClass, as_json: bool) -> None:
    if as_json:
        print_json(
            {
                **class_json(made.school_class),
                "students": [
                    {
                        "id": one.student.student_id,
                        "nickname": one.student.nickname,
                        "card_code": one.card_code,
                    }
                    for one in made.students
                ],
            }
        )
        return
    school_class = made.school_class
    say(f"Class {school_class.name} (id {school_class.class_id}), class code {school_class.code}")
    table(
        [right("ID"), flex("NICKNAME"), "AVATAR", "CARD CODE"],
        [
            (card.student_id, card.nickname, card.avatar, fives(card.card_code))
            for card in cards_of(made)
        ],
    )
    note(f"Print the cards: neuroplay class cards {school_class.code}")


def _warn_of_clashes(container: Container, made: CreatedClass) -> None:
    if warning := clash_note(container, made.school_class):
        note(warning)


def _warn_of_address(url: str, *, is_said: bool) -> None:
    from neuroplay.addresses import is_loopback

    if not is_said:
        note(f"NeuroPlay is not running, so the cards use {url} from the settings.")
    if is_loopback(url):
        note(
            f"The cards open {url}, which only works on this machine. For tablets, set "
            "NEUROPLAY_PUBLIC_URL and print the cards again."
        )


app.command("import")(rosters.import_roster)
app.command("update")(rosters.update)
app.command("imports")(rosters.list_imports)
app.command("undo-import")(rosters.undo_import)
app.command("rename")(class_life.rename)
app.command("archive")(class_life.archive)
app.command("export")(class_life.export)
app.command("report")(class_report.report)
