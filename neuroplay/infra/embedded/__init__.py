"""The servers that `neuroplay serve` brings along. Imports supervision; operation imports it."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from neuroplay.infra.embedded.server import EmbeddedServer

SERVERS = {"postgres": "EmbeddedPostgres", "redis": "EmbeddedValkey"}
"""In the order of their starts: the name of a program, which is its module's and its folder's in a
home, too; and its class."""


def server_class(name: str) -> type[EmbeddedServer]:
    """The class of one of SERVERS."""
    found: type[EmbeddedServer] = getattr(import_module(f"{__name__}.{name}"), SERVERS[name])
    return found
