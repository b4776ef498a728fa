"""HTTP requests of the judging process."""

from __future__ import annotations

import ipaddress
import json
import socket
from functools import cache
from typing import Any
from urllib.parse import urlsplit

import psutil
from gevent.queue import LifoQueue

from loadprofiles.reach.line import Line


class Server:
    """A client for the server under test. Methods raise OSError if there is no response."""

    TIMEOUT_S = 15.0

    def __init__(self, host: str, *, connections: int = 8) -> None:
        self._lines = [Line(host, timeout_s=self.TIMEOUT_S) for _ in range(connections)]
        self._idle = LifoQueue(items=self._lines)

    def ask(
        self, method: str, path: str, *, token: str = "", body: Any = None
    ) -> tuple[int, bytes]:
        """Make a request; returns (HTTP status, body)."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        payload = ""
        if body is not None:
            headers["Content-Type"] = "application/json"
            payload = json.dumps(body)
        line = self._idle.get()
        try:
            answer = line.ask(method, path, headers, payload)
            return answer.status, answer.body()
        except ValueError as error:
            raise OSError(f"{method} {path}: {error}") from None
        finally:
            self._idle.put(line)

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
        for line in self._lines:
            line.close()


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
