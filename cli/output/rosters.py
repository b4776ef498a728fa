"""Shows what importing a roster would do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from cli.output.terminal import Column, flex, note, plain, print_json, right, say, table
from neuroplay.documents import roster_preview_document

if TYPE_CHECKING:
    from neuroplay.core.entities.roster import PreviewLine, RosterPreview

SHOWN = 40
"""Lines that are shown before a question; --dry-run shows all."""


def anything_to_do(preview: RosterPreview) -> bool:
    """Whether children would be added or changed."""
    return bool(preview.counts["added"] or preview.counts["changed"])


def counted_lines(counts: Mapping[str, int]) -> str:
    """`2 added, 30 kept`."""
    return ", ".join(f"{count} {becomes}" for becomes, count in counts.items() if count) or "0"


def show_preview(preview: RosterPreview, *, as_json: bool) -> None:
    """Print every line to stdout."""
    if as_json:
        print_json(roster_preview_document(preview))
        return
    several = len(preview.classes) > 1
    heads: list[Column | str] = [right("LINE"), "BECOMES", flex("NICKNAME")]
    if several:
        heads.append("CLASS")
    table(
        [*heads, flex("NOTE")],
        [
            (
                line.line or "",
                str(line.becomes),
                line.nickname,
                *([line.class_name] if several else []),
                _note(line),
            )
            for line in preview.lines
        ],
    )
    say(f"{counted_lines(preview.counts)}.")
    for doubt in preview.doubts:
        note(f"{plain(doubt.message)}.")


def note_preview(preview: RosterPreview) -> None:
    """Before a question, tell on stderr what would change."""
    for doubt in preview.doubts:
        note(f"{plain(doubt.message)}.")
    lines = [line for line in preview.lines if line.becomes not in ("kept", "skipped")]
    for line in lines[:SHOWN]:
        where = f"line {line.line}" if line.line else "not in the roster"
        about = f" ({plain(_note(line))})" if _note(line) else ""
        note(f"{line.becomes}: {plain(line.nickname)}{about}, {where}")
    if len(lines) > SHOWN:
        note(f"and {len(lines) - SHOWN} more; --dry-run shows all")
    note(f"{counted_lines(preview.counts)}.")


def _note(line: PreviewLine) -> str:
    said = [
        f"was {line.was}" if line.was else "",
        f"from {line.was_class}" if line.was_class else "",
        line.message,
    ]
    return ", ".join(filter(None, said))
