"""A real Prometheus scrapes a real NeuroPlay: every query of the dashboard and of the alerts finds
something, and a system that is well raises no alarm."""

from __future__ import annotations

import json
import os
import re
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from tests.acceptance.installation import Installation, finished_game, wait_until
from tests.prometheus.programs import find
from tests.prometheus.server import Prometheus, scraping

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        find("prometheus") is None, reason="there is no Prometheus; to have it: make prometheus"
    ),
]

DEPLOY = Path(__file__).parents[2] / "deploy"
RULES = DEPLOY / "prometheus" / "rules.yml"
COMPARED = re.compile(r" (?:[<>]=?|==) [\d.]+(?: \* \d+)*\s*$", re.MULTILINE)


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    folder = tmp_path_factory.mktemp("scraped")
    # The figures of a standby are only there with one.
    settings = {"NEUROPLAY_WAL_DIR": str(folder / "standby")}
    with Installation(home=folder / "home", settings=settings).detached() as system:
        yield system


@pytest.fixture(scope="module")
def prometheus(
    system: Installation, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Prometheus]:
    """After a short load, with samples before and after it."""
    targets, token = {"neuroplay": system.port}, system.home / "ops.token"
    with scraping(targets, tmp_path_factory.mktemp("prom"), RULES, token=token) as found:
        wait_until(lambda: found.query("neuroplay_workers >= 1"), "the first scrapes")
        _load(system)
        wait_until(
            lambda: found.query('sum(neuroplay_game_syncs_total{status="processed"}) >= 20'),
            "the load was scraped",
        )
        wait_until(
            lambda: found.query("count_over_time(neuroplay_cache_hit_rate[1m]) > 6"),
            "some more scrapes",
        )
        yield found


def _load(system: Installation) -> None:
    made = system.json("class", "create", "3A", "--students", "2")
    code = made["class"]["code"]
    for student in made["students"]:
        player = system.sign_in(code, student["card_code"])
        player.send([finished_game() for _ in range(10)])
        player.send([{**finished_game(), "score": -1}])
        held = {"pending": 2, "oldest": "2026-01-02T03:04:05Z"}
        body = {"device_id": player.device_id, "sessions": [], "outbox": held}
        assert system.post("/api/v1/gameplay/sync", body, player.token)[0] == 202
        for path in ("/api/v1/me", "/api/v1/leaderboards/cyber_runner", "/api/v1/games"):
            assert system.get(path, player.token)[0] == 200
    wrong = {"class_code": code, "card_code": "0" * 10, "device_id": str(uuid4())}
    assert system.post("/api/v1/sign-in", wrong)[0] == 401


def dashboard_queries() -> list[str]:
    panels = json.loads((DEPLOY / "grafana/neuroplay-dashboard.json").read_text())["panels"]
    panels += [one for panel in panels for one in panel.get("panels", ())]
    found = [target["expr"] for panel in panels for target in panel.get("targets", ())]
    each = [one for one in found if "$metric" in one]
    return [one for one in found if one not in each] + [
        one.replace("$metric", "neuroplay_workers" if "!~" in one else "neuroplay_errors_total")
        for one in each
    ]


@pytest.mark.parametrize("expression", dashboard_queries())
def test_every_query_of_the_dashboard_finds_something(
    prometheus: Prometheus, expression: str
) -> None:
    query = expression.replace("$__rate_interval", "1m")
    # A source that was late on a busy machine is missing from that one scrape.
    wait_until(lambda: prometheus.query(query), f"{query} finds something")


def test_every_alert_looks_at_something_and_none_fires(prometheus: Prometheus) -> None:
    (rules, missing) = prometheus.ask("rules")["groups"]
    assert (rules["name"], missing["name"]) == ("neuroplay", "neuroplay-series")
    for rule in rules["rules"]:
        # Without their limits: all parts of each alert must see data.
        for part in re.split(r"\b(?:and|or)\b", rule["query"]):
            query = COMPARED.sub("", part.strip())
            wait_until(lambda query=query: prometheus.query(query), f"{query} finds something")
    wait_until(
        lambda: (
            {
                rule["health"]
                for group in prometheus.ask("rules")["groups"]
                for rule in group["rules"]
            }
            == {"ok"}
        ),
        "every rule was evaluated",
    )
    firing = {one["labels"]["alertname"] for one in prometheus.ask("alerts")["alerts"]}
    # This machine may well be busy; ten invalid sessions of thirty are what the alert is for.
    assert firing - {"NeuroPlayHostCpu", "NeuroPlayHostMemory", "NeuroPlayHostDisk"} <= {
        "NeuroPlayInvalidReceipts"
    }


def test_restarts_let_no_counter_fall_and_no_file_pile_up(system: Installation) -> None:
    def counts() -> dict[str, float]:
        _, text = _scrape(system)
        lines = (line.rpartition(" ") for line in text.splitlines() if "_total{" in line)
        # PostgreSQL's own counts restart with its statistics.
        return {name: float(value) for name, _, value in lines if "database" not in name}

    def files() -> int:
        return len(list(system.runtime.rglob("*.db")) + list(system.home.rglob("*.db")))

    def fold() -> None:
        """As a scrape does a minute after the last one that did."""
        for mark in system.runtime.rglob("folded"):
            os.utime(mark, (0, 0))
        _scrape(system)

    _load(system)
    fold()
    before, kept = counts(), files()
    assert sum(before.values()) > 20
    assert kept >= 2
    for _ in range(2):
        for name in ("api", "worker"):
            assert system.run("restart", name).code == 0
        wait_until(lambda: system.get("/health")[0] == 200, "it is well again")
        after = counts()
        assert [name for name, value in before.items() if after.get(name, 0.0) < value] == []
        before = after
    fold()
    # Those of the ended are one of each type, which counters, histograms and summaries have.
    assert files() <= kept + 3


def _scrape(system: Installation) -> tuple[int, str]:
    request = urllib.request.Request(
        f"http://127.0.0.1:{system.port}/metrics",
        headers={"Authorization": f"Bearer {(system.home / 'ops.token').read_text().strip()}"},
    )
    with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310
        return answer.status, answer.read().decode()


def test_a_stopped_system_is_seen(system: Installation, prometheus: Prometheus) -> None:
    def pending(alert: str) -> bool:
        return any(
            one["labels"]["alertname"] == alert for one in prometheus.ask("alerts")["alerts"]
        )

    system.run("stop")
    wait_until(lambda: pending("NeuroPlayTargetDown"), "the alarm begins")
