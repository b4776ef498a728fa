"""Alerts from the fault to the webhook and back, on a running system repaired by its runbooks."""

from __future__ import annotations

import re
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

import pytest

from tests.acceptance.installation import Installation, wait_until
from tests.acceptance.small_disk import small_disk
from tests.deploy import faults, runbook
from tests.deploy.chart import ROOT
from tests.deploy.faults import Fault, Watched
from tests.deploy.memory import own_memory
from tests.prometheus.alertmanager import Alertmanager, Notice, alerting
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
RECEIVERS = {"critical": "wake", "warning": "morning"}
PATIENCE_S = 120.0
DURATION = re.compile(r"(?<=for: )\d+[hms]$|(?<=\[)\d+[hms](?=\])", re.MULTILINE)

RAN_WELL = {0, 1, 7, 130}
"""Exit codes of commands that say what is wrong: that something is, that curl reaches nobody, and
Ctrl-C."""


def shortened(rules: str) -> str:
    """The rules, with seconds for minutes, and minutes for hours."""
    return DURATION.sub(lambda found: found[0].replace("m", "s").replace("h", "m"), rules)


def severity(alert: str) -> str:
    (found,) = set(
        re.findall(rf"alert: {alert}\n(?:(?!alert:).)*?severity: (\w+)", RULES.read_text(), re.S)
    )
    return str(found)


@pytest.fixture(scope="module")
def alertmanager(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Alertmanager]:
    with alerting(ALERTMANAGER, tmp_path_factory.mktemp("alertmanager")) as found:
        yield found


@pytest.fixture(scope="module")
def watched(
    alertmanager: Alertmanager, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Watched]:
    """A system on a small disk of its own, with a standby on another and a class, and Prometheus
    with shortened rules."""
    folder = tmp_path_factory.mktemp("alerted")
    folder.chmod(0o755)  # the service's user enters it
    home, disk = folder / "home", folder / "disk"
    home.mkdir()
    disk.mkdir()
    rules = folder / "rules.yml"
    rules.write_text(shortened(RULES.read_text()))
    with (
        small_disk(home, "1g") as small,
        small_disk(disk, "400m") as other,
        own_memory(folder / "meminfo") as memory,
    ):
        standby = disk / "standby"
        system = Installation(
            home=home,
            within=memory.within,
            settings={"NEUROPLAY_WAL_DIR": str(standby), "NEUROPLAY_API_WAIT": "0.5"},
        )
        with (
            system.detached(),
            scraping(
                {"neuroplay": system.port},
                folder / "prometheus",
                rules,
                token=home / "ops.token",
                alertmanager=alertmanager.port,
                every_ms=1000,
            ) as prometheus,
        ):
            made = system.json("class", "create", faults.CLASS, "--students", "1")
            card = made["students"][0]["card_code"]
            wait_until(lambda: prometheus.query("neuroplay_workers >= 1"), "the first scrapes")
            yield Watched(
                system=system,
                prometheus=prometheus,
                player=system.sign_in(made["class"]["code"], card),
                memory=memory,
                standby=standby,
                small_disks=small and other,
            )


def test_the_shortened_rules_differ_in_durations_alone() -> None:
    rules = RULES.read_text()
    assert DURATION.sub("", rules) == DURATION.sub("", shortened(rules))
    assert shortened(rules) != rules


