"""Accept finished games from devices, and find those that a restored database lacks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from flask import Response
from flask_openapi3.models.tag import Tag

from neuroplay.api.contract.document import (
    SIGNED_IN,
    SIGNED_IN_PROBLEMS,
    ApiRoutes,
    problems,
    takes,
)
from neuroplay.api.contract.schemas import (
    OfferAnswer,
    OfferRequest,
    SyncAnswer,
    SyncBatch,
    SyncRequest,
)
from neuroplay.api.contract.wire import Reply, json_answer, read_body, reply
from neuroplay.api.request.call import current
from neuroplay.api.request.caller import container, signed_in
from neuroplay.api.request.errors import RequestError
from neuroplay.api.request.observation import add_to_log
from neuroplay.core.entities.epoch import Epoch
from neuroplay.core.entities.principal import StudentPrincipal
from neuroplay.core.entities.student import OutboxReport
from neuroplay.core.entities.sync_item import Receipt, ReceiptStatus
from neuroplay.documents import iso
from neuroplay.infra.monitoring.metrics import GAME_SYNCS_TOTAL, OFFERED_SESSIONS_TOTAL, known_game

blueprint = ApiRoutes(
    "gameplay", __name__, url_prefix="/api/v1/gameplay", abp_tags=[Tag(name="Gameplay")]
)


@blueprint.post(
    "/sync",
    summary="Send finished games",
    description="Responds once everything is stored, with a receipt for each session. A device may "
    "delete a session only after its receipt; sending it again is harmless.",
    operation_id="syncGameplay",
    security=SIGNED_IN,
    responses={
        202: SyncAnswer,
        **problems(
            400,
            403,
            413,
            415,
            422,
            429,
            *SIGNED_IN_PROBLEMS,
            words={429: "`over_budget`: keep everything, and send it after Retry-After"},
        ),
    },
    openapi_extensions=takes(SyncBatch),
)
def sync() -> Reply:
    principal = signed_in(StudentPrincipal)
    asked = read_body(SyncRequest)
    _check_device(principal, asked.device_id)
    # Before anything is stored: if this fails, nothing was.
    epoch = container().read_epoch.execute()
    outbox = asked.outbox
    receipts = container().accept_sync.execute(
        principal,
        sessions=asked.sessions,
        sent_at=asked.sent_at,
        outbox=None
        if outbox is None
        else OutboxReport(pending=outbox.pending, oldest=outbox.oldest),
        request_id=current().request_id,
    )
    count_receipts(asked.sessions, receipts)
    # The id of an invalid session may be any text, so it is not logged.
    known = [one.session_id for one in receipts if one.status is not ReceiptStatus.INVALID]
    add_to_log(received=len(receipts), sessions=known)
    return reply(
        {
            "receipts": [receipt_document(receipt) for receipt in receipts],
            **_acknowledgement(epoch),
        },
        202,
    )


@blueprint.post(
    "/offer",
    summary="Offer acknowledged games again",
    description="For games that a device still keeps after the database was restored, of which the "
    "epoch tells. Responds with those that are not stored; the device sends them by sync.",
    operation_id="offerGameplay",
    security=SIGNED_IN,
    responses={
        200: OfferAnswer,
        **problems(
            400,
            403,
            413,
            415,
            422,
            429,
            *SIGNED_IN_PROBLEMS,
            words={
                413: "`too_many_offered`: over 1,000 sessions; `body_too_large`: over 1 MiB",
                422: "`invalid_request`; `field` says where",
                429: "`over_budget`: keep everything, and offer it after Retry-After",
                503: "`store_unavailable`: see Retry-After",
            },
        ),
    },
    openapi_extensions=takes(OfferRequest),
)
def offer() -> Response:
    principal = signed_in(StudentPrincipal)
    asked = read_body(OfferRequest)
    _check_device(principal, asked.device_id)
    epoch = container().read_epoch.execute()
    offered = {one.session_id: bytes.fromhex(one.hash) for one in asked.offered}
    lacking = container().answer_offer.execute(principal, offered)
    OFFERED_SESSIONS_TOTAL.labels("stored").inc(len(offered) - len(lacking))
    OFFERED_SESSIONS_TOTAL.labels("lacking").inc(len(lacking))
    add_to_log(offered=len(offered), lacking=len(lacking))
    return json_answer({"lacking": [str(one) for one in lacking], **_acknowledgement(epoch)})


def _check_device(principal: StudentPrincipal, device_id: UUID) -> None:
    if device_id != principal.device_id:
        raise RequestError(
            403, "device_mismatch", "The token belongs to another device.", field="device_id"
        )


def _acknowledgement(epoch: Epoch) -> dict[str, str | None]:
    """The fields of `Acknowledgement`. To be called after everything was stored."""
    now, safe_before = container().clock(), epoch.safe_before
    if safe_before is None:
        return {"epoch": str(epoch.epoch_id), "answered_at": iso(now)}
    # Once the clock was set back, now may be before a backup that lacks what is acknowledged now.
    return {
        "epoch": str(epoch.epoch_id),
        "answered_at": iso(max(now, safe_before)),
        "safe_before": iso(safe_before),
    }


def receipt_document(receipt: Receipt) -> dict[str, Any]:
    document: dict[str, Any] = {"session_id": receipt.session_id, "status": receipt.status.value}
    error = receipt.error
    if error is not None:
        document["error"] = {"code": error.code, "field": error.field, "message": error.message}
    return document


def count_receipts(sessions: Sequence[object], receipts: Sequence[Receipt]) -> None:
    """Count receipts by game and status, with one increment for each pair."""
    counts = Counter(
        # The value, since the hash of an enum's member takes long.
        (
            known_game(record.get("game_type") if type(record) is dict else None),
            receipt.status.value,
        )
        for record, receipt in zip(sessions, receipts, strict=True)
    )
    for (game_type, status), count in counts.items():
        GAME_SYNCS_TOTAL.labels(game_type, status).inc(count)
