"""Answers the requests that tablets make all day without Flask's dispatch.

Flask's contexts, hooks, signals and response objects take a third of such a request. Its route is
looked up in a dictionary here, and its view is called. Everything else goes to Flask: other routes,
and the errors that a view raises.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, NamedTuple

from neuroplay.api.contract.wire import Reply
from neuroplay.api.request.observation import ended, observed
from neuroplay.api.request.request_id import HEADER

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment
    from flask import Flask

_STATUS = {one.value: f"{one.value} {one.phrase}" for one in HTTPStatus}


class Direct(NamedTuple):
    """A view that uses the current `Call` and nothing of Flask, with its arguments."""

    rule: str
    """As Flask knows it, such as /api/v1/leaderboards/<game_type>."""

    view: Callable[..., Reply]
    arguments: Mapping[str, Any] = {}


def answer_directly(app: Flask, routes: Mapping[tuple[str, str], Direct]) -> None:
    """Answer `routes`, by method and path, without Flask's dispatch. They must be routes of `app`,
    too, which has their documentation."""
    app.wsgi_app = _answering(app, app.wsgi_app, routes)  # type: ignore[method-assign,assignment]


def _answering(
    app: Flask, dispatch: WSGIApplication, routes: Mapping[tuple[str, str], Direct]
) -> WSGIApplication:
    def answer(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        route = routes.get((environ["REQUEST_METHOD"], environ["PATH_INFO"]))
        if route is None:
            return dispatch(environ, start_response)
        call = observed(app, environ)
        try:
            body, status, headers = route.view(**route.arguments)
        except Exception as error:  # noqa: BLE001 - as in Flask, which handles it
            return _failed(app, error, environ, start_response)
        ended(call, route.rule, status)
        start_response(
            _STATUS[status],
            [*headers.items(), ("Content-Length", str(len(body))), (HEADER, call.request_id)],
        )
        return (body,)

    return answer


def _failed(
    app: Flask, error: Exception, environ: WSGIEnvironment, start_response: StartResponse
) -> Iterable[bytes]:
    """Flask's answer to an error that a view raised. Its hooks record the request."""
    with app.request_context(environ):
        try:
            response = app.finalize_request(app.handle_user_exception(error))
        except Exception as unhandled:  # noqa: BLE001 - as in Flask
            response = app.handle_exception(unhandled)
        return response(environ, start_response)
