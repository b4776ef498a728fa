from __future__ import annotations

from pathlib import Path

import pytest

from neuroplay.config import Settings
from neuroplay.setting import Setting

DOCS = Path(__file__).parents[3] / "docs" / "settings.md"


def rows() -> dict[str, tuple[str, str]]:
    """Variable -> (default, meaning), as the document's table says."""
    cells = (
        line.strip("| \n").split(" | ")
        for line in DOCS.read_text().splitlines()
        if line.startswith("| `")
    )
    return {
        name.strip().strip("`"): (default.strip(), meaning.strip())
        for name, default, meaning in cells
    }


def expected_default(field: Setting) -> str:
    """How a default stands in the document; a computed one is told in the meaning."""
    if field.default is None and field.variable == "NEUROPLAY_HOME":
        return "see right"
    if field.default in ("", None, ()):
        return "unset"
    return f"`{field.default}`"


@pytest.mark.parametrize("name", Settings.table())
def test_every_setting_is_documented_with_its_default_and_its_meaning(name):
    field = Settings.table()[name]
    row = rows().get(Settings.variable(name))

    wanted = (expected_default(field), field.description)
    assert row == wanted, f"docs/settings.md needs: | `{Settings.variable(name)}` | " + " | ".join(
        wanted
    )


def test_no_setting_is_documented_that_does_not_exist():
    assert set(rows()) == {Settings.variable(name) for name in Settings.table()}
