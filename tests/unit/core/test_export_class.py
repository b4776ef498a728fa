from __future__ import annotations

import csv
import io
import json
import zipfile
from datetime import timedelta
from typing import Any

import pytest

from neuroplay.class_export import class_export_zip
from neuroplay.core.entities.retention import Cutoff, Cutoffs
from neuroplay.core.errors import NotFound
from neuroplay.core.use_cases.archive_class import ArchiveClass
from neuroplay.core.use_cases.export_class import ClassExport, ExportClass
from neuroplay.core.use_cases.opening_balance import fold
from neuroplay.core.use_cases.student_life import RenameStudent
from tests.fakes.services import NOON
from tests.unit.core.samples import School, record

TOMORROW = NOON + timedelta(days=1)


def played_school() -> School:
    """Ana has played twice on one day, and once on the next; one more is held."""
    school = School()
    day = timedelta(days=1)
    school.send(
        record(0, ended=NOON - 2 * day),
        record(1, ended=NOON - 2 * day + timedelta(minutes=30), duration=60),
        record(2, ended=NOON - day),
        record(3, duration=3000, ended=NOON),
    )
    school.drain()
    return school


def exported(school: School, ref: str = "3A") -> ClassExport:
    return ExportClass(uow=school.store, clock=school.clock).execute(ref)


def opened(found: ClassExport) -> dict[str, Any]:
    with zipfile.ZipFile(io.BytesIO(class_export_zip(found))) as archive:
        texts = {name: archive.read(name).decode("utf-8-sig") for name in archive.namelist()}
    return {
        name: json.loads(text)
        if name.endswith(".json")
        else list(csv.DictReader(io.StringIO(text, newline="")))
        for name, text in texts.items()
    }


def test_a_class_is_exported_with_its_children_games_and_days() -> None:
    files = opened(exported(played_school()))
    ana, bia = files["children.csv"]
    assert (ana["nickname"], ana["games"], ana["days"]) == ("Ana", "3", "2")
    assert (bia["nickname"], bia["games"], bia["xp"]) == ("Bia", "0", "0")
    assert [one["ended_at"][:10] for one in files["sessions.csv"]] == [
        "2026-11-23",
        "2026-11-23",
        "2026-11-24",
    ]
    assert [(one["day"], one["games"], one["minutes"]) for one in files["days.csv"]] == [
        ("2026-11-23", "2", "3.0"),
        ("2026-11-24", "1", "2.0"),
    ]
    document = files["class.json"]
    assert document["class"]["name"] == "3A"
    assert [len(one["sessions"]) for one in document["students"]] == [3, 0]
    assert document["students"][0]["sessions"][0]["score"] == 300


def test_days_whose_games_are_folded_are_there_without_a_number() -> None:
    school = played_school()
    cutoffs = Cutoffs(usual=Cutoff(raw=TOMORROW, sessions=NOON - timedelta(hours=30)))
    with school.store() as uow:
        uow.retention.settle([school.ana], cutoffs, limit=9)
        old = uow.retention.foldable([school.ana], cutoffs, limit=9)
        ids = [one.session.session_id for one in old]
        uow.retention.fold(fold(old), ids)  # type: ignore[arg-type]
        uow.commit()
    files = opened(exported(school))
    assert [(one["day"], one["games"], one["minutes"]) for one in files["days.csv"]] == [
        ("2026-11-23", "", ""),
        ("2026-11-24", "1", "2.0"),
    ]
    assert files["children.csv"][0]["games"] == "3"
    (folded,) = files["class.json"]["students"][0]["folded"]
    assert (folded["game_type"], folded["plays"]) == ("cyber_runner", 2)


def test_a_nickname_that_is_a_formula_is_text() -> None:
    school = played_school()
    rename = RenameStudent(uow=school.store, clock=school.clock)
    rename.execute(school.ana, nickname="=1+2")
    files = opened(exported(school))
    for name in ("children.csv", "sessions.csv", "days.csv"):
        assert files[name][0]["nickname"] == "'=1+2"
    assert files["class.json"]["students"][0]["nickname"] == "=1+2"


def test_an_archived_class_is_exported_and_one_that_is_not_there_is_not() -> None:
    school = played_school()
    ArchiveClass(uow=school.store, clock=school.clock).execute("3A", True)
    document = opened(exported(school))["class.json"]
    assert document["class"]["archived_at"] == document["exported_at"]
    with pytest.raises(NotFound):
        exported(school, "9Z")
