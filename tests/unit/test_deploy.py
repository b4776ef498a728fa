"""Alert rules, runbooks, dashboard and their documents agree with each other and the code."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from make.dashboard import FILE, text
from tests.prometheus.programs import find

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
RULES = DEPLOY / "prometheus" / "rules.yml"
ALERT = re.compile(r"- alert: (\w+)\n(.*?)(?=\n *- alert:|\Z)", re.DOTALL)
METRIC = re.compile(r"\bneuroplay_[a-z_]+")
SUFFIX = re.compile(r"_(bucket|count|sum)$")


def alerts() -> list[tuple[str, str]]:
    """Names and bodies."""
    return ALERT.findall(RULES.read_text())


def value(body: str, key: str) -> str | None:
    found = re.search(rf"^ +{key}: (.+)$", body, re.MULTILINE)
    return found.group(1).strip('"') if found else None


def documented_metrics() -> set[str]:
    return set(re.findall(r"^\| `(neuroplay_\w+)`", (ROOT / "docs/metrics.md").read_text(), re.M))


def panels() -> Iterator[dict[str, Any]]:
    for panel in dashboard()["panels"]:
        yield panel
        yield from panel.get("panels", ())


def dashboard() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(FILE.read_text())
    return found


def metrics_of(text: str) -> set[str]:
    names = {name for name in METRIC.findall(text) if not name.endswith("_")}
    return {name if name in documented_metrics() else SUFFIX.sub("", name) for name in names}


def test_every_alert_says_how_bad_it_is_what_it_is_and_what_to_do() -> None:
    for name, body in alerts():
        assert value(body, "severity") in {"critical", "warning"}, name
        for annotation in ("summary", "description"):
            assert value(body, annotation), (name, annotation)
        runbook = ROOT / str(value(body, "runbook_url"))
        for heading in ("**What it means.**", "**Who is affected.**", "## What to do", "**Over"):
            assert heading in runbook.read_text(), (name, heading)


def test_every_runbook_belongs_to_an_alert() -> None:
    named = {str(value(body, "runbook_url")) for _, body in alerts()}
    there = {str(path.relative_to(ROOT)) for path in (DEPLOY / "runbooks").glob("*.md")}
    assert there == named


def test_the_documents_table_is_the_rules() -> None:
    row = re.compile(
        r"^\| `(\w+)` \| .+? \| (\S+|at once) \| (\w+) \| \[.*?\]\(\.\./(.*?)\) \|$", re.M
    )
    documented = set(row.findall((ROOT / "docs/alerts.md").read_text()))
    assert documented == {
        (
            name,
            value(body, "for") or "at once",
            str(value(body, "severity")),
            str(value(body, "runbook_url")),
        )
        for name, body in alerts()
    }


OF_A_STANDBY = {
    "neuroplay_standby_up",
    "neuroplay_standby_base_age_seconds",
    "neuroplay_standby_missed_total",
}
"""Series that only a system with a standby needs. The database's source has them or is down."""


def test_every_series_that_an_alert_rests_on_is_missed() -> None:
    text = RULES.read_text()
    missed = metrics_of("\n".join(re.findall(r"expr: absent\((.*)\)", text)))
    rests_on = metrics_of("\n".join(b for n, b in alerts() if n != "NeuroPlaySeriesMissing"))
    assert rests_on - OF_A_STANDBY <= missed
    assert 'absent(up{job="neuroplay"})' in text


@pytest.mark.parametrize("path", ["prometheus/rules.yml", "grafana/neuroplay-dashboard.json"])
def test_every_metric_named_is_documented(path: str) -> None:
    used = metrics_of((DEPLOY / path).read_text())
    assert len(used) > 5
    assert used <= documented_metrics()


def test_every_metric_has_a_panel_of_its_own_without_being_named() -> None:
    (variable,) = [one for one in dashboard()["templating"]["list"] if one["name"] == "metric"]
    (names,) = re.findall(r'__name__=~"(.+?)"', variable["query"]["query"])
    assert all(re.fullmatch(names, name) for name in documented_metrics())
    (panel,) = [one for one in panels() if one.get("repeat") == "metric"]
    assert all('__name__="$metric"' in target["expr"] for target in panel["targets"])


@pytest.mark.parametrize(
    ("name", "is_shown"),
    [
        ("neuroplay_workers", True),
        ("neuroplay_errors_total", True),
        ("neuroplay_api_response_seconds_count", True),
        ("neuroplay_api_response_seconds_bucket", False),
        ("neuroplay_api_response_seconds_sum", False),
    ],
)
def test_of_a_histogram_only_its_count_has_such_a_panel(name: str, is_shown: bool) -> None:
    (variable,) = [one for one in dashboard()["templating"]["list"] if one["name"] == "metric"]
    assert bool(re.match(variable["regex"].strip("/"), name)) == is_shown


def test_the_dashboard_is_what_make_dashboard_writes() -> None:
    assert FILE.read_text() == text(), "run: make dashboard"


def test_the_dashboards_rows_read_from_the_top_down() -> None:
    rows = [panel["title"] for panel in panels() if panel["type"] == "row"]
    assert rows[:4] == ["Is it up", "Is it fast", "Is anything stuck", "Who is affected"]
    ids = [panel["id"] for panel in panels()]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("name", sorted({name for name, _ in alerts()}))
def test_every_alert_is_tried_firing_and_not_firing(name: str) -> None:
    tried = (DEPLOY / "prometheus/rules_test.yml").read_text()
    asked = f'expr: ALERTS{{alertname="{name}",alertstate="firing"}}'
    ends = [case.split("exp_samples:")[1].split("\n\n")[0] for case in tried.split(asked)[1:]]
    assert any(end.strip() == "[]" for end in ends)
    assert any("value: 1" in end for end in ends)


@pytest.mark.parametrize(
    "words",
    [
        ("check", "config", "prometheus.yml"),
        ("check", "rules", "rules.yml"),
        ("test", "rules", "rules_test.yml"),
    ],
    ids=" ".join,
)
def test_promtool_finds_nothing_wrong(words: tuple[str, ...]) -> None:
    promtool = find("promtool")
    if promtool is None:
        pytest.skip("there is no promtool; to have it: make prometheus")
    done = subprocess.run(
        [promtool, *words], cwd=DEPLOY / "prometheus", capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
