"""HTTP requests of the judging process."""

from __future__ import annotations

import ipaddress
import json
import socket
from functools import cache
from typing import Any
from urllib.parse import urlsplit

import psutil
from geventhttpclient import HTTPClient

from loadprofiles.reach.trust import TRUST


class Server:
    """A client for the server under test. Methods raise OSError if there is no response."""

    TIMEOUT_S = 15.0

    def __init__(self, host: str, *, connections: int = 8) -> None:
        self._client = HTTPClient.from_url(
            host,
            concurrency=connections,
            connection_timeout=self.TIMEOUT_S,
            network_timeout=self.TIMEOUT_S,
            insecure=TRUST.any_name,
            **({"ssl_context_factory": TRUST.context} if host.startswith("https://") else {}),
        )

    def ask(
        self, method: str, path: str, *, token: str = "", body: Any = None
    ) -> tuple[int, bytes]:
        """Make a request; returns (HTTP status, body)."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        payload = None
        if body is not None:
            headers["Content-Type"] = "application/json"
            payload = json.dumps(body)
        try:
            answer = self._client.request(method, path, body=payload, headers=headers)
            return int(answer.status_code), bytes(answer.read())
        except OSError:
            raise
        except Exception as error:  # those of geventhttpclient have no common base class
            raise OSError(f"{type(error).__name__}: {error}") from error

    def document(self, method: str, path: str, *, token: str = "", body: Any = None) -> Any:
        """The JSON document of a response with status 200. Raises OSError for any other."""
        status, text = self.ask(method, path, token=token, body=body)
        if status != 200:
            raise OSError(f"{method} {path} answered HTTP {status}")
        try:
            return json.loads(text)
        except (ValueError, RecursionError):
            raise OSError(f"{method} {path} answered no JSON") from None

    def close(self) -> None:
        self._client.close()


@cache
def is_this_machine(host: str) -> bool:
    """Whether the server of this URL runs on this machine, and so shares its CPU with the load."""
    name = urlsplit(host).hostname or ""
    own = {
        address.address.partition("%")[0]
        for addresses in psutil.net_if_addrs().values()
        for address in addresses
    }
    try:
        found = {str(info[4][0]).partition("%")[0] for info in socket.getaddrinfo(name, None)}
    except OSError:
        return False
    return any(one in own or ipaddress.ip_address(one).is_loopback for one in found)
