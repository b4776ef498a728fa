"""The OpenAPI document: parts that operations share, and the application that generates it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from flask import request
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.info import Info
from flask_openapi3.models.schema import Schema
from flask_openapi3.openapi import OpenAPI
from flask_openapi3.utils import parse_parameters, parse_rule
from pydantic import BaseModel

from neuroplay.api.contract.schemas import REF, Problem
from neuroplay.api.request.call import current
from neuroplay.infra.monitoring.logging import get_logger

log = get_logger(__name__)

_documenting = threading.Lock()
"""Applications share their routes, and a document is made once."""

DESCRIPTION = """Tablets sign in with a child's card, send finished games, and read what came of
them. Errors are RFC 9457 problem documents with a stable `code`. Every answer carries
`X-Request-ID`."""

SECURITY_SCHEMES: Any = {
    "device": {
        "type": "http",
        "scheme": "bearer",
        "description": "The token of POST /api/v1/sign-in",
    },
    "adult": {
        "type": "apiKey",
        "in": "cookie",
        "name": "__Host-np_adult",
        "description": "The cookie of POST /api/v1/adult/sign-in; over plain HTTP it is np_adult. "
        "What changes something also needs the header X-CSRF-Token.",
    },
}
SIGNED_IN: list[dict[str, list[str]]] = [{"device": []}]
ADULT: list[dict[str, list[str]]] = [{"adult": []}]

PROBLEMS = {
    400: "The request cannot be read: `malformed_json`, `bad_request`",
    401: "`unauthorized`, `token_revoked`: sign in again",
    403: "Denied: `device_mismatch` (the token is another device's), `leaderboard_off`, "
    "`csrf` (an adult's page must be loaded again), `needs_https`",
    404: "`not_found`, `unknown_game`",
    409: "Not as things are: `class_archived`, `nickname_taken`, `class_full`, "
    "`card_changed`, `student_moved`",
    410: "`student_erased`: forget the student whose number is in `student_id`, nobody else",
    413: "`body_too_large`: over 1 MiB",
    415: "`unsupported_media_type`: not application/json, or compressed",
    422: "`invalid_request`, `too_many_sessions`, `bad_cursor`; `field` says where. Of adults: "
    "`bad_class_name`, `bad_class_size`, `bad_nickname`, "
    "`bad_avatar`, `bad_language`, `bad_day_minutes`, "
    "`bad_retention`, `wrong_nickname`",
    429: "`too_many_attempts`, `too_many_requests`: see Retry-After",
    503: "`store_unavailable`: nothing was stored; see Retry-After",
}
SIGNED_IN_PROBLEMS = (401, 410, 503)
ADULT_PROBLEMS = (401, 403, 415, 429, 503)
"""Of what an adult changes."""
ADULT_READING_PROBLEMS = (401, 429, 503)
UNCHANGED: dict[Any, Any] = {304: {"description": "As the `If-None-Match` of the request says"}}


def problems(*statuses: int, words: Mapping[int, str] | None = None) -> dict[Any, Any]:
    """The error responses of an operation. `words` replaces the descriptions of some of them."""
    described = {**PROBLEMS, **(words or {})}
    return {
        status: {
            "description": described[status],
            "content": {"application/problem+json": {"schema": {"$ref": f"{REF}Problem"}}},
            **({"headers": RETRY_AFTER} if status in (429, 503) else {}),
        }
        for status in statuses
    }


RETRY_AFTER = {"Retry-After": {"description": "Seconds", "schema": {"type": "integer"}}}


def takes(model: type[BaseModel]) -> dict[str, Any]:
    """Document the body of an operation that parses it itself, for `openapi_extensions`."""
    return {
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": {"$ref": f"{REF}{model.__name__}"}}},
        }
    }


def reads(model: type[BaseModel]) -> dict[str, Any]:
    """Document the query of an operation that parses it itself, for `openapi_extensions`."""
    properties = model.model_json_schema()["properties"]
    return {
        "parameters": [
            {
                "name": name,
                "in": "query",
                "required": False,
                "description": schema.pop("description", ""),
                "schema": schema,
            }
            for name, schema in properties.items()
        ]
    }


class ApiRoutes(APIBlueprint):
    """Routes that are in the OpenAPI document. Their part of it is made when it is asked for: while
    the API starts, it would take longer than the routes."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.statuses: dict[tuple[str, str], list[int]] = {}
        """The documented statuses by path, as in the document, and method."""

        self._undocumented: list[Callable[[], object]] = []

    def _collect_openapi_info(self, rule: str, func: Callable[..., Any], **described: Any) -> Any:
        self._undocumented.append(partial(super()._collect_openapi_info, rule, func, **described))
        path = parse_rule(rule, url_prefix=self.url_prefix)
        statuses = described.get("responses") or {200: None}
        self.statuses[path, described["method"].upper()] = [int(one) for one in statuses]
        return parse_parameters(func, doc_ui=False)

    def document(self) -> None:
        """Make `paths`, `tags` and `components_schemas`, at the first call."""
        while self._undocumented:
            self._undocumented.pop(0)()


class Api(OpenAPI):
    """A Flask application whose OpenAPI document lists only responses that really occur."""

    def __init__(self, version: str) -> None:
        super().__init__(
            "neuroplay.api",
            info=Info(title="NeuroPlay", version=version, description=DESCRIPTION),
            security_schemes=SECURITY_SCHEMES,
            doc_ui=False,
            static_folder=None,
        )
        self._described: list[type[BaseModel]] = [Problem]
        self._routes: list[ApiRoutes] = []

    def describe(self, *models: type[BaseModel]) -> None:
        """Add the schemas of `models` that no operation declares."""
        self._described += models

    def register_api(self, api: ApiRoutes, **options: Any) -> None:  # type: ignore[override]
        self._routes.append(api)
        super().register_api(api, **options)

    @property
    def statuses(self) -> dict[tuple[str, str], list[int]]:
        """The documented statuses of all routes, by path and method."""
        return {key: found for routes in self._routes for key, found in routes.statuses.items()}

    @property
    def api_doc(self) -> dict[str, Any]:
        with _documenting:
            document: dict[str, Any] = super().api_doc
            return document

    def generate_spec_json(self) -> None:
        for model in self._described:
            schema = model.model_json_schema(ref_template=REF + "{model}")
            for name, inner in (schema.pop("$defs", {}) | {model.__name__: schema}).items():
                self.components_schemas[name] = Schema(**inner)
        for routes in self._routes:
            routes.document()
            self.tags += [tag for tag in routes.tags if tag not in self.tags]
            self.paths |= routes.paths
            self.components_schemas |= routes.components_schemas
        declared = {
            (path, method)
            for path, item in self.paths.items()
            for method, operation in item.model_dump(exclude_unset=True, by_alias=True).items()
            if "422" in operation.get("responses", {})
        }
        super().generate_spec_json()  # type: ignore[no-untyped-call]
        # The library adds its own validation error to every operation, which we do not use.
        for path, item in self.spec_json["paths"].items():
            for method, operation in item.items():
                if (path, method) not in declared:
                    operation["responses"].pop("422", None)
        self.spec_json["components"]["schemas"].pop("ValidationErrorModel", None)

    def log_exception(self, exc_info: Any) -> None:
        """Log an unexpected error, with the route's template instead of the path."""
        rule = request.url_rule
        log.error(
            "unexpected error",
            exc_info=exc_info[1],
            route=rule.rule if rule else "unmatched",
            request_id=current().request_id,
        )
