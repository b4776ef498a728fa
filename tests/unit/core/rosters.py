"""A school whose rosters are previewed, applied and undone."""

from __future__ import annotations

from typing import Any

from neuroplay.core.entities.actor import Operator
from neuroplay.core.entities.roster import RosterOptions, RosterPreview, RosterSource
from neuroplay.core.use_cases.apply_roster import AppliedRoster, ApplyRoster
from neuroplay.core.use_cases.preview_roster import PreviewRoster
from neuroplay.core.use_cases.undo_import import UndoImport, UndoneImport
from tests.unit.core.samples import School


class RosterSchool(School):
    """3A has Ana and Bia."""

    def preview(
        self, text: str | bytes, class_ref: str | None = "3A", name: str = "3B.csv", **options: Any
    ) -> RosterPreview:
        return PreviewRoster(uow=self.store, secrets=self.secrets).execute(
            class_ref, RosterSource(name=name, content=text), options=RosterOptions(**options)
        )

    def apply(
        self,
        text: str | bytes,
        class_ref: str | None = "3A",
        name: str = "3B.csv",
        *,
        preview_id: str | None = None,
        gone_to: str | None = None,
        **options: Any,
    ) -> AppliedRoster:
        if preview_id is None:
            preview_id = self.preview(text, class_ref, name, **options).preview_id
        return ApplyRoster(uow=self.store, clock=self.clock, secrets=self.secrets).execute(
            class_ref,
            RosterSource(name=name, content=text),
            options=RosterOptions(**options),
            preview_id=preview_id,
            gone_to=gone_to,
            by=Operator("eva"),
        )

    def undo(self, import_id: int | None) -> UndoneImport:
        assert import_id is not None
        undo = UndoImport(uow=self.store, clock=self.clock, record_erasures=self.ledger)
        return undo.execute(import_id, by=Operator("eva"))

    def nicknames(self, class_name: str = "3A") -> list[str]:
        tables = self.store.tables
        ids = {one.class_id for one in tables.classes.values() if one.name == class_name}
        return [one.nickname for one in tables.students.values() if one.class_id in ids]

    def class_ref(self, class_name: str) -> str:
        (one,) = [one for one in self.store.tables.classes.values() if one.name == class_name]
        return f"id:{one.class_id}"


def becomes(preview: RosterPreview) -> list[tuple[int | None, str, str]]:
    return [(one.line, str(one.becomes), one.nickname) for one in preview.lines]
