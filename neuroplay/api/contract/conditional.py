"""Answers that a page asks for again and again: 304 while nothing has changed."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Protocol, TypeVar

from flask import Response, request

from neuroplay import __version__
from neuroplay.api.contract.wire import json_answer
from neuroplay.core.use_cases.adult_classes import Unchanged
from neuroplay.documents import iso

HASHED = 16


class Stamped(Protocol):
    @property
    def at(self) -> datetime: ...
    @property
    def stamp(self) -> str: ...


View = TypeVar("View", bound=Stamped)


def unless_known(document: Mapping[str, object], *, at: datetime) -> Response:
    """The document with the time `at` of the answer; 304 if the browser has the same document of
    another time. The tag is weak, since the time is not part of it."""
    tag = _tag(json_answer(document).get_data())
    is_known = request.if_none_match.contains_weak(tag)
    return _tagged(None if is_known else {"at": iso(at), **document}, tag)


def unless_unchanged(
    read: Callable[..., View | Unchanged], document: Callable[[View], Mapping[str, object]]
) -> Response:
    """What `read` finds, as `unless_known`, with a tag from its stamp. `read` is given `known`, by
    which it need not read what the browser has."""
    found = read(known=lambda stamp: request.if_none_match.contains_weak(_tag_of(stamp)))
    if isinstance(found, Unchanged):
        return _tagged(None, _tag_of(found.stamp))
    return _tagged({"at": iso(found.at), **document(found)}, _tag_of(found.stamp))


def _tag_of(stamp: str) -> str:
    """Another release may write another document about the same."""
    return _tag(f"{__version__} {stamp}".encode())


def _tag(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[: 2 * HASHED]


def _tagged(document: Mapping[str, object] | None, tag: str) -> Response:
    answer = Response(status=304) if document is None else json_answer(document)
    answer.set_etag(tag, weak=True)
    answer.headers["Cache-Control"] = "private, no-cache"
    return answer
