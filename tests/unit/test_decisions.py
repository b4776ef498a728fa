"""docs/adr/: every decision has one form, fits on one page, and no number is missing."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

DECISIONS = sorted((Path(__file__).parents[2] / "docs" / "adr").glob("*.md"))

FORM = re.compile(
    r"# (?P<number>\d+)\. [^\n]+\n\n"
    r"Date: \d{4}-\d\d-\d\d\. Status: (?:proposed|accepted|rejected|superseded)\b[^#]*?\n\n"
    r"## Context\n\n.+\n\n## Decision\n\n.+\n\n## Consequences\n\n.+\n",
    re.DOTALL,
)


@pytest.mark.parametrize("decision", DECISIONS, ids=lambda path: path.stem)
def test_a_decision_has_a_title_a_date_a_status_and_three_parts(decision: Path) -> None:
    form = FORM.fullmatch(decision.read_text())
    assert form, f"{decision.name}: write it in the form of 0001-one-distribution.md"
    assert decision.name.startswith(f"{int(form['number']):04}-")
    assert decision.read_text().count("\n## ") == 3


@pytest.mark.parametrize("decision", DECISIONS, ids=lambda path: path.stem)
def test_a_decision_fits_on_a_page(decision: Path) -> None:
    lines = decision.read_text().splitlines()
    assert len(lines) <= 40, f"{decision.name}: move measurements to benchmarks/results/"
    assert max(map(len, lines)) <= 130


def test_no_number_is_missing_or_taken_twice() -> None:
    numbers = [int(path.name[:4]) for path in DECISIONS]
    assert numbers == list(range(1, len(numbers) + 1))
