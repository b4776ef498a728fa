"""A student's own progress and sessions."""

from __future__ import annotations

from flask import Response, request
from flask_openapi3.models.tag import Tag

from neuroplay.api.contract.document import (
    SIGNED_IN,
    SIGNED_IN_PROBLEMS,
    ApiRoutes,
    problems,
    reads,
)
from neuroplay.api.contract.schemas import Me, MySessions, MySessionsQuery
from neuroplay.api.contract.wire import Reply, checked, json_answer, reply
from neuroplay.api.request.caller import container, signed_in
from neuroplay.core.entities.principal import StudentPrincipal
from neuroplay.documents import progress_document, session_document

blueprint = ApiRoutes(
    "me",
    __name__,
    url_prefix="/api/v1/me",
    abp_tags=[Tag(name="Me")],
    abp_security=SIGNED_IN,
)


@blueprint.get(
    "",
    summary="XP, level, badges and games",
    operation_id="readMe",
    responses={200: Me, **problems(*SIGNED_IN_PROBLEMS)},
)
def me() -> Reply:
    principal = signed_in(StudentPrincipal)
    found = container().read_progress.execute(principal)
    return reply(progress_document(found, known_as=principal.known_as))


@blueprint.get(
    "/sessions",
    summary="The student's own sessions and their states, newest first",
    operation_id="readMySessions",
    responses={200: MySessions, **problems(422, *SIGNED_IN_PROBLEMS)},
    openapi_extensions=reads(MySessionsQuery),
)
def my_sessions() -> Response:
    principal = signed_in(StudentPrincipal)
    query = checked(MySessionsQuery, request.args.to_dict())
    page = container().read_sessions.execute(principal, query.cursor, query.limit)
    return json_answer(
        {"sessions": [session_document(one) for one in page.sessions], "next": page.next}
    )
