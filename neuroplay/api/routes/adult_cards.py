"""Cards of an adult's classes."""

from __future__ import annotations

from flask import Response
from flask_openapi3.models.tag import Tag

from neuroplay.api.contract.adult_views import (
    CardLine,
    CardsAnswer,
    ClassPath,
    NewCard,
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
from neuroplay.api.contract.wire import json_answer, read_body
from neuroplay.api.request.adult import signed_in_adult
from neuroplay.api.request.caller import container
from neuroplay.core.entities.student import SchoolClass
from neuroplay.core.use_cases.cards import CreatedClass, StudentCard, card_link

blueprint = ApiRoutes(
    "adult_cards",
    __name__,
    url_prefix="/api/v1/adult",
    abp_tags=[Tag(name="Adults")],
    abp_security=ADULT,
)


@blueprint.get(
    "/classes/<int:class_id>/cards",
    summary="The cards of a class, to print; recorded in the audit",
    operation_id="readCards",
    responses={200: CardsAnswer, **UNCHANGED, **problems(404, *ADULT_READING_PROBLEMS)},
)
def read_cards(path: ClassPath) -> Response:
    adult = signed_in_adult()
    at = container().clock()
    made = container().class_cards.execute(f"id:{path.class_id}", by=adult)
    return unless_known(cards_document(made), at=at)


@blueprint.post(
    "/students/<int:student_id>/card",
    summary="Give a child a new card; the old one and all sign-ins end",
    operation_id="replaceCard",
    responses={200: CardLine, **problems(400, 404, 409, 422, *ADULT_PROBLEMS)},
    openapi_extensions=takes(NewCard),
)
def replace_card(path: StudentPath) -> Response:
    adult = signed_in_adult()
    asked = read_body(NewCard)
    made = container().reset_card.execute(
        path.student_id, seen_version=asked.card_version, by=adult
    )
    return json_answer(one_card(made))


def cards_document(made: CreatedClass) -> dict[str, object]:
    known = made.school_class
    return {
        "class": {"id": known.class_id, "name": known.name, "code": known.code},
        "cards": [_card(known, one) for one in made.students],
    }


def one_card(made: CreatedClass) -> dict[str, object]:
    """The document of the only card."""
    (one,) = made.students
    return _card(made.school_class, one)


def _card(known: SchoolClass, one: StudentCard) -> dict[str, object]:
    return {
        "student_id": one.student.student_id,
        "nickname": one.student.nickname,
        "avatar": one.student.avatar,
        "card_code": one.card_code,
        "card_version": one.student.card_version,
        "address": card_link(container().settings.url, known.code, one.card_code),
    }
