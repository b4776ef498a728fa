"""An adult's classes with their figures."""

from __future__ import annotations

from functools import partial

from flask import Response, request
from flask_openapi3.models.tag import Tag

from neuroplay.api.contract.adult_views import OverviewAnswer, OverviewQuery
from neuroplay.api.contract.conditional import unless_unchanged
from neuroplay.api.contract.document import (
    ADULT,
    ADULT_READING_PROBLEMS,
    UNCHANGED,
    ApiRoutes,
    problems,
    reads,
)
from neuroplay.api.contract.wire import checked
from neuroplay.api.request.adult import signed_in_adult
from neuroplay.api.request.caller import container
from neuroplay.core.use_cases.adult_classes import ClassLine
from neuroplay.documents import iso, minutes

blueprint = ApiRoutes(
    "adult_overview",
    __name__,
    url_prefix="/api/v1/adult/overview",
    abp_tags=[Tag(name="Adults")],
    abp_security=ADULT,
)


@blueprint.get(
    "",
    summary="The adult's classes: who played today and this week, how fresh that is",
    operation_id="readOverview",
    responses={200: OverviewAnswer, **UNCHANGED, **problems(422, *ADULT_READING_PROBLEMS)},
    openapi_extensions=reads(OverviewQuery),
)
def overview() -> Response:
    adult = signed_in_adult()
    query = checked(OverviewQuery, request.args.to_dict())
    return unless_unchanged(
        partial(container().read_overview.execute, adult, archived=query.archived),
        lambda found: {"classes": [_line(one) for one in found.classes]},
    )


def _line(one: ClassLine) -> dict[str, object]:
    known, figures = one.school_class, one.figures
    return {
        "id": known.class_id,
        "name": known.name,
        "code": known.code,
        "made_up": known.has_made_up_play,
        "archived": known.is_archived,
        "students": one.students,
        "played_today": figures.played_today,
        "played_week": figures.played_week,
        "minutes_today": minutes(figures.seconds_today),
        "minutes_week": minutes(figures.seconds_week),
        "games_week": figures.games_week,
        "last_heard": iso(figures.last_heard),
        "unsent_games": figures.unsent_games,
        "unsent_tablets": figures.unsent_devices,
        "held": figures.held,
        "counting": figures.counting,
    }
