"""The page for adults. It contains no figures: what it shows, it reads from /api/v1/adult."""

from __future__ import annotations

from flask import Blueprint, Response

from neuroplay.api.page.pwa import built_file

blueprint = Blueprint("teacher", __name__, url_prefix="/teacher")


@blueprint.get("", strict_slashes=False)
@blueprint.get("/<path:_place>")
def page(_place: str = "") -> Response:
    """The same page at all of its addresses, from which it reads what to show."""
    return built_file("teacher.html")
