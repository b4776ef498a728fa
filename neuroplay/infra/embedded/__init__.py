"""The PostgreSQL and Redis servers that NeuroPlay includes. Imports supervision; operation imports
it."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from neuroplay.infra.embedded.server import EmbeddedServer

SERVERS = {"postgres": "EmbeddedPostgres", "redis": "EmbeddedValkey"}
"""The class of each server, in start order, by the name of its program, which is also that of its
module and of its folder in a home."""

STANDBY = "neuroplay_standby"
"""The name of the standby for the server: of its connection and of its replication slot."""


def server_class(name: str) -> type[EmbeddedServer]:
    """The class of the server `name` of SERVERS, imported when asked for."""
    found: type[EmbeddedServer] = getattr(import_module(f"{__name__}.{name}"), SERVERS[name])
    return found
