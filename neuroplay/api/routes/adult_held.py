"""Held games of an adult's classes, and the decisions about them."""

from __future__ import annotations

from flask import Response, request
from flask_openapi3.models.tag import Tag

from neuroplay.api.contract.adult_views import (
    ClassPath,
    Decision,
    DecisionAnswer,
    HeldAnswer,
    HeldPath,
    HeldQuery,
)
from neuroplay.api.contract.conditional import unless_known
from neuroplay.api.contract.document import (
    ADULT,
    ADULT_PROBLEMS,
    ADULT_READING_PROBLEMS,
    UNCHANGED,
    ApiRoutes,
    problems,
    reads,
    takes,
)
from neuroplay.api.contract.wire import checked, json_answer, read_body
from neuroplay.api.request.adult import signed_in_adult
from neuroplay.api.request.caller import container
from neuroplay.core.entities.replayed import Replayed
from neuroplay.core.use_cases.adult_held import HeldGame
from neuroplay.documents import iso

blueprint = ApiRoutes(
    "adult_held",
    __name__,
    url_prefix="/api/v1/adult",
    abp_tags=[Tag(name="Adults")],
    abp_security=ADULT,
)
DECIDED = {200: DecisionAnswer, **problems(400, 404, 422, *ADULT_PROBLEMS)}


@blueprint.get(
    "/classes/<int:class_id>/held",
    summary="Games of a class that wait for an adult",
    operation_id="readHeld",
    responses={200: HeldAnswer, **UNCHANGED, **problems(404, 422, *ADULT_READING_PROBLEMS)},
    openapi_extensions=reads(HeldQuery),
)
def read_held(path: ClassPath) -> Response:
    adult = signed_in_adult()
    query = checked(HeldQuery, request.args.to_dict())
    found = container().read_held.execute(adult, path.class_id, before=query.before)
    games = [_held(one) for one in found.games]
    return unless_known({"held": games, "older": found.older}, at=found.at)


@blueprint.post(
    "/held/<int:inbox_id>/approve",
    summary="Let a held game count",
    operation_id="approveHeld",
    responses=DECIDED,
    openapi_extensions=takes(Decision),
)
def approve(path: HeldPath) -> Response:
    adult = signed_in_adult()
    reason = read_body(Decision).reason
    return _decided(container().decide_held.approve(adult, path.inbox_id, reason=reason))


@blueprint.post(
    "/held/<int:inbox_id>/reject",
    summary="Let a held game never count",
    operation_id="rejectHeld",
    responses=DECIDED,
    openapi_extensions=takes(Decision),
)
def reject(path: HeldPath) -> Response:
    adult = signed_in_adult()
    reason = read_body(Decision).reason
    return _decided(container().decide_held.reject(adult, path.inbox_id, reason=reason))


def _decided(done: Replayed) -> Response:
    return json_answer({"id": done.inbox_id, "state": done.state, "result": done.fate})


def _held(one: HeldGame) -> dict[str, object]:
    student, session = one.student, one.session
    return {
        "id": one.item.inbox_id,
        "student": {
            "id": student.student_id,
            "nickname": student.nickname,
            "avatar": student.avatar,
        },
        "game_type": session and session.game_type,
        "ended_at": iso(session.ended_at) if session else None,
        "received_at": iso(one.item.received_at),
        "score": session and session.score,
        "duration_s": session and session.duration,
        "accuracy": session and session.accuracy,
        "difficulty": session and session.difficulty,
        "reasons": list(one.item.reasons),
    }
