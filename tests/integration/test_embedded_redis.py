"""The embedded Valkey, for real."""

from __future__ import annotations

import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from redis import Redis

from neuroplay.infra.embedded.redis import EmbeddedValkey


@pytest.fixture
def server(tmp_path: Path) -> Iterator[EmbeddedValkey]:
    runtime = Path(tempfile.mkdtemp(prefix="np-"))
    yield EmbeddedValkey(tmp_path / "home", runtime / "r")
    shutil.rmtree(runtime)


def test_it_keeps_its_keys_and_listens_on_no_port(server: EmbeddedValkey) -> None:
    with server.running() as url, closing(Redis.from_url(url)) as client:
        assert url == server.url
        assert client.info("server")["tcp_port"] == 0
        assert client.config_get("append*")["appendfsync"] == "everysec"
        client.set("lantern", "lit")
    with server.running() as url, closing(Redis.from_url(url)) as client:
        assert client.get("lantern") == b"lit"


def test_it_keeps_what_was_on_disk_when_it_is_killed(server: EmbeddedValkey) -> None:
    with server.running() as url, closing(Redis.from_url(url)) as client:
        client.set("lantern", "lit")
        client.execute_command("WAITAOF", 1, 0, 5000)
        import psutil

        psutil.Process(client.info("server")["process_id"]).kill()
    with server.running() as url, closing(Redis.from_url(url)) as client:
        assert client.get("lantern") == b"lit"


def test_only_its_owner_can_reach_its_data_and_socket(server: EmbeddedValkey) -> None:
    with server.running():
        assert stat.S_IMODE(server.data.stat().st_mode) == 0o700
        assert stat.S_IMODE(server.socket.stat().st_mode) == 0o700
    assert not server.socket.exists()
