"""The files of a run."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from loadprofiles.report.page import page
from loadprofiles.report.words import threshold_rows


def write(folder: Path, document: Mapping[str, Any]) -> None:
    """Write result.json, report.html, timeline.csv and endpoints.csv. Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    _write(folder / "result.json", json.dumps(document, indent=2) + "\n")
    report = page(document, threshold_rows(document))
    _write(folder / "report.html", report)
    for name, rows in (
        ("timeline.csv", document["timeline"]),
        ("endpoints.csv", document["endpoints"]),
    ):
        lines = io.StringIO()
        if rows:
            writer = csv.DictWriter(lines, fieldnames=list(rows[0]), lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
        _write(folder / name, lines.getvalue())


def _write(file: Path, text: str) -> None:
    """Write a file completely or not at all."""
    half = file.with_name(f".{file.name}.part")
    try:
        half.write_text(text, encoding="utf-8", newline="")
        half.replace(file)
    finally:
        half.unlink(missing_ok=True)
