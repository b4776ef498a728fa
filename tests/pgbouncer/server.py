"""A PgBouncer before a PostgreSQL, by its plainest configuration."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from sqlalchemy import make_url

from tests.pgbouncer import programs

CONFIGURATION = """
[databases]
* = host={host} user=neuroplay
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = any
pool_mode = {mode}
default_pool_size = {sessions}
"""

PATIENCE_S = 20.0


@contextmanager
def running(program: str, url: str, *, mode: str, sessions: int) -> Iterator[tuple[str, int]]:
    """The URL of the same database through it, and its pid. `url` is that of a unix socket."""
    there = make_url(url)
    host = str(there.query["host"])
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with tempfile.TemporaryDirectory(prefix="nppool", dir="/tmp") as folder:
        Path(folder).chmod(0o755)
        file = Path(folder) / "pgbouncer.ini"
        file.write_text(CONFIGURATION.format(host=host, port=port, mode=mode, sessions=sessions))
        environment = {**os.environ, "LD_LIBRARY_PATH": programs.libraries()}
        # It refuses to be root, and only PostgreSQL's own account may enter that folder.
        owner = (Path(host) / ".s.PGSQL.5432").stat()
        user, group = (owner.st_uid, owner.st_gid) if os.geteuid() == 0 else (None, None)
        with (
            (Path(folder) / "log").open("w+") as log,
            subprocess.Popen(
                [program, str(file)],
                env=environment,
                stdout=log,
                stderr=log,
                user=user,
                group=group,
            ) as server,
        ):
            try:
                _wait_until_it_listens(port)
                yield f"postgresql://neuroplay@127.0.0.1:{port}/{there.database}", server.pid
            finally:
                server.kill()
                log.seek(0)
                print(log.read(), file=sys.stderr)


def _wait_until_it_listens(port: int) -> None:
    ends = time.monotonic() + PATIENCE_S
    while True:
        with closing(socket.socket()) as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        if time.monotonic() > ends:
            raise TimeoutError("pgbouncer does not listen")
        time.sleep(0.02)  # between two looks
