"""A real Prometheus that scrapes one NeuroPlay often."""

from __future__ import annotations

import json
import signal
import subprocess
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.acceptance.installation import free_port, wait_until
from tests.prometheus.programs import find


@dataclass(frozen=True, kw_only=True)
class Prometheus:
    port: int
    configuration: Path
    process: subprocess.Popen[bytes]

    def configure(self, text: str) -> None:
        """Have it read another configuration, as `systemctl reload prometheus` does."""
        self.configuration.write_text(text)
        self.process.send_signal(signal.SIGHUP)

    def ask(self, path: str, **parameters: str) -> Any:
        """The `data` of an answer of its API."""
        query = urllib.parse.urlencode(parameters)
        url = f"http://127.0.0.1:{self.port}/api/v1/{path}?{query}"
        try:
            with urllib.request.urlopen(url, timeout=10) as answer:
                return json.load(answer)["data"]
        except urllib.error.HTTPError as error:
            with error:
                raise AssertionError(f"{parameters}: {error.read().decode()}") from None

    def query(self, expression: str) -> list[dict[str, Any]]:
        """What an instant query finds: [{"metric": labels, "value": [time, text]}]."""
        found = self.ask("query", query=expression)["result"]
        assert isinstance(found, list)
        return found


@contextmanager
def scraping(
    targets: dict[str, int],
    folder: Path,
    rules: Path,
    *,
    token: Path,
    alertmanager: int | None = None,
    every_ms: int = 500,
) -> Iterator[Prometheus]:
    """`targets`: jobs and the ports of 127.0.0.1 where they answer; `token`: the file of what they
    are shown; `alertmanager`: the port of the one that is told of alerts."""
    jobs = "".join(
        f"  - job_name: {job}\n    authorization: {{credentials_file: '{token}'}}\n"
        f"    static_configs: [{{targets: ['127.0.0.1:{target}']}}]\n"
        for job, target in targets.items()
    )
    configuration = (
        f"global: {{scrape_interval: {every_ms}ms, scrape_timeout: {every_ms}ms, "
        f"evaluation_interval: 1s}}\nrule_files: ['{rules}']\n"
        f"scrape_configs:\n{jobs}"
    )
    if alertmanager is not None:
        configuration = telling(alertmanager, configuration)
    with running(configuration, folder) as prometheus:
        yield prometheus


def telling(alertmanager: int, configuration: str) -> str:
    """A configuration in which alerts go to an Alertmanager at this port."""
    told = f"[{{static_configs: [{{targets: ['127.0.0.1:{alertmanager}']}}]}}]"
    return f"alerting: {{alertmanagers: {told}}}\n{configuration}"


@contextmanager
def running(configuration: str, folder: Path) -> Iterator[Prometheus]:
    port = free_port()
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "prometheus.yml"
    file.write_text(configuration)
    program = find("prometheus")
    assert program is not None
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(
            [
                program,
                f"--config.file={file}",
                f"--storage.tsdb.path={folder / 'data'}",
                f"--web.listen-address=127.0.0.1:{port}",
                # A reload drops what waits to be sent; it is otherwise sent again after a minute.
                "--rules.alert.resend-delay=1s",
            ],
            stdout=log,
            stderr=log,
        )
    try:
        wait_until(lambda: is_ready(process, port, folder / "log"), "Prometheus is ready")
        yield Prometheus(port=port, configuration=file, process=process)
    finally:
        process.terminate()
        process.wait(30)


def is_ready(process: subprocess.Popen[bytes], port: int, log: Path) -> bool:
    """Whether Prometheus or Alertmanager, which logs to `log`, answers; it must not have ended."""
    assert process.poll() is None, log.read_text()[-2000:]
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/-/ready", timeout=1):
            return True
    except OSError:
        return False
