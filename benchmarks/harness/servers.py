"""Servers of a measurement's own, in a folder that is gone afterwards."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from neuroplay.infra.embedded.postgres import EmbeddedPostgres


@contextmanager
def folder() -> Iterator[Path]:
    """A folder with a short path, as sockets need, that the user of PostgreSQL can enter."""
    with tempfile.TemporaryDirectory(prefix="npbench", dir="/tmp") as name:
        place = Path(name)
        place.chmod(0o755)
        yield place


@contextmanager
def postgres() -> Iterator[tuple[EmbeddedPostgres, str]]:
    """An embedded PostgreSQL, and its URL."""
    from neuroplay.infra.embedded.postgres import EmbeddedPostgres

    with folder() as place:
        server = EmbeddedPostgres(home=place / "home", runtime_dir=place / "run")
        with server.running() as url:
            yield server, url
