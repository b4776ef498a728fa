"""The API without metrics, log lines and error reports.

`benchmarks.groups.observe` compares the full API with it.
python -m benchmarks.yardsticks.unobserved
"""

from __future__ import annotations

import logging
from contextlib import nullcontext
from typing import Any

from prometheus_client import Counter, Histogram

from benchmarks.harness.moved import product
from neuroplay.api import server

observation = product("neuroplay.api.request.observation", "neuroplay.api.observation")


def nothing(*_: Any, **__: Any) -> None:
    """Replaces the methods of metrics and loggers."""


class _Nobody:
    inc = observe = debug = info = staticmethod(nothing)
    time = staticmethod(nullcontext)


def switch_off() -> None:
    """Disable everything but the request id, which the inbox stores."""
    observation.log = _Nobody
    for kind in (Counter, Histogram):
        kind.labels = lambda *_, **__: _Nobody  # type: ignore[assignment, method-assign]
    logging.disable(logging.CRITICAL)


if __name__ == "__main__":
    switch_off()
    server.main()
