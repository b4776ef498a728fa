"""/metrics of a machine that runs no API: a port of its own in a worker's or beat's process."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from typing import Any

from prometheus_client.registry import Collector

from neuroplay.access import may_see
from neuroplay.infra.monitoring.logging import get_logger
from neuroplay.infra.monitoring.monitoring import metrics_endpoint

AT_ONCE = 16
ANSWER_S = 10.0
"""A connection that says nothing for so long is closed."""

log = get_logger(__name__)


class FewAtOnce(ThreadingHTTPServer):
    """No more than AT_ONCE threads; who comes then is turned away."""

    daemon_threads = True

    def __init__(self, *arguments: Any) -> None:
        self._free = threading.BoundedSemaphore(AT_ONCE)
        super().__init__(*arguments)

    def process_request(self, request: Any, client_address: Any) -> None:
        if self._free.acquire(blocking=False):
            super().process_request(request, client_address)
        else:
            self.shutdown_request(request)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._free.release()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Who hangs up is no news."""


def is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def serve_metrics(
    host: str, port: int, *, token: str = "", figures: Collector | None = None
) -> ThreadingHTTPServer | None:
    """Answer GET /metrics from a thread to whoever shows `token`, and without one to this machine
    alone; None, and a log line, where the port cannot be had: no
    worker ends for that."""

    own = is_loopback(host)

    class Handler(BaseHTTPRequestHandler):
        timeout = ANSWER_S

        def do_GET(self) -> None:
            if self.path.partition("?")[0] != "/metrics":
                self.send_error(404)
                return
            if not (token or own) or not may_see(self.headers.get("Authorization"), token):
                self.send_error(401)
                return
            body, status, headers = metrics_endpoint(self.headers.get("Accept", ""), figures)
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Scrapes are no news."""

    try:
        server = FewAtOnce((host, port), Handler)
    except OSError as error:
        log.warning("metrics port not opened", port=port, reason=error.strerror)
        return None
    threading.Thread(target=server.serve_forever, daemon=True, name="metrics port").start()
    return server
