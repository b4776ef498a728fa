"""Answers that a page asks for again and again: 304 while nothing has changed."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime

from flask import Response, request

from neuroplay.api.contract.wire import json_answer
from neuroplay.documents import iso

HASHED = 16


def unless_known(document: Mapping[str, object], *, at: datetime) -> Response:
    """The document with the time `at` of the answer; 304 if the browser has the same document of
    another time. The tag is weak, since the time is not part of it."""
    answer = json_answer(document)
    tag = hashlib.sha256(answer.get_data()).hexdigest()[: 2 * HASHED]
    if request.if_none_match.contains_weak(tag):
        answer = Response(status=304)
    else:
        answer = json_answer({"at": iso(at), **document})
    answer.set_etag(tag, weak=True)
    answer.headers["Cache-Control"] = "private, no-cache"
    return answer
