"""Validate a dashboard of Grafana: PYTHON validate_dashboard.py < dashboard.json

PYTHON is the environment of make/deploy.lock, which has Grafana's own models. They ignore what they
do not know, so what they give back is compared. Prints one line per problem, and then exits with 1.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from typing import Any

from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.cog.plugins import register_default_plugins
from grafana_foundation_sdk.models.dashboard import Dashboard

OF_THE_SOURCE = {"step", "titleFormat"}
"""Fields of an annotation that the Prometheus data source reads, and the models do not know."""


def lost(given: object, read: object, path: str) -> Iterator[str]:
    if isinstance(given, dict) and isinstance(read, dict):
        for name, value in given.items():
            if name in read:
                yield from lost(value, read[name], f"{path}.{name}")
            elif not (path.startswith(".annotations") and name in OF_THE_SOURCE):
                yield f"{path}.{name}: not known"
    elif isinstance(given, list) and isinstance(read, list) and len(given) == len(read):
        for number, (one, other) in enumerate(zip(given, read, strict=True)):
            yield from lost(one, other, f"{path}[{number}]")
    elif given != read:
        yield f"{path}: {given!r} was read as {read!r}"


def main() -> int:
    register_default_plugins()
    given: dict[str, Any] = json.load(sys.stdin)
    read = json.loads(JSONEncoder().encode(Dashboard.from_json(given)))
    problems = list(lost(given, read, ""))
    print("\n".join(problems))
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
