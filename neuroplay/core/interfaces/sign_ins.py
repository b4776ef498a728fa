"""Tokens and devices in the store."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

from neuroplay.core.entities.principal import CardHolder, NewToken, StudentPrincipal, TokenRecord
from neuroplay.core.entities.student import (
    DeviceSignIn,
    HoldingDevice,
    KnownDevice,
    OutboxReport,
)
from neuroplay.core.entities.sync_item import Delivery


class TokenReading(Protocol):
    def cards(self, class_codes: Sequence[str]) -> Mapping[str, Sequence[CardHolder]]:
        """Who has a card of the classes with these codes, in order of id. Classes without cards
        have no entry."""

    def find(self, token_hash: bytes) -> TokenRecord | None: ...
    def by_id(self, token_id: UUID) -> TokenRecord | None: ...
    def sign_ins(
        self, *, device_id: UUID | None = None, student_id: int | None = None
    ) -> Sequence[DeviceSignIn]:
        """Active sign-ins, most recently used first."""


class TokenRepository(TokenReading, Protocol):
    def add(self, tokens: Sequence[NewToken]) -> None:
        """Add tokens, at least one. A student's first one sets the time of the first sign-in. If a
        holder does not exist, NotFound may be raised only by the commit."""

    def revoke(self, token_id: UUID, *, now: datetime) -> bool: ...
    def use(self, token_id: UUID) -> None:
        """Record that the token is used today, by the store's clock."""

    def revoke_device(
        self, device_id: UUID, *, student_id: int | None = None, now: datetime
    ) -> None:
        """Revoke the tokens of a device, of one student or of all."""


class DeviceReading(Protocol):
    def holding(self) -> list[HoldingDevice]:
        """Devices with unsent sessions, in order of their oldest session."""

    def of_student(self, student_id: int) -> list[KnownDevice]: ...


class DeviceRepository(DeviceReading, Protocol):
    def report(
        self, principal: StudentPrincipal, outbox: OutboxReport | None, *, now: datetime
    ) -> None:
        """Store the device's last contact and, if given, what it still holds of this student. If
        the student does not exist, NotFound may be raised only later in the unit of work, or by its
        commit."""

    def report_all(self, deliveries: Sequence[Delivery]) -> None:
        """As `report` for each of them, in order."""
