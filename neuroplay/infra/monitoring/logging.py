"""Logging: one line per event on standard error, as JSON, or coloured on a terminal.

Records of the standard library's `logging` (Celery, Flask, SQLAlchemy) are written in the same
form. Values under `scrubbing.SECRET_KEYS`, and text that exceptions quote, are removed.
"""

from __future__ import annotations

import json
import logging
import socket
import sys
import threading
import traceback
from collections.abc import Callable, MutableMapping
from typing import Any, TextIO

from neuroplay.core.errors import SettingsError
from neuroplay.infra.monitoring.scrubbing import (
    REMOVED,
    SECRET_KEYS,
    safe_message,
    scrub_text,
)
from neuroplay.infra.plain_structlog import structlog

Event = MutableMapping[str, Any]

QUIET = ("werkzeug", "celery.app.trace", "celery.worker.strategy", "kombu", "amqp", "alembic")
"""Loggers whose `info` lines duplicate ours, or may contain a query string."""


def configure_logging(
    level: str = "info", *, as_json: bool | None = None, stream: TextIO | None = None
) -> None:
    """Write all log lines of this process to `stream`, by default the current standard error.

    With `as_json` None, JSON unless the stream is a terminal. May be called again.
    """
    threshold = logging.getLevelNamesMapping()[level.upper()]
    if as_json is None:
        as_json = not (stream or sys.stderr).isatty()
    shared = _shared()
    render = _renderers(as_json)
    structlog.configure(
        processors=[structlog.contextvars.merge_contextvars, *shared, *render],
        wrapper_class=structlog.make_filtering_bound_logger(threshold),
        logger_factory=lambda *_: _Lines(stream),
        cache_logger_on_first_use=False,
    )
    handler = _Handler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.contextvars.merge_contextvars, _source, *shared],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *render],
            keep_exc_info=False,
        )
    )
    root = logging.getLogger()
    for old in [h for h in root.handlers if isinstance(h, _Handler)]:
        root.removeHandler(old)
    root.addHandler(handler)
    root.setLevel(threshold)
    for name in QUIET:
        logging.getLogger(name).setLevel(max(threshold, logging.WARNING))


def log_crashes(source: str) -> None:
    """Also log uncaught exceptions of this process and its threads, and Python's warnings."""

    def crashed(kind: type[BaseException], error: BaseException, _: object) -> None:
        if issubclass(kind, KeyboardInterrupt):
            return
        # The message of a SettingsError is safe to log, and says what to do.
        message = error.message if isinstance(error, SettingsError) else safe_message(error)
        get_logger(source).critical("crashed", error=f"{kind.__name__}: {message}", exc_info=error)

    sys.excepthook = crashed
    threading.excepthook = lambda found: crashed(
        found.exc_type, found.exc_value or found.exc_type(), None
    )
    logging.captureWarnings(True)


def get_logger(name: str) -> structlog.typing.FilteringBoundLogger:
    """A logger with `name` as its `source`. Before `configure_logging` it writes warnings and
    errors only, as text on standard error."""
    if not structlog.is_configured():
        structlog.configure(
            processors=[structlog.contextvars.merge_contextvars, *_shared(), *_renderers(False)],
            wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING),
            logger_factory=lambda *_: _Lines(None),
        )
    logger: structlog.typing.FilteringBoundLogger = structlog.get_logger(source=name)
    return logger


def _shared() -> list[structlog.typing.Processor]:
    return [
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _exception,
        _scrub,
    ]


def _renderers(as_json: bool) -> list[structlog.typing.Processor]:
    if as_json:
        return [_names_host(socket.gethostname()), _as_json]
    return [
        structlog.dev.ConsoleRenderer(
            colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback
        )
    ]


_encode = json.JSONEncoder(ensure_ascii=False, default=str).encode
"""Made once: structlog's own renderer makes an encoder for each line."""


def _as_json(_: Any, __: str, event: Event) -> str:
    return _encode(event)


def _names_host(host: str) -> structlog.typing.Processor:
    """On a terminal it would only repeat itself; where lines of several hosts meet it tells them
    apart."""

    def add(_: Any, __: str, event: Event) -> Event:
        event["host"] = host
        return event

    return add


def _source(_: Any, __: str, event: Event) -> Event:
    record = event.get("_record")
    if record is not None:
        event["source"] = record.name
    return event


def _scrub(_: Any, __: str, event: Event) -> Event:
    for key, value in event.items():
        if key in SECRET_KEYS:
            event[key] = REMOVED
        elif type(value) is str and key != "exception" and len(value) > 8:
            event[key] = scrub_text(value)
    return event


def _exception(_: Any, __: str, event: Event) -> Event:
    """Replace `exc_info` by a traceback without values."""
    exc_info = event.pop("exc_info", None)
    if exc_info is True:
        error = sys.exc_info()[1]
    elif isinstance(exc_info, tuple):
        error = exc_info[1]
    else:
        error = exc_info
    if isinstance(error, BaseException):
        event["exception"] = render_exception(error)
    return event


def render_exception(error: BaseException) -> str:
    """The error and its causes, oldest first: frames, types and safe messages, without values."""
    chain: list[BaseException] = []
    current: BaseException | None = error
    while current is not None and current not in chain and len(chain) < 5:
        chain.append(current)
        hidden = current.__suppress_context__
        current = current.__cause__ or (None if hidden else current.__context__)
    return "\n".join(_one_exception(each) for each in reversed(chain))


def _one_exception(error: BaseException) -> str:
    frames = [
        f"  {frame.filename}:{frame.lineno} in {frame.name}"
        for frame in traceback.extract_tb(error.__traceback__)
    ]
    return "\n".join([*frames, f"{type(error).__qualname__}: {safe_message(error)}"])


class _Lines:
    """Writes and flushes each line. Looks up standard error each time, since it may be replaced."""

    def __init__(self, stream: TextIO | None) -> None:
        self._stream = stream

    def msg(self, message: str) -> None:
        stream = self._stream or sys.stderr
        try:
            stream.write(message + "\n")
            stream.flush()
        except (OSError, ValueError):
            pass  # a closed log must not fail a request

    debug = info = warning = error = critical = exception = log = fatal = msg


class _Handler(logging.Handler):
    """Writes the standard library's records through `_Lines`."""

    def __init__(self, stream: TextIO | None) -> None:
        super().__init__()
        self._write: Callable[[str], None] = _Lines(stream).msg

    def emit(self, record: logging.LogRecord) -> None:
        try:
            self._write(self.format(record))
        except Exception:  # noqa: BLE001 - as in logging: a bad log call must not fail its caller
            self.handleError(record)
