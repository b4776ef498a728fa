"""An HTTP port for /metrics in a worker or beat, for machines without an API."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from prometheus_client.registry import Collector

from neuroplay.access import may_see
from neuroplay.addresses import is_loopback_host
from neuroplay.infra.monitoring.logging import get_logger
from neuroplay.infra.monitoring.monitoring import metrics_endpoint

MOST_THREADS = 16
IDLE_TIMEOUT_S = 10.0
"""A connection that is idle for this long is closed."""

log = get_logger(__name__)


class BoundedServer(ThreadingHTTPServer):
    """Uses at most MOST_THREADS threads, and closes connections beyond that."""

    daemon_threads = True

    def __init__(self, *arguments: Any) -> None:
        self._free = threading.BoundedSemaphore(MOST_THREADS)
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
        """Not logged: a client may hang up."""


def serve_metrics(
    host: str, port: int, *, token: str = "", figures: Collector | None = None
) -> ThreadingHTTPServer | None:
    """Serve GET /metrics from a thread, to clients that send `token`.

    Without a token it serves only if `host` is a loopback address. Returns None and logs a warning
    if the port cannot be opened; the worker continues without it.
    """

    own = is_loopback_host(host)

    class Handler(BaseHTTPRequestHandler):
        timeout = IDLE_TIMEOUT_S

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
            """Scrapes are not logged."""

    try:
        server = BoundedServer((host, port), Handler)
    except OSError as error:
        log.warning("metrics port not opened", port=port, reason=error.strerror)
        return None
    threading.Thread(target=server.serve_forever, daemon=True, name="metrics port").start()
    return server
