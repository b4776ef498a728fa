"""Adults: sign in, sign out, and see the own account."""

from __future__ import annotations

from flask import Response
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag

from neuroplay.api.contract.adult_schemas import AdultSelf
from neuroplay.api.contract.document import ADULT, ADULT_PROBLEMS, problems
from neuroplay.api.contract.wire import json_answer
from neuroplay.api.request.adult import adult_session, cookie_name
from neuroplay.api.request.caller import container
from neuroplay.core.use_cases.adult_session import AdultSession

blueprint = APIBlueprint(
    "adult_sign_in", __name__, url_prefix="/api/v1/adult", abp_tags=[Tag(name="Adults")]
)


@blueprint.get(
    "/self",
    summary="Who is signed in, and which classes they see",
    operation_id="readAdultSelf",
    security=ADULT,
    responses={200: AdultSelf, **problems(401, 503)},
)
def read_self() -> Response:
    return json_answer(_self_document(adult_session()))


@blueprint.post(
    "/sign-out",
    summary="End this browser's sign-in",
    operation_id="signOutAdult",
    security=ADULT,
    responses={204: None, **problems(*ADULT_PROBLEMS)},
)
def sign_out() -> Response:
    session = adult_session()
    container().sign_out_adult.execute(session)
    response = Response(status=204)
    response.delete_cookie(cookie_name(), secure=container().settings.over_tls, httponly=True)
    return response


def _self_document(session: AdultSession) -> dict[str, object]:
    adult = session.principal
    return {
        "adult": {"id": adult.adult_id, "name": adult.name, "role": adult.role.value},
        "csrf": session.csrf,
        "classes": [
            {"id": one.class_id, "name": one.name, "code": one.code, "students": students}
            for one, students in container().list_own_classes.execute(adult)
        ],
    }
