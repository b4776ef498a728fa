"""Passkeys of adults: sign in with one, add one, remove one."""

from __future__ import annotations

from flask import Response
from flask_openapi3.models.tag import Tag

from neuroplay.api.contract.adult_passkeys import (
    AdultPasskey,
    NewPasskeyChallenge,
    PasskeyBegin,
    PasskeyChallenge,
    PasskeyMade,
    PasskeyPath,
    PasskeySigned,
    written,
)
from neuroplay.api.contract.adult_schemas import AdultSelf
from neuroplay.api.contract.document import ADULT, ADULT_PROBLEMS, ApiRoutes, problems, takes
from neuroplay.api.contract.wire import json_answer, read_body
from neuroplay.api.request.adult import (
    adult_session,
    require_own_page,
    require_private_line,
    signed_in_adult,
)
from neuroplay.api.request.caller import container
from neuroplay.api.routes.adult_sign_in import counted, passkey_document, signed_in_answer
from neuroplay.core.entities.passkey import MadePasskey, SignedChallenge
from neuroplay.core.use_cases.passkey_sign_in import PasskeyQuestion
from neuroplay.infra.monitoring.metrics import ADULT_SIGN_INS_TOTAL

blueprint = ApiRoutes(
    "adult_passkeys", __name__, url_prefix="/api/v1/adult", abp_tags=[Tag(name="Adults")]
)

OFF = {409: "`passkeys_off`: they need HTTPS and an address with a name"}
LATE = {410: "`passkey_late`: the challenge is too old, or was used; ask for a new one"}


@blueprint.post(
    "/sign-in/passkey/challenge",
    summary="A challenge, to sign in with a passkey",
    operation_id="askForPasskey",
    responses={200: PasskeyChallenge, **problems(403, 409, 415, 503, words=OFF)},
)
def ask_for_passkey() -> Response:
    require_own_page()
    return json_answer(_question(container().ask_for_passkey.execute()))


@blueprint.post(
    "/sign-in/passkey",
    summary="Sign in with a passkey",
    operation_id="signInWithPasskey",
    responses={
        200: AdultSelf,
        **problems(
            400,
            401,
            403,
            409,
            410,
            413,
            415,
            422,
            429,
            503,
            words=OFF | LATE | {401: "`wrong_passkey`: it is unknown here, or was removed"},
        ),
    },
    openapi_extensions=takes(PasskeySigned),
)
def sign_in_with_passkey() -> Response:
    require_own_page()
    require_private_line()
    asked = read_body(PasskeySigned)
    with counted():
        signed = container().sign_in_with_passkey.execute(
            asked.challenge,
            SignedChallenge(
                credential_id=asked.credential_id,
                client_data=asked.client_data,
                authenticator_data=asked.authenticator_data,
                signature=asked.signature,
                handle=asked.handle,
            ),
        )
    ADULT_SIGN_INS_TOTAL.labels(result="passkey").inc()
    return signed_in_answer(signed)


@blueprint.post(
    "/passkeys/challenge",
    summary="A challenge, to make a passkey; asks for the passphrase again",
    operation_id="beginPasskey",
    security=ADULT,
    responses={
        200: NewPasskeyChallenge,
        **problems(
            400,
            409,
            413,
            422,
            *ADULT_PROBLEMS,
            words={
                403: "`csrf`; `wrong_old_passphrase`: the passphrase is another",
                409: "`too_many_passkeys`; `passkeys_off`: they need HTTPS and an address with "
                "a name",
            },
        ),
    },
    openapi_extensions=takes(PasskeyBegin),
)
def begin_passkey() -> Response:
    session = adult_session()
    asked = read_body(PasskeyBegin)
    made = container().begin_passkey.execute(session, asked.passphrase)
    return json_answer(
        _question(made.question)
        | {
            "handle": written(made.adult.handle),
            "name": made.adult.name,
            "known": [written(one) for one in made.known],
            "algorithms": list(made.algorithms),
        }
    )


@blueprint.post(
    "/passkeys",
    summary="Add a passkey that was made",
    operation_id="addPasskey",
    security=ADULT,
    responses={
        201: AdultPasskey,
        **problems(
            400,
            409,
            410,
            413,
            422,
            *ADULT_PROBLEMS,
            words=LATE
            | {
                409: "`passkey_not_added`: it is there already, or there are too many; "
                "`passkeys_off`",
                422: "`invalid_request`, `bad_passkey_name`; `bad_passkey`: it cannot be used",
            },
        ),
    },
    openapi_extensions=takes(PasskeyMade),
)
def add_passkey() -> Response:
    session = adult_session()
    asked = read_body(PasskeyMade)
    made = MadePasskey(client_data=asked.client_data, attestation=asked.attestation)
    added = container().add_passkey.execute(session, asked.challenge, asked.name, made)
    return json_answer(passkey_document(added), 201)


@blueprint.delete(
    "/passkeys/<int:passkey_id>",
    summary="Remove a passkey",
    operation_id="removePasskey",
    security=ADULT,
    responses={204: None, **problems(404, *ADULT_PROBLEMS)},
)
def remove_passkey(path: PasskeyPath) -> Response:
    container().remove_passkey.execute(signed_in_adult(), path.passkey_id)
    return Response(status=204)


def _question(asked: PasskeyQuestion) -> dict[str, object]:
    return {"challenge": asked.challenge, "origin": asked.origin, "domain": asked.domain}
