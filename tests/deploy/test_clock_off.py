"""A host whose clock is three minutes behind, beside one that is right: it is told, and no game is
lost. It is over once the clock is right."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.acceptance.chaos.books import Auditor, waiting
from tests.acceptance.chaos.tablets import Fleet
from tests.acceptance.installation import wait_until
from tests.deploy import faketime
from tests.deploy.chart import ROOT
from tests.deploy.front import haproxy
from tests.deploy.namespaces import network, why_not
from tests.deploy.several_hosts import Part, site
from tests.prometheus import server
from tests.prometheus.alertmanager import alerting
from tests.prometheus.programs import INSTALLED, PROGRAMS, find

pytestmark = [
    pytest.mark.deploy,
    pytest.mark.timeout(600),
    pytest.mark.skipif(bool(why_not()), reason=f"hosts cannot be made here: {why_not()}"),
]

ALERT = "NeuroPlayClockOff"
BEHIND_S = 180
PROMETHEUS = ROOT / "deploy" / "prometheus"


def clock(part: Part) -> tuple[str, str]:
    """What the doctor of that host says of its clock: (state, words)."""
    checks = json.loads(part.run("doctor", "--json").out)["checks"]
    (found,) = [one for one in checks if one["name"] == "clock"]
    return found["state"], found["what"]


def test_a_host_three_minutes_behind_is_told_by_the_doctor_and_by_the_alert(tmp_path: Path) -> None:
    if not all(map(find, (*PROGRAMS, *INSTALLED))):
        pytest.skip("Prometheus or Alertmanager is missing; to have both: make test-deploy as root")
    with network() as net, site(net, tmp_path) as made:
        right = made.part("right", "api")
        behind = made.part("behind", "api", before=faketime.off_by(-BEHIND_S))
        made.part("worker", "worker")
        assert right.run("db", "migrate").code == 0
        for part in made.parts:
            part.serve()
        assert clock(right)[0] == "ok"
        assert clock(behind) == ("wrong", "180.0 s behind PostgreSQL's")

        rules = tmp_path / "rules.yml"
        text = (PROMETHEUS / "rules.yml").read_text()
        rules.write_text(text.replace("for: 5m", "for: 5s"))
        configuration = made.scraping(tmp_path, rules)
        with (
            alerting(PROMETHEUS / "alertmanager.yml", tmp_path / "alertmanager") as alertmanager,
            server.running(
                server.telling(alertmanager.port, configuration), tmp_path
            ) as prometheus,
            haproxy(made) as front,
        ):
            fleet = Fleet(front, 4, tablets=20)
            fleet.start()
            wait_until(lambda: alertmanager.firing(ALERT), "the alert is received", 60)
            (notice,) = alertmanager.firing(ALERT)
            assert notice.receiver == "morning"
            assert (ROOT / notice.runbook).exists()
            firing = f'ALERTS{{alertname="{ALERT}",alertstate="firing"}}'
            told = {one["metric"]["instance"] for one in prometheus.query(firing)}
            assert told == {behind.scraped}
            (ahead,) = prometheus.query(
                f'neuroplay_clock_ahead_seconds{{instance="{behind.scraped}"}}'
            )
            assert float(ahead["value"][1]) == pytest.approx(-BEHIND_S, abs=1)
            wait_until(lambda: fleet.history.answers["202"] > 200, "tablets send games")
            fleet.hand_in()
            wait_until(lambda: not waiting(front), "all are processed", 90)
            found = Auditor(fleet.history).audit(front)
            print(f"\n{found}")
            assert found.holds, found
            assert found.is_complete, found

            assert behind.run("stop").code == 0
            behind.before = ()
            behind.serve()
            assert clock(behind)[0] == "ok"
            wait_until(lambda: not alertmanager.firing(ALERT), "the alert is over", 60)
