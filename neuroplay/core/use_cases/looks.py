"""Note in the audit who looked at a child or at cards."""

from __future__ import annotations

from datetime import datetime, timedelta

from neuroplay.core.entities.actor import Actor
from neuroplay.core.interfaces.unit_of_work import UnitOfWork

A_LOOK = timedelta(hours=12)
"""Somebody who looks again within this time is in the audit once: a page asks every few seconds."""


def note_look(uow: UnitOfWork, by: Actor, what: str, target: str, now: datetime) -> None:
    """Note the look, and commit. For the end of a unit of work that has only read."""
    if uow.audit.look(who=by.who, what=what, target=target, now=now, within=A_LOOK):
        uow.commit()
