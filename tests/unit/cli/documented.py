"""The shapes of the JSON in docs/cli.md, to compare output with."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

DOCS = Path(__file__).parents[3] / "docs" / "cli.md"


def sections() -> dict[str, str]:
    """Command -> the text under its heading. A heading may name several commands of a group."""
    parts = re.split(r"^### (`neuroplay .+`)$", DOCS.read_text(), flags=re.MULTILINE)
    return {
        command: text.partition("\n## ")[0]
        for heading, text in zip(parts[1::2], parts[2::2], strict=True)
        for command in _named(heading)
    }


def _named(heading: str) -> list[str]:
    """`neuroplay group a X` is `group a`; after it, `b` is `group b`."""
    first, *others = (re.split(r" [A-Z\[]", words)[0] for words in re.findall("`(.+?)`", heading))
    first = first.removeprefix("neuroplay ")
    group = first.rpartition(" ")[0]
    return [first, *(f"{group} {other}" for other in others)]


def promised(command: str) -> Any:
    """The first JSON document under a command's heading."""
    found = re.search(r"```json\n(.*?)```", sections()[command], flags=re.DOTALL)
    assert found, f"docs/cli.md shows no JSON of {command}"
    return json.loads(found[1])


def shape(value: Any) -> Any:
    """Keys of objects and the shape of a list's first item; leaves do not matter."""
    if isinstance(value, dict):
        return {key: shape(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [shape(value[0])] if value else []
    return ...
