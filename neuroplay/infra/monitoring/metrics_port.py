"""/metrics of a machine that runs no API: a port of its own in a worker's or beat's process."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from prometheus_client.registry import Collector

from neuroplay.infra.monitoring.access import may_see
from neuroplay.infra.monitoring.logging import get_logger
from neuroplay.infra.monitoring.monitoring import metrics_endpoint

log = get_logger(__name__)


def serve_metrics(
    host: str, port: int, *, token: str = "", figures: Collector | None = None
) -> ThreadingHTTPServer | None:
    """Answer GET /metrics from a thread; None, and a log line, where the port cannot be had: no
    worker ends for that."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path.partition("?")[0] != "/metrics":
                self.send_error(404)
                return
            if not may_see(self.headers.get("Authorization"), token):
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
        server = ThreadingHTTPServer((host, port), Handler)
    except OSError as error:
        log.warning("metrics port not opened", port=port, reason=error.strerror)
        return None
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True, name="metrics port").start()
    return server
