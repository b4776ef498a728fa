"""The data map of docs/privacy.md: what stands between the two marks is made from the database's
own comments. `make privacy` writes it, and a test compares it."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from pathlib import Path

from neuroplay.infra.db.data_map import MappedColumn, MappedTable

PAGE = Path(__file__).parents[1] / "docs" / "privacy.md"

BEGIN = "<!-- Made by `make privacy` from the comments in the database. -->"
WIDTH = 118

END = "<!-- End of what `make privacy` makes. -->"


def renewed(page: str, tables: Sequence[MappedTable]) -> str:
    """The page with this data map. Raises ValueError if it has not the two marks."""
    before, _, rest = page.partition(BEGIN)
    _, mark, after = rest.partition(END)
    if not mark:
        raise ValueError(f"{PAGE} needs the lines {BEGIN!r} and {END!r}")
    return f"{before}{BEGIN}\n\n{written(tables)}\n{mark}{after}"


def written(tables: Sequence[MappedTable]) -> str:
    return "\n".join(line for table in tables for line in _of_table(table))


def _of_table(table: MappedTable) -> list[str]:
    purpose = table.purpose
    said = f"{purpose.what}. About: {purpose.about}. Why: {purpose.why}. **Kept:** {purpose.kept}."
    return [
        f"### `{table.name}`",
        "",
        *textwrap.wrap(said, WIDTH),
        "",
        "| column | what | why |",
        "|---|---|---|",
        *map(_of_column, table.columns),
        "",
    ]


def _of_column(column: MappedColumn) -> str:
    own = column.own
    what = own.what
    if own.about:
        what += f"; about {own.about}"
    if own.kept:
        what += f"; kept {own.kept}"
    return f"| `{column.name}` | {_cell(what)} | {_cell(own.why)} |"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
