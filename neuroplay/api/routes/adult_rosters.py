"""Rosters of an adult's classes: preview, import, undo."""

from __future__ import annotations

from datetime import datetime

from flask import Response
from flask_openapi3.models.tag import Tag

from neuroplay.api.contract.adult_rosters import (
    AppliedAnswer,
    AppliedRosterRequest,
    ImportPath,
    ImportsAnswer,
    PreviewAnswer,
    Roster,
    UndoneAnswer,
)
from neuroplay.api.contract.adult_views import ClassPath
from neuroplay.api.contract.conditional import unless_known
from neuroplay.api.contract.document import (
    ADULT,
    ADULT_PROBLEMS,
    ADULT_READING_PROBLEMS,
    UNCHANGED,
    ApiRoutes,
    problems,
    takes,
)
from neuroplay.api.contract.wire import json_answer, read_body
from neuroplay.api.request.adult import HEAVY, signed_in_adult
from neuroplay.api.request.caller import container
from neuroplay.core.entities.roster import RosterImport
from neuroplay.core.use_cases.undo_import import can_be_undone
from neuroplay.documents import iso, roster_preview_document

blueprint = ApiRoutes(
    "adult_rosters",
    __name__,
    url_prefix="/api/v1/adult",
    abp_tags=[Tag(name="Adults")],
    abp_security=ADULT,
)
REFUSALS = problems(400, 404, 409, 413, 422, *ADULT_PROBLEMS)


@blueprint.post(
    "/classes/<int:class_id>/roster/preview",
    summary="What each line of a roster would become; changes nothing",
    operation_id="previewRoster",
    responses={200: PreviewAnswer, **REFUSALS},
    openapi_extensions=takes(Roster),
)
def preview(path: ClassPath) -> Response:
    adult = signed_in_adult(cost=HEAVY)
    asked = read_body(Roster)
    found = container().preview_roster.execute(
        f"id:{path.class_id}", asked.source, options=asked.options, by=adult
    )
    return json_answer(roster_preview_document(found))


@blueprint.post(
    "/classes/<int:class_id>/roster/apply",
    summary="Import a roster as its preview showed it",
    operation_id="applyRoster",
    responses={200: AppliedAnswer, **REFUSALS},
    openapi_extensions=takes(AppliedRosterRequest),
)
def apply(path: ClassPath) -> Response:
    adult = signed_in_adult(cost=HEAVY)
    asked = read_body(AppliedRosterRequest)
    done = container().apply_roster.execute(
        f"id:{path.class_id}",
        asked.source,
        options=asked.options,
        preview_id=asked.preview_id,
        gone_to=None if asked.gone_to is None else f"id:{asked.gone_to}",
        by=adult,
    )
    return json_answer({"import_id": done.import_id, "counts": dict(done.counts)})


@blueprint.get(
    "/classes/<int:class_id>/imports",
    summary="The imports into a class",
    operation_id="readImports",
    responses={200: ImportsAnswer, **UNCHANGED, **problems(404, *ADULT_READING_PROBLEMS)},
)
def imports(path: ClassPath) -> Response:
    adult = signed_in_adult()
    now = container().clock()
    found = container().list_imports.execute(f"id:{path.class_id}", by=adult)
    return unless_known({"imports": [_import(one, now) for one in found]}, at=now)


@blueprint.post(
    "/imports/<int:import_id>/undo",
    summary="Undo an import, as far as nothing has happened since",
    operation_id="undoImport",
    responses={200: UndoneAnswer, **problems(404, 409, *ADULT_PROBLEMS)},
)
def undo(path: ImportPath) -> Response:
    done = container().undo_import.execute(path.import_id, by=signed_in_adult(cost=HEAVY))
    return json_answer(
        {
            "import_id": done.import_id,
            "removed": done.removed,
            "back": done.back,
            "classes": list(done.classes),
            "left": [
                {"student_id": one.student_id, "nickname": one.nickname, "reason": one.reason}
                for one in done.left
            ],
        }
    )


def _import(one: RosterImport, now: datetime) -> dict[str, object]:
    return {
        "id": one.import_id,
        "at": iso(one.at),
        "counts": dict(one.counts),
        "undone_at": iso(one.undone_at),
        "can_undo": can_be_undone(one, now),
    }
