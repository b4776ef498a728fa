from __future__ import annotations

import signal
from typing import Any

import pytest

from neuroplay.config import Settings
from neuroplay.infra.embedded import SERVERS
from neuroplay.operation.programs import API, BEAT, STANDBY, WORKER, forked, programs, servers


class Server:
    """One of the embedded servers."""

    stop_signal, stop_patience_s = signal.SIGTERM, 10.0

    def __init__(self, name: str) -> None:
        self.name = name

    def command(self) -> tuple[str, ...]:
        return ("/bin/true",)


def made(**settings):
    brought: list[Any] = [Server(name) for name in SERVERS]
    found = programs(Settings(**settings), (API, WORKER, BEAT), brought)
    return {program.name: program for program in found}


def test_what_uses_the_servers_stops_before_them_and_what_needs_no_other_stops_with_it():
    rank = {name: program.rank for name, program in made(wal_dir="/mnt").items()}
    assert list(rank) == ["postgres", "redis", STANDBY, API, WORKER]
    assert rank["postgres"] == rank["redis"] < rank[STANDBY] < rank[API]
    assert rank[API] == rank[WORKER]


def test_what_loads_long_is_started_at_once_and_the_others_when_they_are_asked_for():
    assert {name for name, program in made().items() if program.at_once} == {API, WORKER}


def test_several_of_our_programs_are_forked_from_one_and_one_alone_is_not():
    found = forked(Settings(), (API, WORKER, BEAT))
    assert found is not None
    assert [name for names, _ in found.stages for name in names] == [API, WORKER]
    assert forked(Settings(), (API,)) is None


@pytest.mark.parametrize("port", ["port", "worker_metrics_port", "beat_metrics_port"])
def test_the_fork_server_keeps_the_power_to_listen_that_one_of_its_programs_needs(port: str):
    for number, needed in ((443, True), (5000, False)):
        chosen: dict[str, Any] = {port: number}
        found = forked(Settings(**chosen), (API, WORKER, BEAT))
        assert found is not None
        assert ("--bind" in found.launcher) is needed


@pytest.mark.parametrize("name", [WORKER, BEAT])
def test_only_what_runs_here_is_kept(name: str):
    (found,) = programs(Settings(), (name,), [])
    assert (found.name, found.argv[-1]) == (name, name)


def test_a_worker_has_beat_in_its_process_where_both_run():
    assert list(made()[WORKER].argv[-2:]) == [WORKER, BEAT]


def test_processes_are_forked_from_a_worker_only_if_there_are_several():
    for number, needed in ((1, False), (2, True)):
        found = forked(Settings(task_workers=number), (API, WORKER, BEAT))
        assert found is not None
        assert any("celery.concurrency.prefork" in modules for _, modules in found.stages) is needed


@pytest.mark.parametrize(
    ("own", "brought"),
    [
        ({}, ["postgres", "redis"]),
        ({"database_url": "postgresql://db/neuroplay"}, ["redis"]),
        ({"redis_url": "redis://queue"}, ["postgres"]),
    ],
)
def test_a_server_of_ones_own_takes_the_place_of_the_embedded_one(own: Any, brought: list[str]):
    assert [server.name for server in servers(Settings(**own))] == brought


def test_each_process_of_the_api_and_its_master_has_a_heartbeat_and_no_other_program_is_watched():
    found = made(api_workers=3)
    watched = {name: program.heartbeats for name, program in found.items() if program.heartbeats}
    assert watched == {API: 4}


@pytest.mark.parametrize(("port", "bind"), [(443, True), (5000, False)])
def test_the_power_to_listen_below_1024_is_kept_where_it_is_needed(port: int, bind: bool):
    found = made(port=port)
    assert ("--bind" in found[API].argv) is bind
    assert "--bind" not in found[WORKER].argv


@pytest.mark.parametrize("port", ["worker_metrics_port", "beat_metrics_port"])
def test_a_worker_keeps_that_power_for_its_own_port_and_beats(port: str):
    chosen: dict[str, Any] = {port: 443}
    assert "--bind" in made(**chosen)[WORKER].argv
