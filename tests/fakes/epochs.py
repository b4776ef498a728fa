"""Fake of the epoch."""

from __future__ import annotations

from neuroplay.core.entities.epoch import Epoch
from tests.fakes.tables import Tables


class FakeEpochs:
    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def current(self) -> Epoch:
        (epoch,) = self._tables.epoch
        return epoch
