"""Turn errors into HTTP responses: RFC 9457 problem documents with a stable `code`."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from http import HTTPStatus

from flask import Flask, Response
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as BaseResponse

from neuroplay.api.request.call import current
from neuroplay.core.errors import (
    InvalidSession,
    NeuroPlayError,
    NotFound,
    Refused,
    SettingsError,
    StoreUnavailable,
    TransientError,
)
from neuroplay.infra.monitoring.logging import get_logger
from neuroplay.infra.monitoring.metrics import ERRORS_TOTAL

MIMETYPE = "application/problem+json"
RETRY_AFTER_S = 5
"""The Retry-After of a 503, when the store did not respond."""

STATUS_OF_CODE: Mapping[str, int] = {
    "unauthorized": 401,
    "token_revoked": 401,
    "wrong_card": 401,
    "csrf": 403,
    "wrong_passphrase": 401,
    "wrong_passkey": 401,
    "needs_https": 403,
    "wrong_old_passphrase": 403,
    "link_unknown": 404,
    "link_used": 410,
    "link_late": 410,
    "passkey_late": 410,
    "weak_passphrase": 422,
    "leaderboard_off": 403,
    "student_erased": 410,
    "bad_avatar": 422,
    "bad_class_name": 422,
    "bad_class_size": 422,
    "bad_cursor": 422,
    "bad_day_minutes": 422,
    "bad_language": 422,
    "bad_nickname": 422,
    "bad_passkey": 422,
    "bad_passkey_name": 422,
    "bad_retention": 422,
    "no_reason": 422,
    "bad_roster": 422,
    "not_a_roster": 422,
    "same_class": 422,
    "same_student": 422,
    "wrong_nickname": 422,
    "already_undone": 409,
    "class_archived": 409,
    "roster_changed": 409,
    "too_late": 409,
    "card_changed": 409,
    "class_full": 409,
    "nickname_taken": 409,
    "passkey_not_added": 409,
    "passkeys_off": 409,
    "too_many_passkeys": 409,
    "student_moved": 409,
    "too_many_attempts": 429,
    "too_many_requests": 429,
    "over_budget": 429,
    "wrong_secret": 503,
}

STATUS_OF_CLASS: tuple[tuple[type[NeuroPlayError], int], ...] = (
    (TransientError, 503),
    (NotFound, 404),
    (InvalidSession, 422),
    (Refused, 403),
    (SettingsError, 500),
)

CODE_OF_STATUS: Mapping[int, str] = {
    400: "bad_request",
    404: "not_found",
    405: "method_not_allowed",
    408: "request_timeout",
    413: "body_too_large",
    415: "unsupported_media_type",
    500: "internal",
}

DETAILS: Mapping[int, str] = {
    400: "The request cannot be parsed.",
    404: "Nothing exists at this address.",
    405: "This address does not support that method.",
    413: "A body is limited to 1 MiB.",
    500: "Something went wrong on the server. The error was recorded.",
}

CHALLENGE = 'Bearer realm="neuroplay"'

log = get_logger(__name__)


class RequestError(NeuroPlayError):
    """An invalid request. `field` is the invalid field, if there is one."""

    def __init__(self, status: int, code: str, message: str, *, field: str | None = None) -> None:
        super().__init__(message, code=code)
        self.status = status
        self.field = field


def register_error_handlers(app: Flask) -> None:
    app.register_error_handler(NeuroPlayError, answer_error)
    app.register_error_handler(HTTPException, answer_http_exception)


def problem(
    status: int,
    code: str,
    detail: str,
    *,
    field: str | None = None,
    student_id: int | None = None,
    because: str | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    document = problem_document(status, code, detail, current().request_id)
    if field is not None:
        document["field"] = field
    if student_id is not None:
        document["student_id"] = student_id
    if because is not None:
        document["because"] = because
    response = Response(json.dumps(document), status, mimetype=MIMETYPE)
    if headers:
        response.headers.update(headers)
    return response


def problem_document(status: int, code: str, detail: str, request_id: str) -> dict[str, object]:
    """A problem document with the members that all of them have."""
    return {
        "type": f"urn:neuroplay:problem:{code}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "code": code,
        "detail": detail,
        "request_id": request_id,
    }


def answer_error(error: NeuroPlayError) -> Response:
    status = status_of(error)
    if status >= 500:
        ERRORS_TOTAL.labels(error_type=type(error).__name__, component="api").inc()
        log.warning("request not served", code=error.code, reason=error.message)
    return problem(
        status,
        error.code,
        detail_of(error),
        field=field_of(error),
        student_id=error.student_id if isinstance(error, Refused) else None,
        because=error.because if isinstance(error, Refused) else None,
        headers=headers_of(error, status),
    )


def answer_http_exception(error: HTTPException) -> BaseResponse:
    """Answer errors of Flask and Werkzeug, and unexpected ones, which Flask wraps in an
    InternalServerError."""
    status = error.code
    if status is None or status < 400:
        return error.get_response()  # a redirect
    if status >= 500:
        original = getattr(error, "original_exception", None) or error
        ERRORS_TOTAL.labels(error_type=type(original).__name__, component="api").inc()
    # Werkzeug's descriptions may quote the request, so they are not used.
    code = CODE_OF_STATUS.get(status, HTTPStatus(status).name.lower())
    headers = {
        name: value for name, value in error.get_headers() if name in ("Allow", "Retry-After")
    }
    return problem(status, code, DETAILS.get(status, HTTPStatus(status).phrase), headers=headers)


def status_of(error: NeuroPlayError) -> int:
    if isinstance(error, RequestError):
        return error.status
    if error.code in STATUS_OF_CODE:
        return STATUS_OF_CODE[error.code]
    return next((status for kind, status in STATUS_OF_CLASS if isinstance(error, kind)), 500)


def detail_of(error: NeuroPlayError) -> str:
    """The message, without what is for the operator and not for clients."""
    if isinstance(error, SettingsError):
        return "The server is misconfigured."
    return error.summary if isinstance(error, StoreUnavailable) else error.message


def field_of(error: NeuroPlayError) -> str | None:
    if error.code == "bad_cursor":
        return "cursor"
    field = getattr(error, "field", None)
    return field if isinstance(field, str) else None


def headers_of(error: NeuroPlayError, status: int) -> Mapping[str, str]:
    if status == 503:
        return {"Retry-After": str(RETRY_AFTER_S)}
    if isinstance(error, Refused) and error.retry_after_s is not None:
        return {"Retry-After": str(max(1, math.ceil(error.retry_after_s)))}
    if status == 401:
        given = current().header("AUTHORIZATION")
        return {"WWW-Authenticate": CHALLENGE + (', error="invalid_token"' if given else "")}
    return {}
