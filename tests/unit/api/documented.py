"""A test client that compares every response with the OpenAPI document."""

from __future__ import annotations

import re
from typing import Any

from flask.testing import FlaskClient
from jsonschema import Draft202012Validator, FormatChecker
from werkzeug.exceptions import HTTPException
from werkzeug.test import TestResponse


class DocumentedClient(FlaskClient):
    """Fails the test if a response of a documented route does not match the document."""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        kwargs.setdefault("buffered", True)  # files are closed with their answer
        answer = super().open(*args, **kwargs)
        check(self.application.api_doc, self.application.url_map, answer)  # type: ignore[attr-defined]
        return answer


def check(document: dict[str, Any], url_map: Any, answer: TestResponse) -> None:
    request = answer.request
    try:
        rule, _ = url_map.bind("localhost").match(request.path, request.method, return_rule=True)
    except HTTPException:
        return  # no route, or another method
    path = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule)
    operation = document["paths"].get(path, {}).get(request.method.lower())
    if operation is None or answer.status_code == 304:
        return
    answers = operation["responses"]
    assert str(answer.status_code) in answers, f"{path}: {answer.status} is not documented"
    content = answers[str(answer.status_code)].get("content")
    if content is None:
        assert answer.data == b""
        return
    assert answer.mimetype in content, f"{path}: {answer.mimetype} is not documented"
    schema = content[answer.mimetype]["schema"]
    if answer.mimetype.endswith("json"):
        Draft202012Validator(
            {"components": document["components"], **schema}, format_checker=FormatChecker()
        ).validate(answer.json if answer.json is not None else answer.get_json(force=True))
