"""Workers that begin while Redis is down, refuses or says nothing: games are processed all the
same, and over Redis again as soon as it is well."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import psutil
import pytest
from redis import Redis

from neuroplay.core.entities.sync_item import InboxCounts
from neuroplay.infra.embedded.redis import EmbeddedValkey
from neuroplay.infra.queue import QUEUE, make_sender
from neuroplay.infra.redis.client import make_client
from neuroplay.infra.redis.heartbeat import count_workers
from tests.integration.servers import hung, wait_until
from tests.integration.worker.test_worker import System, system

__all__ = ["system"]


@dataclass(frozen=True, kw_only=True)
class Server:
    """A Valkey of this test's own."""

    url: str
    client: Redis

    @property
    def pid(self) -> int:
        return int(self.client.info("server")["process_id"])

    @contextmanager
    def configured(self, **options: str) -> Iterator[None]:
        names = {name.replace("_", "-"): value for name, value in options.items()}
        before = {name: self.client.config_get(name)[name] for name in names}
        for name, value in names.items():
            self.client.config_set(name, value)
        yield
        for name, value in before.items():
            self.client.config_set(name, value)


@pytest.fixture
def server() -> Iterator[Server]:
    with tempfile.TemporaryDirectory(prefix="npred", dir="/tmp") as folder:
        Path(folder).chmod(0o755)
        valkey = EmbeddedValkey(home=Path(folder) / "home", runtime_dir=Path(folder) / "run")
        with valkey.running() as url, closing(make_client(url)) as client:
            yield Server(url=url, client=client)


@contextmanager
def read_only(server: Server) -> Iterator[None]:
    server.client.execute_command("REPLICAOF", "127.0.0.1", "1")
    yield
    server.client.execute_command("REPLICAOF", "NO", "ONE")


@contextmanager
def no_room(server: Server) -> Iterator[None]:
    with server.configured(maxmemory="1", maxmemory_policy="noeviction"):
        yield


@contextmanager
def no_replicas(server: Server) -> Iterator[None]:
    with server.configured(min_replicas_to_write="1"):
        yield


@contextmanager
def other_password(server: Server) -> Iterator[None]:
    server.client.config_set("requirepass", "other")
    yield
    server.client.config_set("requirepass", "")


@contextmanager
def failed_snapshot(server: Server) -> Iterator[None]:
    """MISCONF: its last snapshot was not written, so it takes no writes and does not even PONG."""
    with server.configured(save="3600 1000000", rdb_key_save_delay="60000000"):
        server.client.set("a", b"key to write")
        server.client.bgsave()
        for saving in psutil.Process(server.pid).children():
            saving.kill()
        wait_until(lambda: "err" in str(server.client.info()["rdb_last_bgsave_status"]), "MISCONF")
        yield


@contextmanager
def crowded(server: Server) -> Iterator[None]:
    """`max number of clients reached`: it says so, and hangs up."""
    with server.configured(maxclients="1"):
        yield


@contextmanager
def no_permission(server: Server) -> Iterator[None]:
    """NOPERM: who signs in may ask, and may not write."""
    admin = ("SETUSER", "default", "-@all", "+@read", "+@connection", "+acl", "+config", "+info")
    server.client.execute_command("ACL", *admin)
    yield
    server.client.execute_command("ACL", "SETUSER", "default", "+@all")


@contextmanager
def silent(server: Server) -> Iterator[None]:
    with hung(server.pid):
        yield


STATES = [
    read_only,
    no_replicas,
    no_room,
    other_password,
    failed_snapshot,
    crowded,
    no_permission,
    silent,
]


@pytest.mark.slow
@pytest.mark.parametrize("state", STATES, ids=lambda one: one.__name__)
def test_a_worker_that_begins_while_redis_is_not_well_drains_and_comes_back(
    system: System, server: Server, state: Callable[[Server], AbstractContextManager[None]]
):
    system = replace(system, environment={**system.environment, "REDIS_URL": server.url})
    with ExitStack() as unwell:
        unwell.enter_context(state(server))
        with system.running("worker") as worker:
            system.send(2, wake_up=False)
            wait_until(lambda: system.counts() == InboxCounts(processed=2), "drained", 30)
            unwell.close()
            wait_until(lambda: count_workers(server.client) == 1, "it beats", 30)
            sender = make_sender(replace(system.container.settings, redis_url=server.url))
            sender()
            wait_until(lambda: server.client.llen(QUEUE) == 0, "tasks come in", 30)
            assert worker.poll() is None
    assert "Unrecoverable" not in system.log()
    assert system.log().count("\n") < 400, "it says so, and not hundreds of times a second"


def test_a_socket_with_a_password_is_one_server_for_both_clients(system: System, server: Server):
    server.client.config_set("requirepass", "p@ss/w")
    url = f"{server.url}?db=0&password=p%40ss%2Fw"
    system = replace(system, environment={**system.environment, "REDIS_URL": url})
    theirs = replace(system.container.settings, redis_url=url)
    with closing(make_client(url)) as client, system.running("worker"):
        wait_until(lambda: count_workers(client) == 1, "it beats", 30)
        make_sender(theirs)()
        system.send(1, wake_up=False)
        wait_until(lambda: system.counts() == InboxCounts(processed=1), "processed", 30)
        server.client.config_set("requirepass", "")
