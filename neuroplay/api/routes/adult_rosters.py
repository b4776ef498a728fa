"""Rosters of an adult's classes: preview, import, undo."""

from __future__ import annotations

from flask import Response
from flask_openapi3.blueprint import APIBlueprint
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
    problems,
    takes,
)
from neuroplay.api.contract.wire import json_answer, read_body
from neuroplay.api.request.adult import signed_in_adult
from neuroplay.api.request.caller import container
from neuroplay.core.entities.roster import RosterImport
from neuroplay.documents import iso, roster_preview_document

blueprint = APIBlueprint(
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
    adult = signed_in_adult()
    asked = read_body(Roster)
    found = container().own_rosters.preview(adult, path.class_id, asked.source, asked.options)
    return json_answer(roster_preview_document(found))


@blueprint.post(
    "/classes/<int:class_id>/roster/apply",
    summary="Import a roster as its preview showed it",
    operation_id="applyRoster",
    responses={200: AppliedAnswer, **REFUSALS},
    openapi_extensions=takes(AppliedRosterRequest),
)
def apply(path: ClassPath) -> Response:
    adult = signed_in_adult()
    asked = read_body(AppliedRosterRequest)
    done = container().own_rosters.apply(
        adult,
        path.class_id,
        asked.source,
        asked.options,
        preview_id=asked.preview_id,
        gone_to=asked.gone_to,
    )
    return json_answer({"import_id": done.import_id, "counts": dict(done.counts)})


@blueprint.get(
    "/classes/<int:class_id>/imports",
    summary="The imports into a class",
    operation_id="readImports",
    responses={200: ImportsAnswer, **UNCHANGED, **problems(404, *ADULT_READING_PROBLEMS)},
)
def imports(path: ClassPath) -> Response:
    found = container().own_rosters.imports(signed_in_adult(), path.class_id)
    return unless_known(
        {"imports": [_import(one, can_undo) for one, can_undo in found.imports]}, at=found.at
    )


@blueprint.post(
    "/imports/<int:import_id>/undo",
    summary="Undo an import, as far as nothing has happened since",
    operation_id="undoImport",
    responses={200: UndoneAnswer, **problems(404, 409, *ADULT_PROBLEMS)},
)
def undo(path: ImportPath) -> Response:
    done = container().own_rosters.undo(signed_in_adult(), path.import_id)
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


def _import(one: RosterImport, can_undo: bool) -> dict[str, object]:
    return {
        "id": one.import_id,
        "at": iso(one.at),
        "counts": dict(one.counts),
        "undone_at": iso(one.undone_at),
        "can_undo": can_undo,
    }
