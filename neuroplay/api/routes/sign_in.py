"""Sign in with a card, and sign out."""

from __future__ import annotations

from flask import Response
from flask_openapi3.models.tag import Tag

from neuroplay.api.contract.document import (
    SIGNED_IN,
    SIGNED_IN_PROBLEMS,
    ApiRoutes,
    problems,
    takes,
)
from neuroplay.api.contract.schemas import SignedIn, SignInRequest
from neuroplay.api.contract.wire import Reply, read_body, reply
from neuroplay.api.request.caller import caller_address, container, signed_in
from neuroplay.core.entities.principal import Principal
from neuroplay.core.errors import Refused
from neuroplay.infra.monitoring.logging import get_logger
from neuroplay.infra.monitoring.metrics import SIGN_IN_RESULTS, SIGN_INS_TOTAL

log = get_logger(__name__)

blueprint = ApiRoutes("sign_in", __name__, url_prefix="/api/v1", abp_tags=[Tag(name="Sign-in")])


@blueprint.post(
    "/sign-in",
    summary="Sign in with a card",
    operation_id="signIn",
    responses={
        200: SignedIn,
        **problems(
            400,
            401,
            413,
            415,
            422,
            429,
            503,
            words={
                401: "`wrong_card`: no card has these codes; with `because`: `class_archived`, "
                "the class of this card has ended"
            },
        ),
    },
    openapi_extensions=takes(SignInRequest),
)
def sign_in() -> Reply:
    asked = read_body(SignInRequest)
    try:
        signed = container().sign_in.execute(
            class_code=asked.class_code, card_code=asked.card_code, device_id=asked.device_id
        )
    except Refused as error:
        result = error.because or error.code
        if result in SIGN_IN_RESULTS:
            SIGN_INS_TOTAL.labels(result=result).inc()
            log.warning("sign-in refused", code=result, address=caller_address())
        raise
    SIGN_INS_TOTAL.labels(result="ok").inc()
    holder = signed.holder
    return reply(
        {
            "token": signed.token,
            "token_id": str(signed.token_id),
            "export_key": signed.export_key,
            holder.role.kind: {
                "id": holder.holder_id,
                "nickname": holder.nickname,
                "avatar": holder.avatar,
            },
        }
    )


@blueprint.post(
    "/sign-out",
    summary="Revoke this device's token",
    operation_id="signOut",
    security=SIGNED_IN,
    responses={204: None, **problems(*SIGNED_IN_PROBLEMS)},
)
def sign_out() -> Response:
    container().sign_out.execute(signed_in(Principal))
    return Response(status=204)
