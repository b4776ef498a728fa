"""Containers of the image for a test: started as the documents say, removed afterwards."""

from __future__ import annotations

import asyncio
import json
import subprocess
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

from sqlalchemy import make_url

from deploy.image.engine import Engine
from tests.acceptance.installation import wait_until

RESTRICTED = (
    *("--read-only", "--tmpfs", "/tmp", "--cap-drop", "ALL"),
    *("--security-opt", "no-new-privileges", "--stop-timeout", "60"),
)

UID = "10001"

STATUS = """
import json
fields = dict(line.split(":", 1) for line in open("/proc/1/status"))
print(json.dumps({name: value.split() for name, value in fields.items()}))
"""

WRITES = """
try:
    open("/opt/neuroplay/x", "w")
except OSError as error:
    print(error.strerror)
"""

ZOMBIES = """
import os
for pid in filter(str.isdigit, os.listdir("/proc")):
    try:
        stat = open(f"/proc/{pid}/stat").read()
    except OSError:
        continue
    if stat.rpartition(")")[2].split()[0] == "Z":
        print(stat)
"""

ORPHAN = """
import os
if os.fork() == 0:
    print(os.getpid() if os.fork() else "", end="", flush=True)
    os._exit(0)
os.wait()
"""
"""Leaves a process whose parent has ended: it becomes a child of process 1."""


SECRET = "0123456789abcdef" * 4


@dataclass(frozen=True, kw_only=True)
class Image:
    engine: Engine
    name: str
    said: str
    """What `make image` printed."""


@dataclass(frozen=True, kw_only=True)
class Container:
    engine: Engine
    name: str = field(default_factory=lambda: f"neuroplay-test-{uuid4().hex[:12]}")

    def command(self, *arguments: str) -> str:
        """What a command in the container prints."""
        return self.engine.run("exec", self.name, *arguments)

    def python(self, source: str) -> str:
        return self.command("python", "-c", source)

    def logs(self) -> str:
        return self.engine.run("logs", self.name, stderr=subprocess.STDOUT)

    def state(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.engine.run("container", "inspect", self.name))[0]
        return dict(found["State"])

    def runs(self) -> bool:
        return bool(self.state()["Running"])

    def is_well(self) -> bool:
        """The image's own health check."""
        assert self.runs(), self.logs()
        return self.engine.succeeds("exec", self.name, "neuroplay", "status")

    def wait_until_ready(self) -> None:
        """Until `serve` says so, or has ended without."""

        def ready() -> bool:
            said = self.logs()
            assert self.runs(), said
            return "Stop it with Ctrl-C" in said

        wait_until(ready, f"{self.name} is ready")

    def end(self) -> int:
        """Send SIGTERM and wait; returns the exit code."""
        self.engine.run("kill", "--signal", "TERM", self.name)
        wait_until(lambda: not self.runs(), f"{self.name} ends")
        return int(self.state()["ExitCode"])

    def remove(self) -> None:
        self.engine.run("rm", "--force", self.name, check=False, stderr=subprocess.DEVNULL)


def check_restrictions(container: Container) -> None:
    """No root, no capability, no new privilege, and no file outside of the mounts to write."""
    status = json.loads(container.python(STATUS))
    assert status["Uid"] == status["Gid"] == [UID] * 4
    assert {int(status[name][0], 16) for name in ("CapEff", "CapPrm", "CapBnd")} == {0}
    assert status["NoNewPrivs"] == ["1"]
    assert container.python(WRITES) == "Read-only file system"


@contextmanager
def started(
    engine: Engine, image: str, *arguments: str, options: tuple[str, ...] = ()
) -> Iterator[Container]:
    """A container under all restrictions, on this machine's network."""
    container = Container(engine=engine)
    run = ("run", "--detach", "--name", container.name, "--network", "host", *RESTRICTED)
    engine.run(*run, *options, image, *arguments, stderr=subprocess.DEVNULL)
    try:
        yield container
    finally:
        container.remove()


def settings(values: Mapping[str, str]) -> tuple[str, ...]:
    """Environment variables as options of `run`."""
    return tuple(f"--env={name}={value}" for name, value in values.items())


@contextmanager
def outside_servers(
    database_url: str, redis_url: str, *, listen: str = "127.0.0.1", reached_as: str = "127.0.0.1"
) -> Iterator[dict[str, str]]:
    """The settings of a container that uses these servers of this machine, which have only a Unix
    socket: they listen on an address meanwhile."""
    url = make_url(database_url)
    socket = Path(str(url.query["host"])) / ".s.PGSQL.5432"
    with (
        on_port(socket, listen) as postgres_port,
        on_port(Path(redis_url.removeprefix("unix://")), listen) as redis_port,
    ):
        yield {
            "DATABASE_URL": f"postgresql://neuroplay@{reached_as}:{postgres_port}/{url.database}",
            "REDIS_URL": f"redis://{reached_as}:{redis_port}",
            "NEUROPLAY_SECRET": SECRET,
        }


@contextmanager
def on_port(server: Path | tuple[str, int], address: str = "127.0.0.1") -> Iterator[int]:
    """The port of an address at which a server answers meanwhile; it has a Unix socket, or a host
    and a port elsewhere."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()

    async def copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while data := await reader.read(1 << 16):
                writer.write(data)
                await writer.drain()
        except OSError:
            pass
        finally:
            writer.close()

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, to_there = await (
            asyncio.open_unix_connection(str(server))
            if isinstance(server, Path)
            else asyncio.open_connection(*server)
        )
        await asyncio.gather(copy(reader, to_there), copy(there, writer))

    async def listen() -> asyncio.Server:
        return await asyncio.start_server(accept, address, 0)

    async def close() -> None:
        listening.close()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    listening = asyncio.run_coroutine_threadsafe(listen(), loop).result()
    try:
        yield listening.sockets[0].getsockname()[1]
    finally:
        asyncio.run_coroutine_threadsafe(close(), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
