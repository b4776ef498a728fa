"""Rosters of an adult's classes: preview, import, list and undo imports."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from neuroplay.core.entities.adult import AdultPrincipal
from neuroplay.core.entities.roster import (
    RosterImport,
    RosterOptions,
    RosterPreview,
    RosterSource,
)
from neuroplay.core.interfaces.services import Clock
from neuroplay.core.interfaces.unit_of_work import ReadingFactory
from neuroplay.core.rules.class_words import LARGEST_ID
from neuroplay.core.rules.retention import UNDO_DAYS
from neuroplay.core.use_cases.adult_reach import NOBODY, open_own_class, own_class
from neuroplay.core.use_cases.apply_roster import AppliedRoster, ApplyRoster
from neuroplay.core.use_cases.preview_roster import PreviewRoster
from neuroplay.core.use_cases.undo_import import ListImports, UndoImport, UndoneImport


@dataclass(frozen=True, kw_only=True, slots=True)
class OwnImports:
    """The imports of a class at a time, newest first, and whether each can still be undone."""

    at: datetime
    imports: Sequence[tuple[RosterImport, bool]]


class OwnRosters:
    """Imports rosters into an adult's classes, each into one class, and undoes that."""

    def __init__(
        self,
        *,
        uow: ReadingFactory,
        clock: Clock,
        preview_roster: PreviewRoster,
        apply_roster: ApplyRoster,
        list_imports: ListImports,
        undo_import: UndoImport,
    ) -> None:
        self._uow = uow
        self._clock = clock
        self._preview = preview_roster
        self._apply = apply_roster
        self._list = list_imports
        self._undo = undo_import

    def preview(
        self, adult: AdultPrincipal, class_id: int, source: RosterSource, options: RosterOptions
    ) -> RosterPreview:
        """Raises NotFound, Refused(code="archived_class"), and as PreviewRoster."""
        with self._uow() as uow:
            open_own_class(uow, adult, class_id)
        return self._preview.execute(f"id:{class_id}", source, options=options)

    def apply(
        self,
        adult: AdultPrincipal,
        class_id: int,
        source: RosterSource,
        options: RosterOptions,
        *,
        preview_id: str,
        gone_to: int | None,
    ) -> AppliedRoster:
        """`gone_to` is another of the adult's classes. Raises NotFound,
        Refused(code="archived_class"), and as ApplyRoster."""
        with self._uow() as uow:
            open_own_class(uow, adult, class_id)
            if gone_to is not None:
                open_own_class(uow, adult, gone_to)
        return self._apply.execute(
            f"id:{class_id}",
            source,
            options=options,
            preview_id=preview_id,
            gone_to=None if gone_to is None else f"id:{gone_to}",
            who=adult.who,
        )

    def imports(self, adult: AdultPrincipal, class_id: int) -> OwnImports:
        """Those that concern no class of others. Raises NotFound."""
        now = self._clock()
        with self._uow() as uow:
            own_class(uow, adult, class_id)
        found = [
            one
            for one in self._list.execute(f"id:{class_id}")
            if all(adult.sees(each) for each in one.class_ids)
        ]
        since = now - timedelta(days=UNDO_DAYS)
        return OwnImports(
            at=now, imports=[(one, one.undone_at is None and one.at >= since) for one in found]
        )

    def undo(self, adult: AdultPrincipal, import_id: int) -> UndoneImport:
        """Raises NotFound, also for an import that concerns a class of others, and as
        UndoImport."""
        with self._uow() as uow:
            found = uow.rosters.get(import_id) if 0 < import_id <= LARGEST_ID else None
            if found is None or not all(adult.sees(each) for each in found.class_ids):
                own_class(uow, adult, NOBODY)
        done = self._undo.execute(import_id, who=adult.who)
        with self._uow() as uow:
            students = {one.student_id: uow.students.get(one.student_id) for one in done.left}
        # A child who is in a class of others by now is not named.
        left = [
            one
            for one in done.left
            if (known := students[one.student_id]) and adult.sees(known.class_id)
        ]
        return replace(done, left=left)
