"""Logs arrive where they are searched, with the names of the Elastic Common Schema."""

from __future__ import annotations

import json
import re
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from neuroplay.config import Settings
from neuroplay.operation import programs
from tests.acceptance.installation import Installation
from tests.deploy import syslog_ng
from tests.deploy.chart import ROOT
from tests.integration.servers import wait_until

LOGS = ROOT / "deploy" / "logs"

Record = dict[str, Any]


def test_the_documents_table_is_the_mapping() -> None:
    set_ = re.findall(
        r'set\("\$\{\.line\.(\w+)\}" value\("ecs\.([\w@.]+)"\)\)',
        (LOGS / "neuroplay.conf").read_text(),
    )
    documented = re.findall(
        r"^\| `(\w+)` \| `([\w@.]+)` \|", (ROOT / "docs/logs.md").read_text(), re.MULTILINE
    )
    assert dict(documented) == dict(set_)
    assert len(set_) > 5


def test_cloudwatch_gets_the_log_of_every_program() -> None:
    agent = json.loads((LOGS / "cloudwatch-agent.json").read_text())
    files = agent["logs"]["logs_collected"]["files"]["collect_list"]
    embedded = Settings(home=Path("/var/lib/neuroplay"))
    servers = programs.servers(embedded)
    # Beat is part of the worker, unless it runs alone.
    everything = [
        one
        for pieces in (["api", "worker", "beat"], ["beat"])
        for one in programs.programs(embedded, pieces, servers)
    ]
    names = {"supervisor", *(one.name for one in everything)}
    assert {one["file_path"] for one in files} == {
        f"/var/lib/neuroplay/logs/{name}.log" for name in names
    }


class Intake:
    """What a service of logs was sent: paths, headers and bodies."""

    def __init__(self) -> None:
        self.requests: list[tuple[str, dict[str, str], str]] = []

    def records(self) -> list[Record]:
        """The documents in all requests, without the bulk API's actions."""
        found: list[Record] = []
        for path, _, body in self.requests:
            if path == "/_bulk":
                lines = [json.loads(line) for line in body.splitlines() if line]
                actions, documents = lines[::2], lines[1::2]
                assert actions == [{"create": {"_index": "logs-neuroplay-default"}}] * len(actions)
                found += documents
            else:
                found += json.loads(body)
        return found


@contextmanager
def listening() -> Iterator[tuple[str, Intake]]:
    """(URL, intake)"""
    intake = Intake()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            intake.requests.append((self.path, dict(self.headers), body))
            self.send_response(202)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Not of interest."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}", intake
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture(scope="module")
def logs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The logs of a system that answered a request and was stopped, and a line of another host."""
    if reason := syslog_ng.why_not():
        pytest.skip(f"syslog-ng cannot be run here: {reason}")
    system = Installation(home=tmp_path_factory.mktemp("shipped") / "home")
    try:
        system.json("serve", "--detach")
        assert system.get("/openapi.json")[0] == 200
    finally:
        system.end()
    line = '{"event": "carried here by hand", "host": "elsewhere"}\n'
    (system.home / "logs" / "elsewhere.log").write_text(line)
    return system.home / "logs"


def configuration(name: str, url: str, logs: Path) -> str:
    """Those of deploy/logs, with this machine's addresses."""
    text = (LOGS / "neuroplay.conf").read_text() + (LOGS / name).read_text()
    text, addresses = re.subn(r"https://[\w.-]+\.example(:\d+)?", url, text)
    assert addresses == 1
    assert text.count("/var/lib/neuroplay/logs") == 1
    return text.replace("/var/lib/neuroplay/logs", str(logs))


@pytest.mark.deploy
@pytest.mark.parametrize("name", ["elastic.conf", "datadog.conf"])
def test_every_line_arrives_with_its_fields(name: str, logs: Path, tmp_path: Path) -> None:
    text = "".join(path.read_text() for path in sorted(logs.glob("*.log")))
    written = [line for line in text.split("\n") if line]
    with listening() as (url, intake), syslog_ng.running(configuration(name, url, logs), tmp_path):
        wait_until(
            lambda: len(intake.records()) >= len(written),
            lambda: (
                f"{len(intake.records())} of {len(written)} lines arrived: "
                + (tmp_path / "syslog-ng.said").read_text()
            ),
            60,
        )
    arrived = intake.records()
    assert sorted(one["event"]["original"] for one in arrived) == sorted(written)

    (request,) = [
        one for one in arrived if one.get("neuroplay", {}).get("route") == "/openapi.json"
    ]
    line = json.loads(request["event"]["original"])
    assert request["@timestamp"] == line["timestamp"]
    assert request["message"] == "request"
    hosts = {one["hostname"] if name == "datadog.conf" else one["host"]["name"] for one in arrived}
    assert hosts == {socket.gethostname(), "elsewhere"}
    assert request["log"]["level"] == "info"
    assert request["log"]["logger"] == line["source"]
    assert request["log"]["file"]["path"] == str(logs / "api.log")
    assert request["http"]["request"] == {"method": "GET", "id": line["request_id"]}
    assert int(request["http"]["response"]["status_code"]) == 200
    assert float(request["neuroplay"]["duration_ms"]) == line["duration_ms"]

    (ready,) = [one for one in arrived if "database system is ready" in one["message"]]
    assert ready["log"] == {"file": {"path": str(logs / "postgres.log")}}
    if name == "datadog.conf":
        assert {one["service"] for one in arrived} == {one["ddsource"] for one in arrived}
        assert (request["service"], request["status"]) == ("neuroplay", "info")
    else:
        assert {one["service"]["name"] for one in arrived} == {"neuroplay"}
