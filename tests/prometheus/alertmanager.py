"""A real Alertmanager with the shipped configuration, and the webhook that it calls."""

from __future__ import annotations

import json
import re
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from tests.acceptance.installation import free_port, wait_until
from tests.prometheus.programs import find
from tests.prometheus.server import is_ready

WAIT = re.compile(r"(group_wait|group_interval): \w+")


@dataclass(frozen=True, kw_only=True)
class Notice:
    receiver: str
    alert: str
    status: str
    runbook: str
    fingerprint: str
    """Tells alerts of one name with different labels apart."""
    at: float
    """When it was received, by time.monotonic()."""


@dataclass(frozen=True, kw_only=True)
class Alertmanager:
    port: int
    notices: list[Notice] = field(default_factory=list)
    """All that were received, oldest first."""

    def firing(self, alert: str) -> list[Notice]:
        """The newest notice of each alert of that name that has not been resolved."""
        newest = {one.fingerprint: one for one in self.notices if one.alert == alert}
        return [one for one in newest.values() if one.status == "firing"]


@contextmanager
def alerting(configuration: Path, folder: Path) -> Iterator[Alertmanager]:
    """`configuration` with its webhooks at a free port, and without waiting to group alerts."""
    found = Alertmanager(port=free_port())
    hook = ThreadingHTTPServer(("127.0.0.1", 0), _receiver(found.notices))
    serving = threading.Thread(target=hook.serve_forever)
    text = configuration.read_text().replace(":9095/", f":{hook.server_port}/")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "alertmanager.yml").write_text(WAIT.sub(r"\1: 1s", text))
    program = find("prometheus-alertmanager")
    assert program is not None
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(
            [
                program,
                f"--config.file={folder / 'alertmanager.yml'}",
                f"--storage.path={folder / 'data'}",
                f"--web.listen-address=127.0.0.1:{found.port}",
                "--cluster.listen-address=",
            ],
            stdout=log,
            stderr=log,
        )
    serving.start()
    try:
        wait_until(lambda: is_ready(process, found.port, folder / "log"), "Alertmanager is ready")
        yield found
    finally:
        process.terminate()
        process.wait(30)
        hook.shutdown()
        serving.join()
        hook.server_close()


def _receiver(notices: list[Notice]) -> type[BaseHTTPRequestHandler]:
    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            for alert in body["alerts"]:
                notices.append(
                    Notice(
                        receiver=self.path.strip("/"),
                        alert=alert["labels"]["alertname"],
                        status=alert["status"],
                        runbook=alert["annotations"]["runbook_url"],
                        fingerprint=alert["fingerprint"],
                        at=time.monotonic(),
                    )
                )
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Keep the test's output clean."""

    return Receiver
