"""Alerts from the fault to the webhook and back, on a running system repaired by its runbooks."""

from __future__ import annotations

import re
import shlex
import subprocess
import time
from collections.abc import Callable, Iterator

import pytest

from tests.acceptance.installation import Installation, finished_game, wait_until
from tests.deploy.chart import ROOT
from tests.prometheus.alertmanager import Alertmanager, alerting
from tests.prometheus.programs import INSTALLED, PROGRAMS, find
from tests.prometheus.server import scraping

pytestmark = [
    pytest.mark.deploy,
    pytest.mark.skipif(
        not all(map(find, (*PROGRAMS, *INSTALLED))),
        reason="they need Prometheus and Alertmanager; to have both: make test-deploy as root",
    ),
]

DEPLOY = ROOT / "deploy"
RULES = DEPLOY / "prometheus" / "rules.yml"
ALERTMANAGER = DEPLOY / "prometheus" / "alertmanager.yml"
PATIENCE_S = 120.0
DURATION = re.compile(r"(?<=for: )\d+m$|(?<=\[)\d+m(?=\])", re.MULTILINE)


def shortened(rules: str) -> str:
    """The rules, with seconds for minutes: `for:` one, each range twenty."""
    return DURATION.sub(
        lambda found: "1s" if found.string[found.start() - 1] == " " else "20s", rules
    )


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    system = Installation(home=tmp_path_factory.mktemp("alerted") / "home")
    system.json("serve", "--detach")
    try:
        yield system
    finally:
        system.end()


@pytest.fixture(scope="module")
def alertmanager(
    system: Installation, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Alertmanager]:
    folder = tmp_path_factory.mktemp("alerting")
    rules = folder / "rules.yml"
    rules.write_text(shortened(RULES.read_text()))
    token = system.home / "ops.token"
    with (
        alerting(ALERTMANAGER, folder / "alertmanager") as found,
        scraping(
            {"neuroplay": system.port},
            folder / "prometheus",
            rules,
            token=token,
            alertmanager=found.port,
        ) as prometheus,
    ):
        wait_until(lambda: prometheus.query("neuroplay_workers >= 1"), "the first scrapes")
        yield found


def test_the_shortened_rules_differ_in_durations_alone() -> None:
    rules = RULES.read_text()
    assert DURATION.sub("", rules) == re.sub(
        r"(?<=for: )1s$|(?<=\[)20s(?=\])", "", shortened(rules), flags=re.MULTILINE
    )
    assert shortened(rules) != rules


def test_amtool_finds_nothing_wrong() -> None:
    amtool = str(find("amtool"))
    done = subprocess.run(
        [amtool, "check-config", str(ALERTMANAGER)], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(("severity", "receiver"), [("critical", "wake"), ("warning", "morning")])
def test_the_severity_chooses_the_receiver(severity: str, receiver: str) -> None:
    words = [str(find("amtool")), "config", "routes", "test", f"--config.file={ALERTMANAGER}"]
    done = subprocess.run(
        [*words, f"severity={severity}"], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == receiver


Fault = Callable[[Installation], dict[str, str]]
"""Breaks something; returns what stands for the words in capitals of its runbook's command."""


def freeze(name: str) -> Fault:
    """The supervisor starts a killed process again at once; a frozen one needs somebody."""

    def frozen(system: Installation) -> dict[str, str]:
        main = system.status()[name]["pid"]
        for process in system.processes():
            if process.pid == main or main in {one.pid for one in process.parents()}:
                process.suspend()
        return {}

    return frozen


def stop(system: Installation) -> dict[str, str]:
    assert system.run("stop").code == 0
    return {}


def send_invalid(system: Installation) -> dict[str, str]:
    made = system.json("class", "create", "3A", "--students", "1")
    player = system.sign_in(made["class"]["code"], made["students"][0]["card_code"])
    assert set(player.send([{**finished_game(), "score": -1} for _ in range(40)])) == {"invalid"}
    return {"UUID": player.device_id}


@pytest.mark.parametrize(
    ("alert", "fault", "runbook", "repair", "receiver"),
    [
        ("NeuroPlayWorkersOffline", freeze("worker"), "workers-offline", "restart worker", "wake"),
        ("NeuroPlaySourceDown", freeze("postgres"), "source-down", "restart postgres", "wake"),
        ("NeuroPlayTargetDown", stop, "target-down", "serve --detach", "wake"),
        (
            "NeuroPlayInvalidReceipts",
            send_invalid,
            "invalid-receipts",
            'sync dismiss --device UUID --state invalid --reason "..."',
            "morning",
        ),
    ],
)
def test_an_alert_reaches_its_receiver_and_is_over_after_what_its_runbook_says(
    system: Installation,
    alertmanager: Alertmanager,
    alert: str,
    fault: Fault,
    runbook: str,
    repair: str,
    receiver: str,
) -> None:
    def told(status: str) -> bool:
        last = alertmanager.last(alert)
        return last is not None and last.status == status

    wait_until(lambda: not told("firing"), f"{alert} does not fire yet", PATIENCE_S)
    begun = time.monotonic()
    names = fault(system)
    wait_until(lambda: told("firing"), f"{alert} fires", PATIENCE_S)
    fired = time.monotonic()
    notice = alertmanager.last(alert)
    assert notice is not None
    assert (notice.receiver, notice.runbook) == (receiver, f"deploy/runbooks/{runbook}.md")
    assert f"`neuroplay {repair}`" in (ROOT / notice.runbook).read_text()
    words = [names.get(word, word) for word in shlex.split(repair)]
    # It asks for confirmation, and a test has no terminal.
    ended = system.run(*words, *(["--yes"] if "dismiss" in words else []))
    assert ended.code == 0, ended
    wait_until(lambda: told("resolved"), f"{alert} is over", PATIENCE_S)
    print(f"{alert}: {fired - begun:.0f} s to fire, {time.monotonic() - fired:.0f} s to resolve")
    assert system.run("health").code == 0
