"""docs/api.md and docs/metrics.md say what the code does."""

from __future__ import annotations

import re
from pathlib import Path

from flask.testing import FlaskClient
from prometheus_client.parser import text_string_to_metric_families as parse

from neuroplay.api.door import requests
from neuroplay.api.door.requests import Refusal
from neuroplay.api.request.errors import CODE_OF_STATUS, STATUS_OF_CODE

DOCS = Path(__file__).parents[4] / "docs"


def rows(page: str, pattern: str) -> set[tuple[str, ...]]:
    return set(re.findall(pattern, (DOCS / page).read_text(), re.MULTILINE))


def test_every_metric_is_documented_with_its_kind_and_labels(client: FlaskClient) -> None:
    documented = rows("metrics.md", r"^\| `(neuroplay_\w+)` \| (\w+) \|(.*?)\|")
    exposed = set()
    for family in parse(client.get("/metrics").text):
        if family.name.endswith("_created"):
            continue  # beside a counter, when there is one process only
        suffix = "_total" if family.type == "counter" else ""
        labels = sorted({label for sample in family.samples for label in sample.labels} - {"le"})
        exposed.add((family.name + suffix, family.type, tuple(labels)))
    assert {
        (name, kind, tuple(sorted(re.findall(r"`(\w+)`", labels))))
        for name, kind, labels in documented
    } == exposed


def test_every_address_is_documented(client: FlaskClient) -> None:
    documented = rows("api.md", r"^\| `([A-Z]+) (/\S+)` \|")
    paths = client.get("/openapi.json").json["paths"]
    assert documented == {
        (method.upper(), path) for path, operations in paths.items() for method in operations
    }


def test_every_code_is_documented_with_its_status() -> None:
    documented = {
        (int(status), code) for status, code in rows("api.md", r"^\| (\d+) \| `(\w+)` \|")
    }
    known = {(status, code) for code, status in STATUS_OF_CODE.items()}
    known |= set(CODE_OF_STATUS.items())
    known |= {(one.status, one.code) for one in vars(requests).values() if isinstance(one, Refusal)}
    known |= {
        (400, "malformed_json"),
        (403, "device_mismatch"),
        (413, "too_many_offered"),
        (404, "unknown_game"),
        (422, "invalid_request"),
        (422, "too_many_sessions"),
        (503, "store_unavailable"),
        (503, "try_again"),
    }
    assert documented == known
