"""`neuroplay sync export --format xapi`: counted games as xAPI statements."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path

import typer

from cli.files.written import private_lines
from cli.output.errors import usage_error
from cli.output.terminal import counted, encode_json, note, progress
from cli.parsing.inbox_options import Which
from cli.server.reach import people_url, system
from neuroplay.core.entities.actor import Operator


def export(which: Which, out: Path | None, *, by: Operator, as_json: bool) -> None:
    """Write a statement a line. Mismatches are left out unless they are asked for."""
    from neuroplay.core.entities.figures import RoundFilter
    from neuroplay.core.entities.verification import Verdict
    from neuroplay.xapi import statement

    if as_json or which.state or which.error or which.device:
        raise usage_error(
            "--format xapi has no --state, --error, --device or --json: it is of games that counted"
        )
    with system() as container, progress("Reading") as step:
        chosen = which.resolve(container)
        container.note_export.execute(
            "statements exported", student_id=chosen.student_id, class_id=chosen.class_id, by=by
        )
        home_page, is_sure = people_url(container.settings)
        verdicts = set(Verdict) - {Verdict.MISMATCH}
        rounds = container.export_rounds.execute(
            RoundFilter(
                since=chosen.since,
                until=chosen.until,
                played_since=chosen.played_since,
                verdicts=frozenset({chosen.verdict} if chosen.verdict else verdicts),
            ),
            class_id=chosen.class_id,
            student_id=chosen.student_id,
        )
        count = 0
        with private_lines(out) if out is not None else nullcontext(typer.echo) as write:
            for some in rounds:
                for one in some:
                    write(encode_json(statement(one, home_page), indent=None))
                count += len(some)
                step(text=f"Reading: {counted(count, 'game')}")
    if not is_sure:
        note(f"The statements name {home_page}. Set NEUROPLAY_PUBLIC_URL, so that it stays so.")
    if out is not None:
        note(f"{counted(count, 'statement')} in {out}")
