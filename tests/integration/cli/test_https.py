"""Commands against a server with a certificate that browsers would not trust."""

from __future__ import annotations

import json
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.certificates import Pair, self_signed, signed
from tests.command_line import run
from tests.integration.cli.test_http import HEALTHY, Told

__all__ = ["run"]

METRICS = 'neuroplay_workers{state="up"} 1\n'


@contextmanager
def serving(pair: Pair) -> Iterator[Told]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pair.cert, pair.key)
    with Told() as told:
        told.handle_error = lambda *_: None  # type: ignore[method-assign] # who hangs up at once
        told.socket = context.wrap_socket(told.socket, server_side=True)
        told.answers = {"/health": (200, json.dumps(HEALTHY)), "/metrics": (200, METRICS)}
        thread = threading.Thread(target=told.serve_forever, args=(0.02,))
        thread.start()
        yield told
        told.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def pairs(tmp_path_factory) -> dict[str, Pair]:
    folder = tmp_path_factory.mktemp("certificates")
    authority = self_signed(folder, "authority")
    return {
        "authority": authority,
        "own": self_signed(folder, "play.school.example"),
        "signed": signed(folder, "school.example", authority),
        "loopback": self_signed(folder, "127.0.0.1"),
    }


def own_server(monkeypatch: pytest.MonkeyPatch, told: Told, cert: Path, folder: Path) -> None:
    """This machine's NeuroPlay, as the settings have it."""
    monkeypatch.chdir(folder)
    monkeypatch.setenv("NEUROPLAY_HOME", str(folder))
    monkeypatch.setenv("NEUROPLAY_PORT", str(told.server_port))
    monkeypatch.setenv("NEUROPLAY_TLS_CERT", str(cert))


@pytest.mark.parametrize("name", ["own", "signed"])
@pytest.mark.parametrize("command", ["health", "metrics"])
def test_the_configured_certificate_is_believed_on_this_machine_whatever_its_name(
    run, monkeypatch, tmp_path, pairs, name, command
):
    with serving(pairs[name]) as told:
        own_server(monkeypatch, told, pairs[name].cert, tmp_path)

        assert run(command).code == 0
        assert run(command, "--host", f"https://localhost:{told.server_port}").code == 0


def test_another_certificate_on_this_machine_is_not_believed(run, monkeypatch, tmp_path, pairs):
    with serving(pairs["own"]) as told:
        own_server(monkeypatch, told, pairs["signed"].cert, tmp_path)

        ran = run("health")

    assert ran.code == 3
    assert "not trusted" in ran.err
    assert "neuroplay restart api" in ran.err


def test_one_of_the_same_authority_is_not_believed_for_the_configured_one(
    run, monkeypatch, tmp_path, pairs
):
    other = signed(tmp_path, "other.example", pairs["authority"])
    with serving(other) as told:
        own_server(monkeypatch, told, pairs["signed"].cert, tmp_path)

        assert run("health").code == 3


@pytest.mark.parametrize("command", ["health", "metrics"])
def test_another_server_is_believed_by_cacert_alone_and_only_under_its_name(
    run, monkeypatch, tmp_path, pairs, command
):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NEUROPLAY_HOME", str(tmp_path))
    with serving(pairs["loopback"]) as told:
        host = f"https://127.0.0.1:{told.server_port}"
        refused = run(command, "--host", host)
        assert refused.code == 3
        assert "--cacert FILE" in refused.err
        assert run(command, "--host", host, "--cacert", str(pairs["loopback"].cert)).code == 0
        assert run(command, "--host", host, "--cacert", str(pairs["own"].cert)).code == 3
    with serving(pairs["signed"]) as told:
        host = f"https://127.0.0.1:{told.server_port}"
        ran = run(command, "--host", host, "--cacert", str(pairs["authority"].cert))
        assert ran.code == 3
        assert "the name in its certificate" in ran.err


@pytest.mark.parametrize("content", [None, "", "no certificate"])
def test_a_cacert_that_is_none_is_a_usage_error(run, monkeypatch, tmp_path, content):
    monkeypatch.chdir(tmp_path)
    if content is not None:
        (tmp_path / "ca.pem").write_text(content)

    ran = run("health", "--host", "https://127.0.0.1:9", "--cacert", "ca.pem")

    assert ran.code == 2
    assert "--cacert" in ran.err


@pytest.mark.parametrize("host", ["https://[x", "https://h:99999", "https://", "http://a b:80"])
def test_an_address_that_is_none_is_told_and_is_no_crash(run, monkeypatch, tmp_path, host):
    monkeypatch.chdir(tmp_path)

    ran = run("health", "--host", host)

    assert ran.code in (2, 3)
    assert "unexpected" not in ran.err
    assert ran.err.count("\n") == 1
