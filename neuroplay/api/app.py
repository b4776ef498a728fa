"""The Flask application: `create_app()` for a server, `create_app(container)` for a test."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from neuroplay.api.contract import adult_passkeys as passkeys
from neuroplay.api.contract import adult_rosters as rosters
from neuroplay.api.contract import adult_views
from neuroplay.api.contract.adult_schemas import ADULT_REQUESTS
from neuroplay.api.contract.document import Api
from neuroplay.api.contract.schemas import GamePath, OfferRequest, SignInRequest, SyncBatch
from neuroplay.api.contract.wire import LARGEST_BODY
from neuroplay.api.direct import Direct, answer_directly
from neuroplay.api.page import pwa
from neuroplay.api.request.call import CONTAINER, PROXIES
from neuroplay.api.request.caller import read_networks
from neuroplay.api.request.errors import register_error_handlers
from neuroplay.api.request.observation import observe_requests
from neuroplay.api.request.security_headers import add_security_headers
from neuroplay.api.routes import (
    adult_cards,
    adult_classes,
    adult_held,
    adult_overview,
    adult_passkeys,
    adult_rosters,
    adult_sign_in,
    adult_students,
    docs,
    gameplay,
    games,
    health,
    leaderboards,
    me,
    metrics,
    ops,
    sign_in,
    teacher,
)
from neuroplay.core.entities.achievement import ACHIEVEMENTS
from neuroplay.core.entities.game_catalogue import GAMES
from neuroplay.infra.monitoring import monitoring
from neuroplay.infra.monitoring.logging import configure_logging
from neuroplay.infra.monitoring.metrics import UNMATCHED, start_endpoint_series, start_series

if TYPE_CHECKING:
    from neuroplay.bootstrap import Container

RESOURCES = (
    sign_in,
    gameplay,
    me,
    games,
    leaderboards,
    health,
    metrics,
    adult_sign_in,
    adult_passkeys,
    adult_overview,
    adult_classes,
    adult_students,
    adult_held,
    adult_cards,
    adult_rosters,
)


def create_app(container: Container | None = None, *, pwa_folder: Path = pwa.BUILT) -> Api:
    """The application for `container`. If it is None, one is built from the settings in the
    environment, and logging and error reports of this process are configured.

    Opens no connection: the first request does, after the server has forked.
    """
    if container is None:
        container = _from_environment()
    monitoring.watch(health=container.health, figures=container.figures)
    app = Api(container.settings.app_version)
    app.config.update(MAX_CONTENT_LENGTH=LARGEST_BODY, PROPAGATE_EXCEPTIONS=False)
    app.extensions[CONTAINER] = container
    app.extensions[PROXIES] = read_networks(container.settings.trusted_proxies)
    observe_requests(app)
    answer_directly(app, _of_tablets())
    add_security_headers(app, over_tls=container.settings.over_tls)
    register_error_handlers(app)
    app.describe(
        SignInRequest,
        OfferRequest,
        SyncBatch,
        *ADULT_REQUESTS,
        *adult_views.BODIES,
        *passkeys.BODIES,
        *rosters.BODIES,
    )
    for resource in RESOURCES:
        app.register_api(resource.blueprint)
    app.register_blueprint(docs.blueprint)
    app.register_blueprint(ops.blueprint)
    app.register_blueprint(teacher.blueprint)
    pwa.register_pwa(app, pwa_folder)
    _start_series(app)
    return app


def _of_tablets() -> dict[tuple[str, str], Direct]:
    """The routes that tablets use all day, by method and path."""
    api = "/api/v1"
    board = f"{api}/leaderboards/<game_type>"
    return {
        ("POST", f"{api}/sign-in"): Direct(f"{api}/sign-in", sign_in.sign_in),
        ("POST", f"{api}/gameplay/sync"): Direct(f"{api}/gameplay/sync", gameplay.sync),
        ("GET", f"{api}/me"): Direct(f"{api}/me", me.me),
        **{
            ("GET", f"{api}/leaderboards/{game}"): Direct(
                board, leaderboards.leaderboard, {"path": GamePath(game_type=game)}
            )
            for game in GAMES
        },
    }


def _from_environment() -> Container:
    from neuroplay.bootstrap import build
    from neuroplay.config import load_settings

    settings = load_settings()
    configure_logging(settings.log_level)
    monitoring.init_sentry(settings=settings)
    return build(settings, wakes_workers=True)


def _start_series(app: Api) -> None:
    """Create the metrics of every documented response of every route, with the value 0."""
    start_series(ACHIEVEMENTS)
    documented = app.statuses
    for rule in app.url_map.iter_rules():
        path = rule.rule.replace("<", "{").replace(">", "}")
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            start_endpoint_series(rule.rule, [method], documented.get((path, method), [200]))
    start_endpoint_series(UNMATCHED, ["GET"], [404])
