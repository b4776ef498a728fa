"""An HAProxy of this machine, by a configuration of deploy/."""

from __future__ import annotations

import socket
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from tests.acceptance.installation import wait_until
from tests.proxies.programs import have


@contextmanager
def balancing(recipe: str, folder: Path, port: int) -> Iterator[None]:
    """Run it; returns when it listens on `port` of 127.0.0.1."""
    program, environment = have("haproxy")
    file, output = folder / f"haproxy-{port}.cfg", folder / f"haproxy-{port}.log"
    file.write_text(recipe)
    with output.open("w") as log:
        process = subprocess.Popen(
            [program, "-db", "-f", str(file)], env=dict(environment), stdout=log, stderr=log
        )

    def listens() -> bool:
        assert process.poll() is None, output.read_text()
        with closing(socket.socket()) as probe:
            return probe.connect_ex(("127.0.0.1", port)) == 0

    try:
        wait_until(listens, "HAProxy listens")
        yield
    finally:
        process.terminate()
        process.wait(20)
