"""This week's leaderboard of the student's class."""

from __future__ import annotations

from flask_openapi3.models.tag import Tag

from neuroplay.api.contract.document import SIGNED_IN, SIGNED_IN_PROBLEMS, ApiRoutes, problems
from neuroplay.api.contract.schemas import GamePath, Leaderboard
from neuroplay.api.contract.wire import Reply, reply
from neuroplay.api.request.caller import container, signed_in
from neuroplay.core.entities.principal import StudentPrincipal
from neuroplay.core.rules.nicknames import colour_of
from neuroplay.documents import iso

blueprint = ApiRoutes(
    "leaderboards",
    __name__,
    url_prefix="/api/v1/leaderboards",
    abp_tags=[Tag(name="Games")],
    abp_security=SIGNED_IN,
)


@blueprint.get(
    "/<game_type>",
    summary="This week's top five of the student's class, and the student's rank",
    operation_id="readLeaderboard",
    responses={200: Leaderboard, **problems(403, 404, *SIGNED_IN_PROBLEMS)},
)
def leaderboard(path: GamePath) -> Reply:
    board = container().read_leaderboard.execute(signed_in(StudentPrincipal), path.game_type)
    return reply(
        {
            "game_type": board.game_type,
            "period": "week",
            "since": iso(board.since),
            "top": [
                {
                    "nickname": one.nickname,
                    "avatar": one.avatar,
                    "colour": colour_of(one.student_id),
                    "score": one.score,
                }
                for one in board.top
            ],
            "me": None
            if board.own is None
            else {"rank": board.own[0], "score": board.own[1].score},
        }
    )