def test_amtool_finds_nothing_wrong() -> None:
    amtool = str(find("amtool"))
    done = subprocess.run(
        [amtool, "check-config", str(ALERTMANAGER)], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(("severity", "receiver"), RECEIVERS.items())
def test_the_severity_chooses_the_receiver(severity: str, receiver: str) -> None:
    words = [str(find("amtool")), "config", "routes", "test", f"--config.file={ALERTMANAGER}"]
    done = subprocess.run(
        [*words, f"severity={severity}"], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == receiver


@dataclass(frozen=True, kw_only=True)
class Trial:
    """One fault, and the alerts that it makes fire, whose runbooks are followed in this order."""

    fault: Fault
    alerts: tuple[str, ...]
    shows: Mapping[str, str] = field(default_factory=dict)
    """What the runbook's commands must show (a regular expression)."""
    repaired_first: bool = False
    """The commands are for the time after the fault."""
    why_not: Callable[[Watched], str] = lambda _: ""
    """Why the fault is not possible here; '' if it is."""


TRIALS = [
    Trial(
        fault=faults.frozen_worker,
        alerts=("NeuroPlayQueueLong", "NeuroPlayOldestPending", "NeuroPlayWorkersOffline"),
        shows={"neuroplay sync status": r"pending +1,?100"},
    ),
    Trial(
        fault=faults.frozen_postgres,
        alerts=("NeuroPlayErrorRate", "NeuroPlaySourceDown"),
        shows={"neuroplay health": "database", "neuroplay logs api --grep": '"status": 503'},
    ),
    Trial(fault=faults.stopped, alerts=("NeuroPlayTargetDown",)),
    Trial(
        fault=faults.invalid_sessions,
        alerts=("NeuroPlayInvalidReceipts",),
        shows={"neuroplay sync show": "score", "neuroplay sync dismiss": "^40 games: .*dismissed"},
    ),
    Trial(
        fault=faults.guessing_program,
        alerts=("NeuroPlaySignInGuesses",),
        shows={"neuroplay logs api": r"127\.0\.0\.1"},
    ),
    Trial(fault=faults.busy_tables, alerts=("NeuroPlaySlowAnswers",)),
    Trial(
        fault=faults.crowd_at_busy_tables,
        alerts=("NeuroPlaySaturated",),
        shows={"neuroplay health": "saturated", "neuroplay logs api": "requests refused"},
    ),
    Trial(
        fault=faults.full_disk,
        alerts=("NeuroPlayHostDisk",),
        shows={"du": "somebodys-film", "df": "9[0-9]%"},
        why_not=faults.why_no_small_disks,
    ),
    Trial(
        fault=faults.busy_cores,
        alerts=("NeuroPlayHostCpu",),
        shows={"top": "yes"},
        why_not=faults.why_no_idle_cores,
    ),
    Trial(
        fault=faults.used_memory,
        alerts=("NeuroPlayHostMemory",),
        shows={"neuroplay metrics": r"90(\.\d)? ?%"},
        why_not=faults.why_no_own_memory,
    ),
    Trial(
        fault=faults.faulty_release,
        alerts=("NeuroPlayFailedItems",),
        shows={
            "neuroplay sync show": "a fault in the release",
            "neuroplay sync replay": "^1 game: 1 applied$",
        },
        repaired_first=True,
    ),
    Trial(
        fault=faults.no_drill,
        alerts=("NeuroPlayDrillOld",),
        shows={
            "neuroplay doctor": "restored in a drill never",
            "neuroplay db drill": "can be restored and is right",
        },
    ),
    Trial(
        fault=faults.held_pass,
        alerts=("NeuroPlayRetentionLags",),
        shows={"neuroplay db retain --dry-run": "would go"},
        repaired_first=True,
    ),
    Trial(
        fault=faults.undecided_for_long,
        alerts=("NeuroPlayUndecidedItems",),
        shows={"neuroplay sync dismiss": "dismissed"},
    ),
    Trial(
        fault=faults.hung_standby,
        alerts=("NeuroPlayStandbyAway",),
        shows={"neuroplay doctor": r"standby: (away|no answer for \d+ s)$"},
    ),
    Trial(
        fault=faults.no_room_for_a_base,
        alerts=("NeuroPlayStandbyBaseOld",),
        shows={
            "neuroplay doctor": r"8 days old: .*No space left",
            "neuroplay logs standby": "No space left.*the standby has no new base backup",
        },
        why_not=faults.why_no_small_disks,
    ),
    Trial(
        fault=faults.filtered_series,
        alerts=("NeuroPlaySeriesMissing",),
        shows={"curl": "neuroplay_sign_ins_total"},
    ),
]


OF_SEVERAL_HOSTS = "NeuroPlayClockOff"
"""Is tried in test_clock_off.py: one host has one clock."""


def test_every_alert_is_tried() -> None:
    alerts = set(re.findall(r"alert: (\w+)", RULES.read_text()))
    tried = {alert for trial in TRIALS for alert in trial.alerts}
    assert tried | {OF_SEVERAL_HOSTS} == alerts


def test_every_command_that_is_not_run_is_in_a_runbook() -> None:
    books = [runbook.read(path) for path in (DEPLOY / "runbooks").glob("*.md")]
    assert set(runbook.NOT_HERE) <= {one for book in books for one in book.to_do}


@pytest.mark.parametrize("trial", TRIALS, ids=lambda trial: trial.fault.__name__)
def test_alerts_reach_their_receivers_and_are_over_after_what_their_runbooks_say(
    watched: Watched, alertmanager: Alertmanager, trial: Trial
) -> None:
    if reason := trial.why_not(watched):
        pytest.skip(reason)
    for alert in trial.alerts:
        wait_until(lambda a=alert: not alertmanager.firing(a), f"{alert} is silent", PATIENCE_S)
    begun = time.monotonic()
    with trial.fault(watched) as names:
        told = {alert: wait_fired(alertmanager, alert, begun) for alert in trial.alerts}
        books = [runbook.read(ROOT / one.runbook) for one in told.values()]
        repaired = time.monotonic()
        if not trial.repaired_first:
            follow(books, trial, watched, names)
    if trial.repaired_first:
        follow(books, trial, watched, names)
    for alert, notice in told.items():
        assert notice.receiver == RECEIVERS[severity(alert)]
        wait_until(lambda a=alert: not alertmanager.firing(a), f"{alert} is over", PATIENCE_S)
        over = next(one.at for one in reversed(alertmanager.notices) if one.alert == alert)
        print(f"\n{alert}: {notice.at - begun:.0f} s to fire, {over - repaired:.0f} s to resolve")
    for command in dict.fromkeys(one for book in books for one in book.over):
        # It may be over a little later than the alert: health is saturated for 10 s.
        wait_until(
            lambda c=command: runbook.run(c, watched.system, names).returncode in (0, 130),
            f"{command} says that it is over",
            PATIENCE_S,
        )


def wait_fired(alertmanager: Alertmanager, alert: str, begun: float) -> Notice:
    """The first notice that it fires."""

    def fired() -> list[Notice]:
        return [
            one
            for one in alertmanager.notices
            if one.alert == alert and one.status == "firing" and one.at > begun
        ]

    wait_until(fired, f"{alert} fires", PATIENCE_S)
    return fired()[0]


def follow(
    books: list[runbook.Runbook], trial: Trial, watched: Watched, names: Mapping[str, str]
) -> None:
    """Run each command of the runbooks; where two have the same, once."""
    shown = dict.fromkeys(trial.shows, "")
    for command in dict.fromkeys(one for book in books for one in book.to_do):
        if command in runbook.NOT_HERE:
            continue
        done = runbook.run(command, watched.system, names)
        assert done.returncode in RAN_WELL, (command, done)
        for beginning in shown:
            if command.startswith(beginning):
                shown[beginning] += done.stdout
    for beginning, pattern in trial.shows.items():
        assert re.search(pattern, shown[beginning], re.M), (beginning, shown[beginning])
