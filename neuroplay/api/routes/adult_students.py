"""One child of an adult's classes: what was played, and changes."""

from __future__ import annotations

import json

from flask import Response
from flask_openapi3.models.tag import Tag

from neuroplay.api.contract.adult_views import (
    ChangedStudent,
    Erasure,
    ErasureReceipt,
    Merge,
    Move,
    StudentAnswer,
    StudentChanges,
    StudentPath,
)
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
from neuroplay.api.contract.wire import attachment, json_answer, read_body
from neuroplay.api.request.adult import HEAVY, signed_in_adult
from neuroplay.api.request.caller import container
from neuroplay.core.entities.figures import PlayedRound
from neuroplay.core.entities.game_catalogue import GAMES
from neuroplay.core.entities.student import GameProgress, SchoolClass, Student
from neuroplay.core.rules.xp import level_for
from neuroplay.core.use_cases.adult_student import StudentView
from neuroplay.documents import iso, minutes, share
from neuroplay.family_export import export_document
from neuroplay.jsonable import jsonable

blueprint = ApiRoutes(
    "adult_students",
    __name__,
    url_prefix="/api/v1/adult/students/<int:student_id>",
    abp_tags=[Tag(name="Adults")],
    abp_security=ADULT,
)
CHANGED = {200: ChangedStudent, **problems(400, 404, 409, 422, *ADULT_PROBLEMS)}


@blueprint.get(
    "",
    summary="A child: days, games, and how each game's level and accuracy went; in the audit",
    operation_id="readStudent",
    responses={200: StudentAnswer, **UNCHANGED, **problems(404, *ADULT_READING_PROBLEMS)},
)
def read_student(path: StudentPath) -> Response:
    found = container().read_student.execute(signed_in_adult(), path.student_id)
    return unless_known(_view(found), at=found.at)


@blueprint.patch(
    "",
    summary="Give a child another nickname or avatar",
    operation_id="changeStudent",
    responses=CHANGED,
    openapi_extensions=takes(StudentChanges),
)
def change_student(path: StudentPath) -> Response:
    adult = signed_in_adult()
    asked = read_body(StudentChanges)
    return _changed(
        *container().rename_student.execute(
            path.student_id, nickname=asked.nickname, avatar=asked.avatar, by=adult
        )
    )


@blueprint.get(
    "/export",
    summary="All that is stored about a child, for the family; in the audit",
    operation_id="exportStudent",
    responses={
        200: {
            "description": "The document of `neuroplay student export`, as an attachment",
            "content": {"application/json": {"schema": {"type": "object"}}},
        },
        **problems(404, *ADULT_READING_PROBLEMS),
    },
)
def export_student(path: StudentPath) -> Response:
    found = container().export_student.execute(path.student_id, by=signed_in_adult(cost=HEAVY))
    text = json.dumps(export_document(found), indent=2, ensure_ascii=False, default=jsonable)
    return attachment(text + "\n", "application/json", f"neuroplay-child-{path.student_id}.json")


@blueprint.post(
    "/move",
    summary="Move a child to another of the adult's classes",
    operation_id="moveStudent",
    responses=CHANGED,
    openapi_extensions=takes(Move),
)
def move_student(path: StudentPath) -> Response:
    adult = signed_in_adult()
    asked = read_body(Move)
    to = f"id:{asked.class_id}"
    return _changed(*container().move_student.execute(path.student_id, to, by=adult))


@blueprint.post(
    "/merge",
    summary="Give everything of a child to another who is the same; cannot be undone",
    operation_id="mergeStudents",
    responses=CHANGED,
    openapi_extensions=takes(Merge),
)
def merge_students(path: StudentPath) -> Response:
    adult = signed_in_adult(cost=HEAVY)
    asked = read_body(Merge)
    done = container().merge_students.execute(path.student_id, into=asked.into, by=adult)
    return _changed(done.student, done.school_class)


@blueprint.post(
    "/erase",
    summary="Erase a child everywhere, permanently",
    operation_id="eraseStudent",
    responses={200: ErasureReceipt, **problems(400, 404, 422, *ADULT_PROBLEMS)},
    openapi_extensions=takes(Erasure),
)
def erase_student(path: StudentPath) -> Response:
    adult = signed_in_adult(cost=HEAVY)
    asked = read_body(Erasure)
    done = container().erase_student.execute(path.student_id, nickname=asked.nickname, by=adult)
    return json_answer(
        {
            "erased_at": iso(done.erased_at),
            "student_id": done.student_id,
            "rows": dict(done.rows),
            # An erasure that cannot be recorded there is refused.
            "ledger": True,
        }
    )


def _view(found: StudentView) -> dict[str, object]:
    student, figures = found.student, found.figures
    return {
        "class": _class(found.school_class),
        "student": {
            "id": student.student_id,
            "nickname": student.nickname,
            "avatar": student.avatar,
            "level": level_for(student.progress.xp),
            "xp": student.progress.xp,
            "streak": found.streak.days,
            "last_heard": iso(figures.last_heard),
            "last_played": iso(figures.last_played),
            "unsent": figures.unsent,
            "held": figures.held,
            "counting": figures.counting,
            "card_version": student.card_version,
        },
        "days": [
            {"day": one.day.isoformat(), "minutes": minutes(one.seconds), "games": one.games}
            for one in found.days
        ],
        "games": [
            _game(game, [one for one in found.rounds if one.game_type == game_type])
            for game_type in GAMES
            if (game := student.progress.games.get(game_type)) is not None
        ],
    }


def _game(game: GameProgress, rounds: list[PlayedRound]) -> dict[str, object]:
    levels = GAMES[game.game_type].levels
    return {
        "game_type": game.game_type,
        "plays": game.plays,
        "difficulty": game.difficulty,
        "lowest_difficulty": levels.lowest,
        "highest_difficulty": levels.highest,
        "best_score": game.best_score,
        "last_played": iso(game.last_ended_at),
        "rounds": [_round(one) for one in rounds],
    }


def _round(one: PlayedRound) -> dict[str, object]:
    return {
        "ended_at": iso(one.ended_at),
        "difficulty": one.difficulty,
        "next_difficulty": one.next_difficulty,
        "accuracy": share(one.accuracy),
        "duration_s": round(one.duration_s, 1),
        "completed": one.completed,
        "verdict": one.verdict,
    }


def _class(known: SchoolClass) -> dict[str, object]:
    return {"id": known.class_id, "name": known.name, "made_up": known.has_made_up_play}


def _changed(student: Student, school_class: SchoolClass) -> Response:
    return json_answer(
        {
            "id": student.student_id,
            "nickname": student.nickname,
            "avatar": student.avatar,
            "class": _class(school_class),
        }
    )
