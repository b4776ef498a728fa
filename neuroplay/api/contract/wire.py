"""Read and write JSON.

NaN and infinities are accepted here: they concern one session, and the core refuses only that.
"""

from __future__ import annotations

import json
import unicodedata
from contextlib import suppress
from typing import Any, TypeVar
from urllib.parse import quote

import orjson
from flask import Response
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails
from werkzeug.exceptions import RequestEntityTooLarge

from neuroplay.api.request.call import current
from neuroplay.api.request.errors import RequestError
from neuroplay.core.rules.nesting import DEEPEST_DOCUMENT, nested_deeper
from neuroplay.core.rules.storable import has_long_number

LARGEST_BODY = 1024 * 1024

Model = TypeVar("Model", bound=BaseModel)

_encode = json.JSONEncoder(separators=(",", ":")).encode


Reply = tuple[bytes, int, dict[str, str]]
"""Body, status and headers of a response. Flask accepts it from a view, and `api.direct` sends it
as it is."""


def reply(document: object, status: int = 200) -> Reply:
    """The document as JSON."""
    try:
        body = orjson.dumps(document)
    except TypeError:  # an id that is echoed as it was sent, with an unpaired surrogate
        body = _encode(document).encode()
    return body, status, {"Content-Type": "application/json"}


def json_answer(document: object, status: int = 200) -> Response:
    return Response(*reply(document, status))


def attachment(content: bytes | str, mimetype: str, name: str) -> Response:
    """A file for the browser to save; for old programs also with a name in ASCII."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    answer = Response(content, mimetype=mimetype)
    answer.headers.set(
        "Content-Disposition",
        "attachment",
        **{"filename": plain, "filename*": f"UTF-8''{quote(name, safe='')}"},
    )
    return answer


def read_body(model: type[Model]) -> Model:
    """Parse and validate the request's JSON body.

    Raises RequestError: 415 `unsupported_media_type`, 400 `malformed_json`, 422 `invalid_request`
    with the field. Raises RequestEntityTooLarge above LARGEST_BODY, also without a Content-Length.
    """
    call = current()
    if call.mimetype != "application/json":
        raise RequestError(415, "unsupported_media_type", "The body must be application/json.")
    if call.header("CONTENT_ENCODING") not in ("", "identity"):
        raise RequestError(415, "unsupported_media_type", "The body must not be compressed.")
    return checked(model, parse_object(_read_bytes()))


def _read_bytes() -> bytes:
    body = current().read(LARGEST_BODY + 1)  # one more byte reveals that there are too many
    if len(body) > LARGEST_BODY:
        raise RequestEntityTooLarge
    return body


def parse_object(body: bytes) -> dict[str, Any]:
    """Parse a JSON object. Raises RequestError(400)."""
    if nested_deeper(body):
        raise _malformed(f"The body is nested deeper than {DEEPEST_DOCUMENT} levels.")
    try:
        value = _parse(body)
    except UnicodeDecodeError:
        raise _malformed("The body is not UTF-8.") from None
    except ValueError:
        raise _malformed("The body is not JSON.") from None
    if type(value) is not dict:
        raise _malformed("The body must be a JSON object.")
    return value


def _parse(body: bytes) -> Any:
    """As the standard library parses it, in a third of the time if orjson can. It refuses NaN,
    infinities and unpaired surrogates, and integers beyond 64 bits become inexact."""
    if not has_long_number(body):
        with suppress(orjson.JSONDecodeError):
            return orjson.loads(body)
    text = body.decode("utf-8")
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        raise
    except ValueError:
        # Python refuses whole numbers with more than some thousand digits. They become text, so
        # that only their own session is affected.
        return json.loads(text, parse_int=_read_int)


def _read_int(digits: str) -> int | str:
    try:
        return int(digits)
    except ValueError:
        return digits


def checked(model: type[Model], value: object) -> Model:
    """Validate `value`. Raises RequestError(422) with the first invalid field."""
    try:
        return model.model_validate(value)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
    field = ".".join(str(part) for part in first["loc"])
    if first["type"] == "too_long" and field == "sessions":
        raise RequestError(
            422, "too_many_sessions", "A batch is limited to 100 sessions.", field=field
        )
    if first["type"] == "too_long" and field == "offered":
        raise RequestError(
            413, "too_many_offered", "An offer is limited to 1,000 sessions.", field=field
        )
    raise RequestError(422, "invalid_request", f"{field}: {_said(first)}", field=field)


def _said(error: ErrorDetails) -> str:
    """Pydantic's words, but where these name the class, or call a text's characters items."""
    context = error.get("ctx", {})
    match error["type"]:
        case "model_type":
            return "Input should be an object"
        case "too_long":
            return f"it has {context['max_length']:,} characters at most"
        case "too_short":
            return f"it has {context['min_length']:,} characters at least"
        case "value_error":
            return str(context["error"])
        case _:
            return error["msg"]


def _malformed(detail: str) -> RequestError:
    return RequestError(400, "malformed_json", detail)
