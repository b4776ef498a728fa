"""`neuroplay class report`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cli.commands.class_life import class_json
from cli.files.pdf import find_browser, printed
from cli.files.written import file_name, write_private
from cli.output.terminal import Json, answer, counted
from cli.paper.report import report_html
from cli.parsing.acting import Acting
from cli.parsing.languages import Language, known_language
from cli.parsing.references import ClassRef
from cli.server.reach import system
from neuroplay.core.entities.actor import Operator
from neuroplay.core.use_cases.report_class import MOST_WEEKS


def report(
    class_ref: ClassRef,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="FILE", help="Output file. Default: report-NAME.html."),
    ] = None,
    pdf: Annotated[
        Path | None,
        typer.Option("--pdf", metavar="FILE", help="Also write it as PDF; needs Chromium."),
    ] = None,
    weeks: Annotated[
        int, typer.Option("--weeks", min=1, max=MOST_WEEKS, help="How many weeks, up to today.")
    ] = 4,
    language: Language = "pt-BR",
    who: Acting = "",
    as_json: Json = False,
) -> None:
    """Write what the children of a class practised, as a page to print.

    Each child starts on a new page, in the order of the class list: minutes by day, and level and
    right answers by game, with how fresh the figures are. The file needs nothing from elsewhere,
    and only you can read it. Games that are held or that no tablet has sent yet are not in it.

    Example:
        neuroplay class report 3A
        neuroplay class report 3A --weeks 8 --language es --out /tmp/3A.html --pdf /tmp/3A.pdf
    """
    words = known_language(language)
    with system() as container:
        browser = None if pdf is None else find_browser(container.settings.chromium)
        found = container.report_class.execute(class_ref, weeks=weeks, by=Operator(who))
    one = found.school_class
    target = out or Path(f"report-{file_name(one.name)}.html")
    document = report_html(found, language=words).encode()
    write_private(target, document)
    if pdf is not None and browser is not None:
        write_private(pdf, printed(document, browser))
    files = str(target) if pdf is None else f"{target} and {pdf}"
    answer(
        {
            **class_json(one),
            "file": str(target),
            "pdf": None if pdf is None else str(pdf),
            "first": found.first,
            "last": found.last,
            "students": len(found.children),
            "games": found.rounds,
        },
        f"Wrote the report of {counted(len(found.children), 'student')} and "
        f"{counted(found.rounds, 'game')} to {files}.",
        as_json=as_json,
    )
