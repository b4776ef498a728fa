"""docs/glossary.md and the code use the same words."""

from __future__ import annotations

import re
from pathlib import Path

from neuroplay.core.entities.sync_item import InboxState, ReceiptStatus
from neuroplay.infra.monitoring.metrics import VERDICTS

ROOT = Path(__file__).parents[2]
GLOSSARY = (ROOT / "docs" / "glossary.md").read_text()


def section(heading: str) -> str:
    return GLOSSARY.partition(f"## {heading}\n")[2].partition("\n## ")[0]


def codes(text: str) -> set[str]:
    return set(re.findall(r"^\| `(\w+)` \|", text, re.MULTILINE))


def words() -> list[str]:
    """Each word that a row defines; `seed, course` are two."""
    rows = re.findall(r"^\| \*\*(.+?)\*\* \|", GLOSSARY, re.MULTILINE)
    return [word for row in rows for word in row.split(", ")]


def code() -> str:
    files = (
        path
        for folder in ("neuroplay", "cli", "loadprofiles", "pwa/src")
        for path in (ROOT / folder).rglob("*")
        if path.suffix in {".py", ".ts", ".tsx"} and "pwa_dist" not in path.parts
    )
    return "\n".join(path.read_text() for path in files).lower()


def test_the_states_are_those_of_the_inbox() -> None:
    assert codes(section("States of an inbox item")) == {state.value for state in InboxState}


def test_the_receipts_are_those_of_a_sync() -> None:
    (row,) = re.findall(r"^\| \*\*receipt\*\* \| (.+) \|$", GLOSSARY, re.MULTILINE)
    assert set(re.findall("`(.+?)`", row)) == {status.value for status in ReceiptStatus}


def test_the_verdicts_are_those_of_a_verification_and_an_adult() -> None:
    assert codes(section("Verdicts on a session")) == {*VERDICTS, "approved"}


def test_no_word_is_defined_twice() -> None:
    assert len(words()) == len(set(words()))


def test_every_word_is_used_by_the_code() -> None:
    text = code()
    joint = "[ _-]?"  # "inbox item" is also inbox_item and InboxItem
    unused = [
        word
        for word in words()
        if not re.search(joint.join(re.split("[ -]", word.lower().removesuffix(" of a run"))), text)
    ]
    assert not unused
