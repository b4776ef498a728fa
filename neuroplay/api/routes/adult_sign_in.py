"""Adults: sign in, sign out, and see the own account."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from flask import Response, request
from flask_openapi3.models.tag import Tag

from neuroplay.api.contract.adult_schemas import (
    AdultSelf,
    AdultSignInRequest,
    Invitation,
    JoinRequest,
    LinkRequest,
    PassphraseRequest,
)
from neuroplay.api.contract.document import (
    ADULT,
    ADULT_PROBLEMS,
    ADULT_READING_PROBLEMS,
    ApiRoutes,
    problems,
    takes,
)
from neuroplay.api.contract.wire import json_answer, read_body
from neuroplay.api.request.adult import (
    adult_session,
    browser_cookie,
    cookie_name,
    require_own_page,
    require_private_line,
)
from neuroplay.api.request.caller import caller_address, container
from neuroplay.core.entities.passkey import Passkey
from neuroplay.core.errors import NeuroPlayError
from neuroplay.core.rules.adult_sign_ins import LONGEST_DAYS
from neuroplay.core.use_cases.adult_session import AdultSession
from neuroplay.core.use_cases.adult_sign_in import AdultSignedIn
from neuroplay.documents import iso
from neuroplay.infra.monitoring.logging import get_logger
from neuroplay.infra.monitoring.metrics import ADULT_SIGN_IN_RESULTS, ADULT_SIGN_INS_TOTAL

log = get_logger(__name__)

DAY_S = 86_400
BROWSER_DAYS = 400
"""How long a browser stays known; more is not granted by any."""

blueprint = ApiRoutes(
    "adult_sign_in", __name__, url_prefix="/api/v1/adult", abp_tags=[Tag(name="Adults")]
)


LINK_WORDS = {
    404: "`link_unknown`: the link is incomplete, or long gone",
    410: "`link_used`, `link_late`: ask for a new one",
}
PASSPHRASE_WORDS = {422: "`invalid_request`, `weak_passphrase`; `detail` says why"}


@blueprint.post(
    "/invitation",
    summary="Show what a link is for, without using it up",
    operation_id="openInvitation",
    responses={
        200: Invitation,
        **problems(400, 403, 404, 410, 413, 415, 422, 503, words=LINK_WORDS),
    },
    openapi_extensions=takes(LinkRequest),
)
def open_invitation() -> Response:
    require_own_page()
    require_private_line()
    asked = read_body(LinkRequest)
    with counted():
        link, classes = container().open_invitation.execute(asked.token)
    return json_answer(
        {
            "name": link.adult.name,
            "role": link.adult.role.value,
            "classes": [{"id": number, "name": name} for number, name in classes],
            "expires_at": iso(link.expires_at),
            "returning": link.adult.passphrase is not None,
        }
    )


@blueprint.post(
    "/join",
    summary="Set the passphrase by a link, and sign in",
    operation_id="joinAdult",
    responses={
        200: AdultSelf,
        **problems(
            400, 403, 404, 410, 413, 415, 422, 429, 503, words=LINK_WORDS | PASSPHRASE_WORDS
        ),
    },
    openapi_extensions=takes(JoinRequest),
)
def join() -> Response:
    require_own_page()
    require_private_line()
    asked = read_body(JoinRequest)
    with counted():
        signed = container().join_adult.execute(asked.token, asked.passphrase)
    ADULT_SIGN_INS_TOTAL.labels(result="joined").inc()
    return signed_in_answer(signed)


@blueprint.post(
    "/sign-in",
    summary="Sign in with a name and a passphrase",
    operation_id="signInAdult",
    responses={
        200: AdultSelf,
        **problems(
            400,
            401,
            403,
            413,
            415,
            422,
            429,
            503,
            words={401: "`wrong_passphrase`: no adult has this name and this passphrase"},
        ),
    },
    openapi_extensions=takes(AdultSignInRequest),
)
def sign_in() -> Response:
    require_own_page()
    require_private_line()
    asked = read_body(AdultSignInRequest)
    with counted():
        signed = container().sign_in_adult.execute(
            asked.name, asked.passphrase, browser=request.cookies.get(browser_cookie(), "")
        )
    ADULT_SIGN_INS_TOTAL.labels(result="ok").inc()
    return signed_in_answer(signed)


@blueprint.post(
    "/passphrase",
    summary="Replace the own passphrase, end all sign-ins, and sign in again",
    operation_id="changePassphrase",
    security=ADULT,
    responses={
        200: AdultSelf,
        **problems(
            400,
            413,
            422,
            *ADULT_PROBLEMS,
            words=PASSPHRASE_WORDS
            | {403: "`csrf`; `wrong_old_passphrase`: the old one is another"},
        ),
    },
    openapi_extensions=takes(PassphraseRequest),
)
def change_passphrase() -> Response:
    session = adult_session()
    asked = read_body(PassphraseRequest)
    return signed_in_answer(container().change_passphrase.execute(session, asked.old, asked.new))


@blueprint.get(
    "/self",
    summary="Who is signed in, and which classes they see",
    operation_id="readAdultSelf",
    security=ADULT,
    responses={200: AdultSelf, **problems(*ADULT_READING_PROBLEMS)},
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
    session = adult_session(cost=0.0)  # whoever has to wait may leave
    container().sign_out_adult.execute(session)
    response = Response(status=204)
    _set_cookie(response, cookie_name(), "", max_age_s=0)
    return response


@contextmanager
def counted() -> Iterator[None]:
    """Count and log attempts to sign in that are refused, without names."""
    try:
        yield
    except NeuroPlayError as error:
        if error.code in ADULT_SIGN_IN_RESULTS:
            ADULT_SIGN_INS_TOTAL.labels(result=error.code).inc()
            log.warning("sign-in of an adult refused", code=error.code, address=caller_address())
        raise


def signed_in_answer(signed: AdultSignedIn) -> Response:
    """Who is signed in, with the cookies."""
    response = json_answer(_self_document(signed.session))
    _set_cookie(response, cookie_name(), signed.token, max_age_s=LONGEST_DAYS * DAY_S)
    _set_cookie(response, browser_cookie(), signed.browser, max_age_s=BROWSER_DAYS * DAY_S)
    return response


def _set_cookie(response: Response, name: str, value: str, *, max_age_s: int) -> None:
    response.set_cookie(
        name,
        value,
        max_age=max_age_s,
        path="/",
        secure=container().settings.over_tls,
        httponly=True,
        samesite="Strict",
    )


def _self_document(session: AdultSession) -> dict[str, object]:
    adult = session.principal
    return {
        "adult": {"id": adult.adult_id, "name": adult.name, "role": adult.role.value},
        "csrf": session.csrf,
        "classes": [
            {
                "id": one.class_id,
                "name": one.name,
                "code": one.code,
                "students": students,
                "archived": one.is_archived,
            }
            for one, students in container().list_own_classes.execute(adult)
        ],
        "passkeys": [passkey_document(one) for one in container().list_own_passkeys.execute(adult)],
        "passkeys_at": container().passkeys.origin,
    }


def passkey_document(passkey: Passkey) -> dict[str, object]:
    return {
        "id": passkey.passkey_id,
        "name": passkey.name,
        "created_at": iso(passkey.created_at),
        "last_used": iso(passkey.last_used),
    }
