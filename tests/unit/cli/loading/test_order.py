from __future__ import annotations

from pathlib import Path

import pytest

from cli.loading.order import Order
from cli.output.errors import CommandError
from loadprofiles.profiles import PROFILES

NORMAL, MONDAY = PROFILES["normal"], PROFILES["monday"]


def words(order):
    return order.for_locust("http://127.0.0.1:5000", Path("/cards.json"), free_port=4711)


def value(found, option):
    return found[found.index(option) + 1]


def test_what_was_not_said_is_the_profiles():
    found = words(Order(profile=NORMAL))

    assert (value(found, "--users"), value(found, "--spawn-rate")) == ("500", "25")
    assert (value(found, "--run-time"), value(found, "--judge")) == ("300s", "all")
    assert value(found, "--roster") == "/cards.json"
    assert not {"--master", "--processes", "--chaos"} & set(found)


def test_what_was_said_goes_before_the_profile():
    found = words(Order(profile=NORMAL, users=20, spawn_rate=2.5, run_time="1m30s"))

    assert (value(found, "--users"), value(found, "--spawn-rate")) == ("20", "2.5")
    assert value(found, "--run-time") == "90s"


def test_workers_of_this_machine_meet_their_master_on_a_port_of_their_own():
    found = words(Order(profile=NORMAL, workers=2))

    assert value(found, "--processes") == "2"
    assert value(found, "--master-bind-port") == value(found, "--master-port") == "4711"
    assert value(found, "--master-bind-host") == "127.0.0.1"
    assert "--master" not in found


def test_a_master_waits_for_workers_but_not_for_ever():
    found = words(Order(profile=NORMAL, master=True, expect_workers=4))

    assert value(found, "--expect-workers") == "4"
    assert value(found, "--expect-workers-max-wait") == "120"
    assert value(found, "--master-bind-port") == "5557"
    assert "--master-bind-host" not in found


def test_a_worker_is_told_where_its_master_is_and_nothing_else():
    order = Order(profile=NORMAL, worker=True, master_host="10.0.0.1", master_port=7)

    assert order.for_a_worker() == ["--worker", "--master-host", "10.0.0.1", "--master-port", "7"]


def test_a_server_that_is_broken_on_purpose_is_judged_by_the_ledger_unless_told_otherwise():
    assert value(words(Order(profile=NORMAL, chaos="kill-redis")), "--judge") == "ledger"
    assert value(words(Order(profile=NORMAL, chaos="kill-redis")), "--chaos") == "kill-redis"
    assert Order(profile=NORMAL, chaos="kill-redis", judge="all").judged_by == "all"


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"judge": "x"}, "all, failures, ledger"),
        ({"chaos": "x"}, "kill-worker, kill-redis, restart-api"),
        ({"host": "play.school.example"}, "is not a URL of a server"),
        ({"host": "https://play.school.example?class=3A"}, "is not a URL of a server"),
        ({"host": "https://play.school.example/#card=A-B"}, "is not a URL of a server"),
        (
            {"host": "https://eva:secret@play.school.example"},
            "the server's URL contains a user name W",
        ),
        ({"master": True, "worker": True}, "--master and --worker cannot be combined"),
        ({"workers": 2, "master": True}, "its own master"),
        ({"workers": 2, "worker": True}, "its own master"),
        ({"expect_workers": 2}, "needs --master"),
        ({"master_host": "a"}, "needs --worker"),
        ({"master_host": "a", "master": True}, "needs --worker"),
        ({"master_port": 7}, "needs --master or --worker"),
        ({"chaos": "kill-worker", "roster": Path("a")}, "--roster is for a remote"),
        ({"worker": True, "users": 3, "run_time": "5s"}, "omit --users, --run-time"),
        ({"run_time": "soon"}, "90s, 5m or 1h30m"),
        ({"run_time": "0"}, "longer than 0 s"),
        ({"users": 100, "spawn_rate": 10.0, "run_time": "10s"}, "after 10 s"),
    ],
)
def test_what_does_not_go_together_is_a_usage_error(said, told):
    with pytest.raises(CommandError) as refused:
        Order(profile=NORMAL, **said)

    assert refused.value.code == 2
    assert told in f"{refused.value.message} {refused.value.hint}"


def test_tablets_that_come_back_need_time_to():
    with pytest.raises(CommandError, match="after 21 s"):
        Order(profile=MONDAY, users=100, spawn_rate=100.0, run_time="21s")

    Order(profile=MONDAY, users=100, spawn_rate=100.0, run_time="22s")
