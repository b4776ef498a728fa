"""The API without metrics, log lines and error reports.

`benchmarks.groups.observe` compares the full API with it.
python -m benchmarks.yardsticks.unobserved
"""

from __future__ import annotations

import logging
from contextlib import nullcontext
from typing import Any

from flask import Flask, g, request
from prometheus_client import Counter, Histogram

from benchmarks.harness.moved import product
from neuroplay.api import app as api
from neuroplay.api import server

request_id = product("neuroplay.api.request.request_id", "neuroplay.api.request_id")


def nothing(*_: Any, **__: Any) -> None:
    """Replaces the methods of metrics."""


class _Nobody:
    inc = observe = staticmethod(nothing)
    time = staticmethod(nullcontext)


def switch_off() -> None:
    """Disable everything but the request id, which the inbox stores."""

    def begin() -> None:
        g.request_id = request_id.request_id_from(request.headers.get(request_id.HEADER))

    def observe_requests(app: Flask) -> None:
        app.before_request(begin)

    api.observe_requests = observe_requests
    for kind in (Counter, Histogram):
        kind.labels = lambda *_, **__: _Nobody  # type: ignore[assignment, method-assign]
    logging.disable(logging.CRITICAL)


if __name__ == "__main__":
    switch_off()
    server.main()
