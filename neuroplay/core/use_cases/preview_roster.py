"""Show what importing a roster would do."""

from __future__ import annotations

from neuroplay.core.entities.actor import OPERATOR, Actor
from neuroplay.core.entities.roster import RosterOptions, RosterPreview, RosterSource
from neuroplay.core.interfaces.services import Secrets
from neuroplay.core.interfaces.unit_of_work import ReadingFactory
from neuroplay.core.rules.read_roster import read_roster
from neuroplay.core.use_cases.plan_roster import plan_import


class PreviewRoster:
    """Shows what each line of a roster becomes, and who is gone. Changes nothing."""

    def __init__(self, *, uow: ReadingFactory, secrets: Secrets) -> None:
        self._uow = uow
        self._secrets = secrets

    def execute(
        self,
        class_ref: str | None,
        source: RosterSource,
        *,
        options: RosterOptions | None = None,
        by: Actor = OPERATOR,
    ) -> RosterPreview:
        """`class_ref` is the class to update, as in see_class; an operator may leave it out for the
        classes that the roster names, which are created if there are none of their names.

        Raises NotARoster, RosterRefused (only if the encoding is unclear: bad lines are in the
        preview), NotFound, and Refused with `ambiguous_class`, `class_archived` or
        `bad_class_name`.
        """
        options = options or RosterOptions()
        reading = read_roster(source, options, by=by)
        with self._uow() as uow:
            return plan_import(uow, reading, class_ref, source, options, self._secrets, by).preview
