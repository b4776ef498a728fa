"""`health` and `metrics` against a server with prepared responses."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tests.command_line import run

__all__ = ["run"]

HEALTHY = {
    "status": "healthy",
    "checks": {"database": "ok", "redis": "ok", "celery": "ok (3 workers)"},
}


class Told(ThreadingHTTPServer):
    """Answers each path with what `answers` holds: (status, text)."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answers: dict[str, tuple[int, str]] = {}

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    server: Told

    def do_GET(self) -> None:
        status, text = self.server.answers.get(self.path, (404, "nothing here"))
        self.send_response(status)
        if 300 <= status < 400:
            self.send_header("Location", text)
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def server(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    with Told() as told:
        thread = threading.Thread(target=told.serve_forever, args=(0.02,))
        thread.start()
        monkeypatch.setenv("NEUROPLAY_PORT", str(told.server_port))
        monkeypatch.setenv("NEUROPLAY_PUBLIC_URL", "https://play.school.example")
        yield told
        told.shutdown()
        thread.join()


def test_a_healthy_server_ends_with_0_and_json_is_its_own_document(server, run):
    server.answers["/health"] = 200, json.dumps(HEALTHY)

    ran = run("health", "--json")

    assert ran.code == 0
    assert json.loads(ran.out) == HEALTHY


def test_a_saturated_server_ends_with_1_and_says_why(server, run):
    checks = {"database": "ok", "requests": "saturated; some are refused"}
    server.answers["/health"] = (200, json.dumps({"status": "saturated", "checks": checks}))
    ran = run("health")
    assert ran.code == 1
    assert "saturated; some are refused" in ran.out


def test_an_unhealthy_server_ends_with_1_and_its_poor_check_is_shown(server, run):
    poor = {"status": "unhealthy", "checks": {"database": "timed out", "redis": "ok"}}
    server.answers["/health"] = 503, json.dumps(poor)

    ran = run("health")

    assert ran.code == 1
    assert "unhealthy" in ran.out
    assert "timed out" in ran.out


def test_another_server_is_asked_by_its_url(server, run, monkeypatch):
    monkeypatch.setenv("NEUROPLAY_PORT", "1")
    server.answers["/health"] = 200, json.dumps(HEALTHY)

    assert run("health", "--host", server.url).code == 0


def test_no_answer_ends_with_3_and_says_how_to_start(run, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NEUROPLAY_PORT", "1")

    ran = run("health")

    assert ran.code == 3
    assert ran.out == ""
    assert ran.err == (
        "Error: no answer from http://127.0.0.1:1: connection refused. "
        "Is NeuroPlay running? Run: neuroplay serve\n"
    )


@pytest.mark.parametrize("text", ["<html>It works!</html>", "[]", '{"ok": true}'])
def test_a_server_that_is_not_neuroplay_ends_with_3(server, run, text):
    server.answers["/health"] = 200, text

    ran = run("health")

    assert ran.code == 3
    assert "not as NeuroPlay" in ran.err


def test_a_host_that_is_no_url_is_a_usage_error(run):
    ran = run("health", "--host", "school.example")

    assert ran.code == 2
    assert "https://HOST:PORT" in ran.err


def test_watching_prints_a_document_a_line_and_ends_quietly_with_its_reader(server):
    server.answers["/health"] = 200, json.dumps(HEALTHY)
    with subprocess.Popen(
        [sys.executable, "-m", "cli", "health", "--watch", "--every", "0.2", "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as watching:
        assert watching.stdout is not None
        assert watching.stderr is not None
        lines = [json.loads(watching.stdout.readline()) for _ in range(2)]
        watching.stdout.close()
        said = watching.stderr.read()

    assert [line["status"] for line in lines] == ["healthy", "healthy"]
    assert lines[0]["at"].endswith("Z")
    assert watching.returncode == 141
    assert said == ""


METRICS = """\
# TYPE neuroplay_api_requests_total counter
neuroplay_api_requests_total{method="GET",endpoint="/api/v1/me",status="200"} 4
# TYPE neuroplay_workers gauge
neuroplay_workers 3
"""


def test_metrics_are_summed_up(server, run):
    server.answers["/metrics"] = 200, METRICS

    ran = run("metrics", "--json")

    assert ran.code == 0
    summary = json.loads(ran.out)
    assert summary["workers"] == 3
    assert summary["requests"][0]["count"] == 4
    assert "/api/v1/me" in run("metrics").out


@pytest.mark.parametrize("words", [["--json"], []], ids=["json", "text"])
def test_metrics_are_watched_line_by_line(server, words):
    server.answers["/metrics"] = 200, METRICS
    with subprocess.Popen(
        [sys.executable, "-m", "cli", "metrics", "--watch", "--every", "0.2", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as watching:
        assert watching.stdout is not None
        assert watching.stderr is not None
        lines = [watching.stdout.readline() for _ in range(3)]
        watching.stdout.close()
        said = watching.stderr.read()

    assert (watching.returncode, said) == (141, "")
    assert all("workers" in line for line in lines), lines
    if words:
        assert [json.loads(line)["window_s"] is None for line in lines] == [True, False, False]


def test_metrics_behind_a_token_say_what_is_wanted(server, run):
    server.answers["/metrics"] = 401, "{}"

    ran = run("metrics")

    assert ran.code == 3
    assert "NEUROPLAY_OPS_TOKEN" in ran.err


def test_metrics_of_another_program_end_with_3(server, run):
    server.answers["/metrics"] = 200, "python_info 1\n"

    assert run("metrics").code == 3


def test_a_server_without_https_is_said_to_have_none(server, run):
    url = server.url.replace("http:", "https:")
    ran = run("metrics", "--host", url)

    assert ran.code == 3
    assert f"no answer from {url}: it does not speak HTTPS" in ran.err


# The check before a load test


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ((200, "<html>Sign in to this network</html>"), "a page that is not NeuroPlay's"),
        ((200, "[" * 100_000), "a page that is not NeuroPlay's"),
        ((302, "https://play.school.example/"), "redirects to https://play.school.example/"),
        ((404, "nothing here"), "does not answer as NeuroPlay does: HTTP 404"),
    ],
)
def test_a_load_test_of_something_else_does_not_begin(server, run, answer, words):
    server.answers["/health/live"] = answer

    ran = run("loadtest", "normal", "--users", "2", "--host", server.url)

    assert ran.code == 3
    assert words in ran.err
