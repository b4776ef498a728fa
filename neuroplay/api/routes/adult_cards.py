"""Cards of an adult's classes."""

from __future__ import annotations

from flask import Response
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag

from neuroplay.api.contract.adult_views import CardsAnswer, ClassPath, NewCard, StudentPath
from neuroplay.api.contract.document import (
    ADULT,
    ADULT_PROBLEMS,
    ADULT_READING_PROBLEMS,
    problems,
    takes,
)
from neuroplay.api.contract.wire import json_answer, read_body
from neuroplay.api.request.adult import signed_in_adult
from neuroplay.api.request.caller import container
from neuroplay.core.use_cases.cards import CreatedClass, card_link

blueprint = APIBlueprint(
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
    responses={200: CardsAnswer, **problems(404, *ADULT_READING_PROBLEMS)},
)
def read_cards(path: ClassPath) -> Response:
    return json_answer(
        cards_document(container().read_cards.execute(signed_in_adult(), path.class_id))
    )


@blueprint.post(
    "/students/<int:student_id>/card",
    summary="Give a child a new card; the old one and all sign-ins end",
    operation_id="replaceCard",
    responses={200: CardsAnswer, **problems(400, 404, 409, 422, *ADULT_PROBLEMS)},
    openapi_extensions=takes(NewCard),
)
def replace_card(path: StudentPath) -> Response:
    adult = signed_in_adult()
    asked = read_body(NewCard)
    made = container().replace_card.execute(adult, path.student_id, seen_version=asked.card_version)
    return json_answer(cards_document(made))


def cards_document(made: CreatedClass) -> dict[str, object]:
    known, url = made.school_class, container().settings.url
    return {
        "class": {"id": known.class_id, "name": known.name, "code": known.code},
        "cards": [
            {
                "student_id": one.student.student_id,
                "nickname": one.student.nickname,
                "avatar": one.student.avatar,
                "card_code": one.card_code,
                "card_version": one.student.card_version,
                "address": card_link(url, known.code, one.card_code),
            }
            for one in made.students
        ],
    }
