"""Read who did what to whom."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from neuroplay.core.entities.sync_item import AuditRecord
from neuroplay.core.interfaces.unit_of_work import ReadingFactory
from neuroplay.core.use_cases.find_people import find_class

MOST_LISTED = 1_000


class ReadAudit:
    """Lists entries of the audit, newest first."""

    def __init__(self, *, uow: ReadingFactory) -> None:
        self._uow = uow

    def execute(
        self,
        *,
        class_ref: str | None = None,
        student_id: int | None = None,
        since: datetime | None = None,
        who: str = "",
        limit: int = 50,
    ) -> Sequence[AuditRecord]:
        """At most `limit`, and MOST_LISTED. Those about a class are also those about the students
        who are in it now. `who` is a part of the name of who did it, or for whom.

        Raises NotFound, Refused(code="ambiguous_class").
        """
        targets = None if student_id is None else [f"student {student_id}"]
        with self._uow() as uow:
            if class_ref is not None:
                class_id = find_class(uow, class_ref).class_id
                members = [f"student {one.student_id}" for one in uow.students.by_class(class_id)]
                about_class = [f"class {class_id}", *members]
                targets = [one for one in about_class if targets is None or one in targets]
            return uow.audit.list(
                targets=targets, since=since, who=who.strip(), limit=min(limit, MOST_LISTED)
            )
