"""The catalogue of games."""

from __future__ import annotations

import functools
from typing import Any

from flask import Response, request
from flask_openapi3.models.tag import Tag

from neuroplay.api.contract.document import ApiRoutes
from neuroplay.api.contract.schemas import Games
from neuroplay.api.contract.wire import json_answer
from neuroplay.core.entities.game_catalogue import GAMES

blueprint = ApiRoutes("games", __name__, url_prefix="/api/v1", abp_tags=[Tag(name="Games")])


@blueprint.get(
    "/games",
    summary="The games",
    description="The whole catalogue; `playable` tells which games can be played.",
    operation_id="readGames",
    responses={200: Games},
)
def games() -> Response:
    response = json_answer(catalogue_document())
    response.cache_control.no_cache = True
    response.add_etag()
    response.make_conditional(request)
    return response


@functools.cache
def catalogue_document() -> dict[str, Any]:
    return {
        "games": [
            {
                "game_type": game.game_type,
                "names": dict(game.names),
                "skill": game.skill,
                "skill_names": dict(game.skill_names),
                "par_score": game.par_score,
                "limits": {
                    "max_duration_s": game.max_duration_s,
                    "max_points_per_second": game.max_points_per_second,
                },
                "icon": game.icon,
                "playable": game.playable,
            }
            for game in GAMES.values()
        ]
    }
