"""Logs into a stream during a test, and restores logging afterwards."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO, TypeVar

import structlog

from neuroplay.infra.monitoring.logging import configure_logging

Stream = TypeVar("Stream", bound=TextIO)


@contextmanager
def logs_to(stream: Stream, *, level: str = "info", as_json: bool = True) -> Iterator[Stream]:
    root = logging.getLogger()
    handlers, threshold = root.handlers[:], root.level
    config = structlog.get_config() if structlog.is_configured() else None
    configure_logging(level, as_json=as_json, stream=stream)
    try:
        yield stream
    finally:
        root.handlers[:] = handlers
        root.setLevel(threshold)
        structlog.contextvars.clear_contextvars()
        structlog.reset_defaults()
        if config is not None:
            structlog.configure(**config)
