"""Import a tablet's unsent sessions from a file, for tablets that are never online."""

from __future__ import annotations

import hashlib
import hmac
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from neuroplay.core.entities.principal import StudentPrincipal
from neuroplay.core.entities.sync_item import Receipt
from neuroplay.core.errors import Refused, student_erased
from neuroplay.core.interfaces.services import Clock, NewId, Secrets
from neuroplay.core.interfaces.unit_of_work import UnitOfWorkFactory
from neuroplay.core.rules.nesting import read_json
from neuroplay.core.use_cases.accept_sync import AcceptSync

FORMAT = 1
CHUNK = 100
"""Sessions in one transaction, as many as in a sync."""


@dataclass(frozen=True, kw_only=True, slots=True)
class OutboxFile:
    """A file with a valid seal: one student's unsent sessions on a device."""

    principal: StudentPrincipal
    saved_at: str
    sessions: Sequence[object]


class ImportOutbox:
    """Imports sessions that a device saved to a file, as if it had sent them.

    The seal proves which device wrote the file, and that it was not changed since. It does not
    prove that the play was honest; the rules judge that as usual. The token may have been revoked
    meanwhile. Importing a file twice is harmless.
    """

    def __init__(
        self,
        *,
        uow: UnitOfWorkFactory,
        clock: Clock,
        new_id: NewId,
        secrets: Secrets,
        accept_sync: AcceptSync,
    ) -> None:
        self._uow = uow
        self._clock = clock
        self._new_id = new_id
        self._secrets = secrets
        self._accept_sync = accept_sync

    def open(self, document: object) -> OutboxFile:
        """Check the file. Raises Refused with `no_outbox_file`, `outbox_file_changed`,
        `unknown_token` or `student_erased`."""
        token_id, payload, seal = _parts(document)
        keys = [bytes.fromhex(one.export_key(token_id)) for one in self._secrets.accepted]
        sealed = payload.encode("utf-8", "surrogatepass")
        seals = [hmac.digest(key, sealed, hashlib.sha256).hex() for key in keys]
        if not any(hmac.compare_digest(own, seal) for own in seals):
            raise Refused(
                "the file was changed after the tablet wrote it, or the tablet's key came from "
                "another server",
                code="outbox_file_changed",
                hint="Save it on the tablet again",
            )
        content = _content(payload)
        with self._uow() as uow:
            record = uow.tokens.by_id(token_id)
        if record is None:
            raise Refused("that tablet has never signed in to this server", code="unknown_token")
        if record.principal is None:
            raise student_erased(record.student_id)
        if not isinstance(record.principal, StudentPrincipal):
            raise _no_outbox_file()
        return OutboxFile(
            principal=record.principal,
            saved_at=str(content.get("saved_at", "")),
            sessions=content["sessions"],
        )

    def execute(self, file: OutboxFile, *, who: str = "operator") -> Iterator[list[Receipt]]:
        """Store the sessions in chunks. Yields the receipts of each, in the file's order.

        The audit gets an entry at the end. Raises as AcceptSync.
        """
        request_id = f"import-{self._new_id().hex[:12]}"
        counts: Counter[str] = Counter()
        for start in range(0, len(file.sessions), CHUNK):
            receipts = self._accept_sync.execute(
                file.principal,
                sessions=file.sessions[start : start + CHUNK],
                # The file may be days old, so its time shows nothing about the device's clock.
                sent_at=None,
                outbox=None,
                request_id=request_id,
                contact=False,
            )
            counts.update(receipt.status.value for receipt in receipts)
            yield receipts
        with self._uow() as uow:
            uow.audit.add(
                who=who,
                what="outbox file imported",
                target=f"student {file.principal.student_id}",
                details={
                    "device_id": str(file.principal.device_id),
                    "request_id": request_id,
                    **counts,
                },
                now=self._clock(),
            )
            uow.commit()


def _parts(document: object) -> tuple[UUID, str, str]:
    """The token id, payload and seal. Raises Refused if the document is not an outbox file."""
    if isinstance(document, Mapping) and document.get("neuroplay_outbox") == FORMAT:
        token, payload, seal = (document.get(name) for name in ("token_id", "payload", "seal"))
        if isinstance(token, str) and isinstance(payload, str) and isinstance(seal, str):
            try:
                return UUID(token), payload, seal if seal.isascii() else ""
            except ValueError:
                pass
    raise _no_outbox_file()


def _content(payload: str) -> dict[str, Any]:
    """The parsed payload, which the app wrote, perhaps in another release. Raises Refused."""
    try:
        content = read_json(payload)
    except ValueError:
        raise _no_outbox_file() from None
    if not isinstance(content, dict) or not isinstance(content.get("sessions"), list):
        raise _no_outbox_file()
    return content


def _no_outbox_file() -> Refused:
    return Refused(
        "this file was not saved by a tablet",
        code="no_outbox_file",
        hint="On the tablet: For adults, then Save to a file",
    )
