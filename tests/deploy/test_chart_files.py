"""The chart agrees with the release, the settings and the alerts. Needs no Helm."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import yaml

from neuroplay import __version__
from neuroplay.config import Settings
from tests.deploy.chart import CHART, ROOT

SET_BY_THE_CHART = {
    "NEUROPLAY_HOME",
    "NEUROPLAY_HOST",
    "NEUROPLAY_PORT",
    "NEUROPLAY_PUBLIC_URL",
    "NEUROPLAY_LOG_TO",
    "NEUROPLAY_TRUSTED_PROXIES",
    "NEUROPLAY_WORKER_METRICS_PORT",
    "NEUROPLAY_BEAT_METRICS_PORT",
    # From the Secret.
    "DATABASE_URL",
    "REDIS_URL",
    "NEUROPLAY_SECRET",
    "NEUROPLAY_SECRET_FILE",
    "NEUROPLAY_OLD_SECRET",
    "NEUROPLAY_OLD_SECRET_FILE",
    "NEUROPLAY_OPS_TOKEN",
    "SENTRY_DSN",
    # Of the embedded database, which pods do not have.
    "NEUROPLAY_WAL_DIR",
    "NEUROPLAY_WAL_WAIT",
    "NEUROPLAY_WAL_KEEP",
    # The image has no browser.
    "NEUROPLAY_CHROMIUM",
    # The Ingress has the certificate.
    "NEUROPLAY_TLS_CERT",
    "NEUROPLAY_TLS_KEY",
}


def schema() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((CHART / "values.schema.json").read_text())
    return found


def test_chart_and_application_have_the_version_of_the_release() -> None:
    chart = yaml.safe_load((CHART / "Chart.yaml").read_text())
    assert chart["version"] == chart["appVersion"] == __version__


def test_the_chart_brings_no_other_chart() -> None:
    assert "dependencies" not in yaml.safe_load((CHART / "Chart.yaml").read_text())
    assert not (CHART / "charts").exists()


def test_the_chart_has_the_alerts_that_are_tested() -> None:
    """Helm reads files in the chart's folder only; `make chart` copies them."""
    original = ROOT / "deploy" / "prometheus" / "rules.yml"
    assert (CHART / "files" / "rules.yml").read_bytes() == original.read_bytes()


def test_every_setting_can_be_set_by_its_name_or_is_set_by_the_chart() -> None:
    known = {Settings.variable(name) for name in Settings.table()}
    accepted = set(schema()["properties"]["settings"]["properties"])
    assert accepted | SET_BY_THE_CHART == known
    assert accepted & SET_BY_THE_CHART == set()


def values() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((CHART / "values.yaml").read_text())
    return found


def paths(tree: dict[str, Any], prefix: str = "") -> Iterator[str]:
    for name, value in tree.items():
        yield prefix + name
        if isinstance(value, dict):
            yield from paths(value, f"{prefix}{name}.")


def described(schema: dict[str, Any], prefix: str = "") -> Iterator[str]:
    for name, value in schema.get("properties", {}).items():
        yield prefix + name
        if prefix + name != "settings":
            yield from described(value, f"{prefix}{name}.")


def test_the_schema_knows_every_value_and_no_other() -> None:
    # `global` is Helm's own. The resources' fields are in a definition.
    known = set(described(schema())) - {"global"}
    given = {path for path in paths(values()) if ".resources." not in path}
    assert known == {path for path in given if not path.startswith("ingress.annotations.")}


def test_no_object_of_the_schema_takes_unknown_names() -> None:
    def check(one: dict[str, Any], path: str) -> None:
        if "properties" in one:
            assert one["additionalProperties"] is False, path
            for name, below in one["properties"].items():
                check(below, f"{path}.{name}")

    check(schema(), "values")
    for name, definition in schema()["definitions"].items():
        check(definition, name)


def test_every_value_is_explained_above_it() -> None:
    lines = (CHART / "values.yaml").read_text().splitlines()
    unexplained = []
    for above, line in pairwise(lines):
        name = re.match(r" *([a-zA-Z]+):", line)
        if name and not above.strip().startswith("#"):
            unexplained.append(line.strip())
    # Their names say it, or the comment above the first of several explains them all.
    assert {line.split(":")[0] for line in unexplained} <= {
        *("image", "api", "worker", "service", "ingress", "networkPolicy", "monitoring"),
        *("serviceAccount", "autoscaling", "resources", "requests", "limits", "cpu", "memory"),
        *("serviceMonitor", "rules", "enabled", "minReplicas", "maxReplicas", "port", "redisPort"),
        *("interval", "labels", "runAsGroup", "nodeSelector", "tolerations", "affinity"),
        *("priorityClassName",),
    }
