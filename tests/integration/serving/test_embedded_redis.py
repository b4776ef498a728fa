"""The embedded Valkey, as a real process."""

from __future__ import annotations

import shutil
import signal
import stat
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from redis import Redis

from neuroplay.infra.embedded import append_only
from neuroplay.infra.embedded.redis import EmbeddedValkey
from neuroplay.infra.supervision.errors import CannotStart

EXITED_WITH_1 = 1 << 8
"""As waitpid says it."""


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


def damaged(kind: str, files: Path) -> None:
    """Do to Valkey's files what a power cut or a bad disk does."""
    base, incr, manifest = (
        next(files.glob(name)) for name in ("*.base.rdb", "*.incr.aof", "*.manifest")
    )
    match kind:
        case "garbage at the end":
            incr.write_bytes(incr.read_bytes() + b"*3\r\n$3\r\nSE\0\0\0garbage\r\n" + bytes(64))
        case "zeroes":
            incr.write_bytes(bytes(4096))
        case "an empty manifest":
            manifest.write_bytes(b"")
        case "a torn manifest":
            manifest.write_bytes(manifest.read_bytes()[:12])
        case "a torn base":
            base.write_bytes(base.read_bytes()[:20])
        case "no base":
            base.unlink()


@pytest.mark.parametrize(
    "kind",
    [
        "garbage at the end",
        "zeroes",
        "an empty manifest",
        "a torn manifest",
        "a torn base",
        "no base",
    ],
)
def test_a_damaged_file_is_set_aside_and_kept(server: EmbeddedValkey, kind: str) -> None:
    with server.running() as url, closing(Redis.from_url(url)) as client:
        client.set("lantern", "lit")
    damaged(kind, server.data / append_only.FOLDER)

    with pytest.raises(CannotStart, match="ended with 1"), server.running():
        pass
    assert append_only.may_be_damaged(EXITED_WITH_1)
    kept = append_only.set_aside(server.data)

    assert kept is not None
    assert append_only.aside(server.data) == [kept]
    assert list(kept.glob("*.incr.aof"))
    with server.running() as url, closing(Redis.from_url(url)) as client:
        assert client.get("lantern") is None


def test_an_end_that_is_cut_off_is_read_up_to_the_cut(server: EmbeddedValkey) -> None:
    with server.running() as url, closing(Redis.from_url(url)) as client:
        client.set("lantern", "lit")
        client.set("second", "x" * 100)
    file = next((server.data / append_only.FOLDER).glob("*.incr.aof"))
    file.write_bytes(file.read_bytes()[:-50])
    with server.running() as url, closing(Redis.from_url(url)) as client:
        assert client.get("lantern") == b"lit"
        assert client.get("second") is None


def test_the_newest_few_are_kept(tmp_path: Path) -> None:
    for number in range(5):
        (tmp_path / f"{append_only.ASIDE}2020010{number + 1}T000000Z").mkdir()
    (tmp_path / append_only.FOLDER).mkdir()
    moved = append_only.set_aside(tmp_path)
    assert len(append_only.aside(tmp_path)) == append_only.KEPT
    assert append_only.aside(tmp_path)[-1] == moved
    assert append_only.set_aside(tmp_path) is None


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_one_that_was_ended_has_no_damaged_file(number: signal.Signals) -> None:
    assert not append_only.may_be_damaged(number)
    assert append_only.may_be_damaged(signal.SIGSEGV)
    assert not append_only.may_be_damaged(0)
