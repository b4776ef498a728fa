"""Error reports to Sentry. Without SENTRY_DSN the SDK is not imported.

Only an allow-list is sent: types, stack frames, routes and our own error codes. Messages of
exceptions, headers, bodies, SQL, arguments and local variables never leave the machine.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from structlog.contextvars import get_contextvars

from neuroplay.core.errors import NeuroPlayError
from neuroplay.infra.monitoring.scrubbing import REMOVED

if TYPE_CHECKING:
    from neuroplay.config import Settings

UNTRACED = ("/health", "/metrics", "/ops/figures")

LAST_REPORT_S = 2.0
"""How long a crashed command waits until its report is sent."""

EVENT_KEYS = (
    "event_id",
    "timestamp",
    "start_timestamp",
    "level",
    "platform",
    "release",
    "environment",
    "sdk",
    "transaction",
    "transaction_info",
    "type",
    "fingerprint",
)
FRAME_KEYS = (
    "filename",
    "abs_path",
    "function",
    "module",
    "lineno",
    "in_app",
    "pre_context",
    "context_line",
    "post_context",
)
SPAN_KEYS = (
    "trace_id",
    "span_id",
    "parent_span_id",
    "op",
    "status",
    "start_timestamp",
    "timestamp",
    "origin",
)
CRUMB_KEYS = ("timestamp", "type", "category", "level")
CRUMB_DATA_KEYS = ("method", "status_code")
CONTEXTS = ("trace", "runtime")
TAGS = ("component", "request_id")


def init_sentry(app: object = None, *, settings: Settings | None = None) -> bool:
    """Report errors of this process to SENTRY_DSN; returns whether it is set.

    `app` is accepted for callers that pass the Flask application; the integrations find it
    themselves.
    """
    del app
    if settings is None:
        from neuroplay.config import load_settings

        settings = load_settings()
    if not settings.sentry_dsn:
        return False

    import sentry_sdk
    from sentry_sdk.integrations.celery import CeleryIntegration
    from sentry_sdk.integrations.flask import FlaskIntegration
    from sentry_sdk.integrations.logging import LoggingIntegration
    from sentry_sdk.integrations.redis import RedisIntegration
    from sentry_sdk.integrations.sqlalchemy import SqlalchemyIntegration

    sentry_sdk.init(
        dsn=settings.sentry_dsn,
        release=f"neuroplay@{settings.app_version}",
        environment=settings.environment,
        integrations=[
            FlaskIntegration(transaction_style="url"),
            CeleryIntegration(),
            SqlalchemyIntegration(),
            RedisIntegration(),
            LoggingIntegration(),
        ],
        auto_enabling_integrations=False,
        auto_session_tracking=False,
        include_local_variables=False,
        max_request_body_size="never",
        # Without tracing no spans are created, which would cost each request 0.25 ms.
        traces_sampler=traces_sampler(settings.sentry_traces) if settings.sentry_traces else None,
        shutdown_timeout=LAST_REPORT_S,
        # Otherwise the SDK uses brotli if it happens to be installed, which not every receiver
        # supports. The option is declared as an enum but compared with the text.
        _experiments={"transport_compression_algo": "gzip"},  # type: ignore[typeddict-item]
        before_send=before_send,
        before_send_transaction=before_send_transaction,
        before_breadcrumb=before_breadcrumb,
    )
    return True


def report_crash(error: BaseException, component: str) -> None:
    """Report the error that ends this process, if there is a DSN. Never raises, and takes at most
    LAST_REPORT_S."""
    with contextlib.suppress(Exception):
        if init_sentry():
            import sentry_sdk

            with sentry_sdk.new_scope() as scope:
                scope.set_tag("component", component)
                sentry_sdk.capture_exception(error)
            sentry_sdk.flush(LAST_REPORT_S)


def traces_sampler(share: float) -> Callable[[Mapping[str, Any]], float]:
    """Sample `share` of the requests, or as the caller decided; never health checks and scrapes."""

    def sample(context: Mapping[str, Any]) -> float:
        path = (context.get("wsgi_environ") or {}).get("PATH_INFO", "")
        if path.startswith(UNTRACED):
            return 0.0
        parent = context.get("parent_sampled")
        return share if parent is None else float(parent)

    return sample


def before_send(event: Any, hint: Mapping[str, Any]) -> Any:
    """Rebuild an error event from the allow-list."""
    sent = _picked(event, EVENT_KEYS)
    error = (hint.get("exc_info") or (None, None))[1]
    if "exception" in event:
        values = event["exception"].get("values", [])
        sent["exception"] = {"values": [_exception(value) for value in values]}
        if isinstance(error, NeuroPlayError) and sent["exception"]["values"]:
            sent["exception"]["values"][-1]["value"] = error.code
    elif "logentry" in event:
        # The format of a log call without its values: `log.error("no answer from %s", host)`.
        sent["logentry"] = {"message": str(event["logentry"].get("message", REMOVED))[:200]}
        sent["logger"] = event.get("logger", "")
    sent["contexts"] = _contexts(event)
    sent["tags"] = _tags(event)
    sent["breadcrumbs"] = {"values": [_crumb(crumb) for crumb in _values(event.get("breadcrumbs"))]}
    return sent


def before_send_transaction(event: Any, hint: Mapping[str, Any]) -> Any:
    """Rebuild a trace from the allow-list: operations and times, without descriptions."""
    del hint
    sent = _picked(event, EVENT_KEYS)
    sent["contexts"] = _contexts(event)
    sent["tags"] = _tags(event)
    sent["spans"] = [_picked(span, SPAN_KEYS) for span in event.get("spans", [])]
    return sent


def before_breadcrumb(crumb: Any, hint: Mapping[str, Any]) -> Any:
    """Reduce a breadcrumb to its kind and its status."""
    del hint
    return _crumb(crumb)


def _picked(source: Mapping[str, Any], keys: tuple[str, ...]) -> dict[str, Any]:
    return {key: source[key] for key in keys if key in source}


def _exception(value: Mapping[str, Any]) -> dict[str, Any]:
    sent = _picked(value, ("type", "module", "mechanism", "thread_id"))
    sent["value"] = REMOVED
    if "mechanism" in sent:
        sent["mechanism"] = _picked(sent["mechanism"], ("type", "handled"))
    frames = (value.get("stacktrace") or {}).get("frames", [])
    sent["stacktrace"] = {"frames": [_picked(frame, FRAME_KEYS) for frame in frames]}
    return sent


def _contexts(event: Mapping[str, Any]) -> dict[str, Any]:
    contexts = _picked(event.get("contexts") or {}, CONTEXTS)
    if "trace" in contexts:
        contexts["trace"] = _picked(contexts["trace"], SPAN_KEYS)
    return contexts


def _tags(event: Mapping[str, Any]) -> dict[str, Any]:
    tags = _picked(event.get("tags") or {}, TAGS)
    with contextlib.suppress(LookupError):
        tags |= {key: str(value) for key, value in _picked(get_contextvars(), TAGS).items()}
    return tags


def _crumb(crumb: Mapping[str, Any]) -> dict[str, Any]:
    sent = _picked(crumb, CRUMB_KEYS)
    if data := _picked(crumb.get("data") or {}, CRUMB_DATA_KEYS):
        sent["data"] = data
    return sent


def _values(crumbs: Any) -> list[Mapping[str, Any]]:
    return list(crumbs.get("values", [])) if isinstance(crumbs, Mapping) else list(crumbs or [])
