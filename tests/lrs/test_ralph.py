"""A learning record store, Ralph, accepts NeuroPlay's statements."""

from __future__ import annotations

import base64
import json
import os
import socket
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from neuroplay.core.entities.game_catalogue import GAMES
from neuroplay.xapi import statement
from tests.integration.servers import wait_until
from tests.unit.test_xapi import HOME, ROUND

pytestmark = pytest.mark.deploy

RALPH = Path(__file__).parents[2] / ".venv" / "lrs" / "bin" / "ralph"
KEY = "neuroplay"


@dataclass
class Store:
    """A running Ralph that keeps statements in a file, which it writes once."""

    port: int

    def ask(self, method: str, path: str, body: object = None) -> tuple[int, Any]:
        """(status, document); the status is 0 without an answer."""
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}{path}",
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={
                "Authorization": "Basic " + base64.b64encode(f"{KEY}:{KEY}".encode()).decode(),
                "Content-Type": "application/json",
                "X-Experience-API-Version": "1.0.3",
            },
        )
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310 - of loopback
                return answer.status, json.loads(answer.read() or b"null")
        except urllib.error.HTTPError as error:
            return error.code, json.loads(error.read() or b"null")
        except OSError:
            return 0, None


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    environment = {
        **os.environ,
        "HOME": str(tmp_path),
        "RALPH_APP_DIR": str(tmp_path),
        "RALPH_AUTH_FILE": str(tmp_path / "auth.json"),
        "RALPH_RUNSERVER_BACKEND": "fs",
    }
    account = ["-u", KEY, "-p", KEY, "-s", "all", "-M", "mailto:lrs@school.example", "-w"]
    subprocess.run(
        [RALPH, "auth", *account], env=environment, check=True, stdout=subprocess.DEVNULL
    )
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    kept = tmp_path / "statements"
    kept.mkdir()
    where = ["-b", "fs", "-h", "127.0.0.1", "-p", str(port)]
    server = subprocess.Popen(
        [RALPH, "runserver", *where, "--fs-default-directory-path", kept],
        env=environment,
        cwd=kept,  # it serves for development, and starts again when its folder changes
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        made = Store(port)
        wait_until(lambda: made.ask("GET", "/__heartbeat__")[0] == 200, "Ralph", patience_s=60)
        yield made
    finally:
        server.terminate()
        server.wait(30)


def test_a_store_accepts_every_kind_of_statement_and_keeps_each_once(store: Store) -> None:
    sent = [
        statement(
            replace(
                ROUND,
                session_id=uuid4(),
                game_type=game_type,
                completed=completed,
                next_difficulty=following,
            ),
            HOME,
        )
        for game_type in GAMES
        for completed in (True, False)
        for following in (None, 3)
    ]
    path = "/xAPI/statements/"
    unnamed = {**sent[0], "actor": {"name": "somebody"}}
    assert store.ask("POST", path, [unnamed])[0] == 422
    assert store.ask("POST", path, sent) == (200, [one["id"] for one in sent])
    assert store.ask("POST", path, sent)[0] == 204

    status, found = store.ask("GET", f"{path}?statementId={sent[1]['id']}")
    (kept,) = found["statements"]
    assert status == 200
    assert {name: kept[name] for name in sent[1]} == sent[1]

    changed = {**sent[0], "verb": sent[2]["verb"]}
    assert store.ask("POST", path, [changed])[0] == 409
