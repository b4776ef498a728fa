from __future__ import annotations

import csv
import io

from hypothesis import given
from hypothesis import strategies as st

from neuroplay.core.rules.csv_cells import csv_text


def read(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), strict=True))


def test_what_would_be_a_formula_is_text_and_a_negative_number_is_a_number() -> None:
    rows = [["=1+1", "+55", "-2", "@SUM(A1)", "\t=1", " =1", "Ana", -2, None]]
    (found,) = read(csv_text(rows))
    assert found == ["'=1+1", "'+55", "'-2", "'@SUM(A1)", "'\t=1", "' =1", "Ana", "-2", ""]


def test_excel_is_told_that_it_is_utf_8() -> None:
    assert csv_text([["João"]]) == "\ufeffJoão\r\n"


@given(
    st.lists(st.lists(st.text(st.characters(exclude_categories=["Cs"])), min_size=2), min_size=1)
)
def test_no_cell_ever_begins_a_formula_and_nothing_else_is_changed(rows: list[list[str]]) -> None:
    found = read(csv_text(rows))
    assert len(found) == len(rows)
    for cells, written in zip(rows, found, strict=True):
        for cell, shown in zip(cells, written, strict=True):
            assert shown in (cell, f"'{cell}")
            assert not shown.strip().startswith(("=", "+", "-", "@"))
