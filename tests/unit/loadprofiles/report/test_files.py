from __future__ import annotations

import csv
import json
from pathlib import Path

from loadprofiles.report.files import write
from tests.unit.loadprofiles.documents import a_document


def test_the_files_tell_the_same_run(tmp_path: Path) -> None:
    document = a_document(host="http://schüler.example")
    write(tmp_path / "new" / "folder", document)
    folder = tmp_path / "new" / "folder"
    assert sorted(file.name for file in folder.iterdir()) == [
        "endpoints.csv",
        "report.html",
        "result.json",
        "timeline.csv",
    ]
    assert json.loads((folder / "result.json").read_text("utf-8")) == document
    assert "schüler.example" in (folder / "report.html").read_text("utf-8")
    for name, rows in (("timeline", document["timeline"]), ("endpoints", document["endpoints"])):
        with (folder / f"{name}.csv").open(newline="", encoding="utf-8") as file:
            read = list(csv.DictReader(file))
        told = [{k: "" if v is None else str(v) for k, v in row.items()} for row in rows]
        assert read == told


def test_a_run_without_rows_is_written_too(tmp_path: Path) -> None:
    write(tmp_path, a_document(timeline=[], endpoints=[]))
    assert (tmp_path / "timeline.csv").read_text() == ""
