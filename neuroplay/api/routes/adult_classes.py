"""One class of an adult: its children, its tablets, its settings."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from flask import Response
from flask_openapi3.models.tag import Tag

from neuroplay.api.contract.adult_views import (
    Archiving,
    CardLine,
    ClassAnswer,
    ClassChanges,
    ClassPath,
    ClassSettings,
    NewClass,
    NewClassAnswer,
    NewStudent,
    TabletsAnswer,
)
from neuroplay.api.contract.conditional import unless_unchanged
from neuroplay.api.contract.document import (
    ADULT,
    ADULT_PROBLEMS,
    ADULT_READING_PROBLEMS,
    UNCHANGED,
    ApiRoutes,
    problems,
    takes,
)
from neuroplay.api.contract.wire import attachment, json_answer, read_body
from neuroplay.api.request.adult import HEAVY, signed_in_adult
from neuroplay.api.request.caller import container
from neuroplay.api.routes.adult_cards import cards_document, one_card
from neuroplay.class_export import class_export_name, class_export_zip
from neuroplay.core.entities.figures import ClassDevice, GameFigures, StudentFigures
from neuroplay.core.entities.student import SchoolClass
from neuroplay.core.rules.xp import level_for
from neuroplay.core.use_cases.adult_classes import ClassView
from neuroplay.core.use_cases.class_life import OF_RETENTION
from neuroplay.documents import iso, minutes, share

blueprint = ApiRoutes(
    "adult_classes",
    __name__,
    url_prefix="/api/v1/adult/classes",
    abp_tags=[Tag(name="Adults")],
    abp_security=ADULT,
)


@blueprint.post(
    "",
    summary="Make a class; a teacher's own from then on",
    operation_id="addClass",
    responses={201: NewClassAnswer, **problems(400, 422, *ADULT_PROBLEMS)},
    openapi_extensions=takes(NewClass),
)
def add_class() -> Response:
    adult = signed_in_adult(cost=HEAVY)
    asked = read_body(NewClass)
    made = container().add_class.execute(adult, asked.name, asked.students, language=asked.language)
    return json_answer(cards_document(made), 201)


@blueprint.get(
    "/<int:class_id>",
    summary="A class with its children, their figures and their games",
    operation_id="readClass",
    responses={200: ClassAnswer, **UNCHANGED, **problems(404, *ADULT_READING_PROBLEMS)},
)
def read_class(path: ClassPath) -> Response:
    return unless_unchanged(
        partial(container().read_class.execute, signed_in_adult(), path.class_id), _class
    )


@blueprint.patch(
    "/<int:class_id>",
    summary="Rename a class, or change its settings",
    operation_id="changeClass",
    responses={200: ClassSettings, **problems(400, 404, 422, *ADULT_PROBLEMS)},
    openapi_extensions=takes(ClassChanges),
)
def change_class(path: ClassPath) -> Response:
    adult = signed_in_adult()
    # What is null stays, too, unless null is a value of it.
    fields = read_body(ClassChanges).model_dump(exclude_unset=True)
    changes = {name: one for name, one in fields.items() if one is not None or name in OF_RETENTION}
    changed = container().change_class.execute(f"id:{path.class_id}", changes, by=adult)
    return json_answer(settings_document(changed))


@blueprint.post(
    "/<int:class_id>/archive",
    summary="Archive a class at the end of its year, or bring it back",
    operation_id="archiveClass",
    responses={200: ClassSettings, **problems(400, 404, 422, *ADULT_PROBLEMS)},
    openapi_extensions=takes(Archiving),
)
def archive_class(path: ClassPath) -> Response:
    adult = signed_in_adult()
    asked = read_body(Archiving)
    changed = container().archive_class.execute(f"id:{path.class_id}", asked.archived, by=adult)
    return json_answer(settings_document(changed))


@blueprint.get(
    "/<int:class_id>/export",
    summary="What a class played, as tables and JSON in a zip; in the audit",
    operation_id="exportClass",
    responses={
        200: {
            "description": "The file of `neuroplay class export`, as an attachment",
            "content": {"application/zip": {"schema": {"type": "string", "format": "binary"}}},
        },
        **problems(404, *ADULT_READING_PROBLEMS),
    },
)
def export_class(path: ClassPath) -> Response:
    adult = signed_in_adult(cost=HEAVY)
    found = container().export_class.execute(f"id:{path.class_id}", by=adult)
    return attachment(class_export_zip(found), "application/zip", class_export_name(found))


@blueprint.post(
    "/<int:class_id>/students",
    summary="Add a child; answers the child's card",
    operation_id="addStudent",
    responses={201: CardLine, **problems(400, 404, 409, 422, *ADULT_PROBLEMS)},
    openapi_extensions=takes(NewStudent),
)
def add_student(path: ClassPath) -> Response:
    adult = signed_in_adult()
    asked = read_body(NewStudent)
    made = container().add_student.execute(
        f"id:{path.class_id}",
        asked.nickname,
        avatar=asked.avatar,
        language=asked.language,
        by=adult,
    )
    return json_answer(one_card(made), 201)


@blueprint.get(
    "/<int:class_id>/tablets",
    summary="The tablets of a class, and what they have not sent",
    operation_id="readTablets",
    responses={200: TabletsAnswer, **UNCHANGED, **problems(404, *ADULT_READING_PROBLEMS)},
)
def read_tablets(path: ClassPath) -> Response:
    return unless_unchanged(
        partial(container().read_class_devices.execute, signed_in_adult(), path.class_id),
        lambda found: {"tablets": [_tablet(some) for some in found.devices]},
    )


def settings_document(known: SchoolClass) -> dict[str, object]:
    return {
        "id": known.class_id,
        "name": known.name,
        "code": known.code,
        "made_up": known.has_made_up_play,
        "archived": known.is_archived,
        "leaderboard_enabled": known.leaderboard_enabled,
        "day_minutes": known.day_minutes,
        "trace_days": known.trace_days,
        "raw_days": known.raw_days,
        "keep_months": known.keep_months,
        "created_at": iso(known.created_at),
    }


def _class(found: ClassView) -> dict[str, object]:
    return {
        "class": settings_document(found.school_class),
        "students": [_student(one) for one in found.students],
        "games": [_game(one) for one in found.games],
    }


def _student(one: StudentFigures) -> dict[str, object]:
    return {
        "id": one.student_id,
        "nickname": one.nickname,
        "avatar": one.avatar,
        "level": level_for(one.xp),
        "xp": one.xp,
        "last_heard": iso(one.last_heard),
        "last_played": iso(one.last_played),
        "unsent": one.unsent,
        "minutes_today": minutes(one.seconds_today),
        "minutes_week": minutes(one.seconds_week),
        "days_week": one.days_week,
        "games_week": one.games_week,
        "held": one.held,
        "counting": one.counting,
    }


def _game(one: GameFigures) -> dict[str, object]:
    return {
        "game_type": one.game_type,
        "children": one.children,
        "games_week": one.games_week,
        "accuracy_week": share(one.accuracy_week),
    }


def _tablet(some: Sequence[ClassDevice]) -> dict[str, object]:
    return {
        "device": str(some[0].device_id)[:8],
        "students": [
            {
                "id": one.student_id,
                "nickname": one.nickname,
                "unsent": one.unsent,
                "oldest": iso(one.oldest),
            }
            for one in some
        ],
        "last_contact": iso(max(one.last_contact for one in some)),
    }
