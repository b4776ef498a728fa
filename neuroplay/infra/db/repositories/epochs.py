"""The database's epoch, for readers. infra.db.coverage writes it."""

from __future__ import annotations

from neuroplay.core.entities.epoch import Epoch
from neuroplay.infra.db.statements import Statement
from neuroplay.infra.db.transaction import Transaction

_CURRENT = Statement("SELECT epoch_id, safe_before FROM epoch")


class SqlEpochRepository:
    def __init__(self, db: Transaction) -> None:
        self._db = db

    def current(self) -> Epoch:
        row = self._db.one(_CURRENT)
        return Epoch(epoch_id=row.epoch_id, safe_before=row.safe_before)
