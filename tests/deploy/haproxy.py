"""An HAProxy of this machine, by a configuration of deploy/."""

from __future__ import annotations

import socket
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from tests.acceptance.installation import free_port, wait_until
from tests.proxies.programs import have


@contextmanager
def balancing(recipe: str, written_port: int, folder: Path) -> Iterator[int]:
    """The free port at which it listens, instead of the one that the recipe binds."""
    program, environment = have("haproxy")
    port = free_port()
    bound = f"bind 127.0.0.1:{written_port}\n"
    assert bound in recipe
    recipe = recipe.replace(bound, f"bind 127.0.0.1:{port}\n")
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
        yield port
    finally:
        process.terminate()
        process.wait(20)
