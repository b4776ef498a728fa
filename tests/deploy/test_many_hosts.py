"""Two hosts with an API, two with workers and one with beat, on one PostgreSQL and one Valkey: each
tells of itself, games travel through all, and no request fails while the APIs are restarted."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from tests.acceptance.chaos.books import Auditor, waiting
from tests.acceptance.chaos.tablets import Fleet
from tests.acceptance.installation import wait_until
from tests.deploy.front import HAProxy, haproxy, nginx
from tests.deploy.namespaces import network, why_not
from tests.deploy.several_hosts import Part, Site, site
from tests.prometheus import server
from tests.prometheus.programs import find

pytestmark = [
    pytest.mark.deploy,
    pytest.mark.timeout(600),
    pytest.mark.skipif(bool(why_not()), reason=f"hosts cannot be made here: {why_not()}"),
]

PARTS = {"api1": "api", "api2": "api", "worker1": "worker", "worker2": "worker", "beat1": "beat"}
ANSWERS = {"200", "202", "broken off"}
"""A tablet hears nothing else where no request fails: in the end it breaks off itself."""


@pytest.fixture(scope="module")
def hosts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("hosts")
    with network() as net, site(net, folder) as made:
        for name, only in PARTS.items():
            made.part(name, only)
        assert made.parts[0].run("db", "migrate").code == 0
        for part in made.parts:
            part.serve()
        yield made


@pytest.fixture
def front(hosts: Site) -> Iterator[HAProxy]:
    with haproxy(hosts) as found:
        yield found


def part(hosts: Site, name: str) -> Part:
    (found,) = [one for one in hosts.parts if one.host.name == name]
    return found


def restart(api: Part) -> None:
    """Returns when it serves. On a busy machine that is later than the command's patience."""
    ended = api.run("restart")
    assert ended.code in (0, 1), ended
    wait_until(lambda: api.get("/health/ready")[0] == 200, "the API serves again", 120)


def lines(one: Part) -> list[dict[str, object]]:
    """All JSON lines in the logs of a host."""
    text = "".join(log.read_text() for log in (one.home / "logs").glob("*.log"))
    return [json.loads(line) for line in text.splitlines() if line.startswith("{")]


def test_each_host_tells_what_runs_there_and_an_api_what_runs_at_all(hosts: Site) -> None:
    for one in hosts.parts:
        assert {name: found["state"] for name, found in one.status().items()} == {
            one.only: "RUNNING"
        }
        examined = one.json("doctor")["checks"]
        assert {check["name"]: check["what"] for check in examined if check["state"] != "ok"} == {}
    api, worker = part(hosts, "api1"), part(hosts, "worker2")
    through_api = f"http://{api.address}:{api.port}"
    assert worker.json("health", "--host", through_api) == api.json("health")
    assert api.json("health")["checks"]["celery"] == "ok (2 workers)"

    assert worker.run("stop").code == 0
    ended = worker.run("status")
    assert ended.code == 1
    assert "is not running" in ended.out
    assert part(hosts, "worker1").run("status").code == 0
    # It said goodbye, so nobody waits for its heartbeat to expire.
    assert api.json("health")["checks"]["celery"] == "ok (1 worker)"

    worker.serve()
    assert api.json("health")["checks"]["celery"] == "ok (2 workers)"


def test_logs_and_metrics_tell_the_hosts_apart(hosts: Site, front: HAProxy, tmp_path: Path) -> None:
    if find("prometheus") is None:
        pytest.skip("there is no Prometheus; to have it: make prometheus")
    addresses = {one.scraped: one for one in hosts.parts}
    fleet = Fleet(front, 1, tablets=20)
    with server.running(hosts.scraping(tmp_path), tmp_path) as prometheus:
        fleet.start()
        workers = hosts.of("worker")
        wait_until(
            lambda: all(any(x["event"] == "inbox drained" for x in lines(one)) for one in workers),
            "both workers process games",
            120,
        )
        fleet.hand_in()
        wait_until(lambda: not waiting(front), "all games are processed", 90)
        found = Auditor(fleet.history).audit(front)
        assert found.holds, found

        def by_instance(query: str) -> dict[str, float]:
            return {
                one["metric"]["instance"]: float(one["value"][1]) for one in prometheus.query(query)
            }

        def sessions(status: str) -> dict[str, float]:
            series = f'neuroplay_game_syncs_total{{status="{status}"}}'
            found = by_instance(f"sum by (instance) ({series}) > 0")
            return {addresses[key].host.name: count for key, count in found.items()}

        everywhere = dict.fromkeys(addresses, 1)
        up = 'up{job="neuroplay"}'  # for which NeuroPlayTargetDown looks
        wait_until(lambda: by_instance(up) == everywhere, "every host is scraped", 30)
        for status, where in (
            ("accepted", {"api1", "api2"}),
            ("processed", {"worker1", "worker2"}),
        ):
            counted = partial(sessions, status)
            wait_until(
                lambda counted=counted: sum(counted().values()) >= found.acknowledged,
                f"Prometheus has seen all {status}",
                30,
            )
            assert sum(counted().values()) == found.acknowledged
            assert counted().keys() == where
        assert set(by_instance("neuroplay_workers").values()) == {2}
        ahead = by_instance("abs(neuroplay_clock_ahead_seconds)")
        assert ahead.keys() == addresses.keys()
        assert max(ahead.values()) < 1

    for one in hosts.parts:
        assert {line["host"] for line in lines(one) if "timestamp" in line} == {one.host.name}


def test_no_request_fails_while_the_apis_are_restarted_one_after_the_other(
    hosts: Site, front: HAProxy
) -> None:
    fleet = Fleet(front, 2, tablets=30)
    fleet.start()
    wait_until(lambda: fleet.history.answers["202"] > 100, "tablets send games")
    for api in hosts.of("api"):
        before = api.status()["api"]["pid"]
        front.tell(f"set server api/{api.host.name} state drain")
        seen = partial(front.sees, api)
        wait_until(lambda seen=seen: seen()["scur"] == "0", "the host has answered all")
        restart(api)
        assert api.status()["api"]["pid"] != before
        front.tell(f"set server api/{api.host.name} state ready")
        wait_until(lambda seen=seen: seen()["status"] == "UP", "the proxy sees the host again")
        heard = fleet.history.answers["202"]
        wait_until(lambda heard=heard: fleet.history.answers["202"] > heard + 100, "games go on")
    fleet.hand_in()
    print(f"\nanswers during a rolling restart: {dict(fleet.history.answers)}")
    assert fleet.history.answers.keys() <= ANSWERS
    wait_until(lambda: not waiting(front), "all games are processed", 90)
    found = Auditor(fleet.history).audit(front)
    assert found.holds, found


def test_through_nginx_none_fails_either_if_the_second_waits_until_the_first_is_used_again(
    hosts: Site,
) -> None:
    with nginx(hosts) as front:
        fleet = Fleet(front, 5, tablets=30)
        fleet.start()
        wait_until(lambda: fleet.history.answers["202"] > 100, "tablets send games")
        for api in hosts.of("api"):
            restart(api)
            requests = partial(answered, api)
            before = requests()
            wait_until(lambda requests=requests, before=before: requests() > before, "it is used")
        fleet.hand_in()
    print(f"\nanswers during a rolling restart behind nginx: {dict(fleet.history.answers)}")
    assert fleet.history.answers.keys() <= ANSWERS
    found = Auditor(fleet.history).audit(front)
    assert found.holds, found


def answered(api: Part) -> int:
    """How many requests its log has."""
    return sum(line["event"] == "request" for line in lines(api))
