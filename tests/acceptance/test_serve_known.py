"""A shell that was told nothing knows the system that runs on its home: its database, its secret,
its certificate; and `serve` does not forget an external database."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from neuroplay.infra.embedded.postgres import EmbeddedPostgres
from tests.acceptance.installation import Installation
from tests.certificates import self_signed

pytestmark = pytest.mark.slow

SECRET = "0123456789abcdef" * 4


@pytest.fixture(scope="module")
def outside_database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("outside")
    with EmbeddedPostgres(folder, Path("/tmp") / f"neuroplay-known-{os.getpid()}").running() as url:
        yield url.replace("+psycopg2", "").replace("neuroplay@", "neuroplay:topsecret@")


def test_commands_of_another_shell_reach_what_runs_and_serve_remembers_its_database(
    tmp_path: Path, outside_database: str
) -> None:
    pair = self_signed(tmp_path, "play.school.example")
    home = tmp_path / "home"
    told = Installation(
        home=home, settings={"DATABASE_URL": outside_database, "NEUROPLAY_SECRET": SECRET}
    )
    other = Installation(home=home)
    assert told.run("db", "migrate").code == 0
    tls = ("--tls-cert", str(pair.cert), "--tls-key", str(pair.key))
    try:
        assert told.run("serve", "--detach", *tls).code == 0

        made = other.json("class", "create", "3A", "--students", "1")
        card = made["students"][0]["card_code"]
        assert (
            told.json("class", "cards", "3A", "--out", str(tmp_path / "c"))["cards"][0]["card_code"]
            == card
        )
        # 0 healthy or 1 not yet: either way the certificate was believed.
        assert other.run("health").code in (0, 1)
        assert other.run("metrics").code == 0
        # Its students believe this certificate too, and no other.
        short = ("--users", "2", "--spawn-rate", "2", "--run-time", "5s", "--judge", "failures")
        load = other.run("loadtest", "normal", *short, "--out", str(tmp_path / "load"))
        assert load.code == 0, load
        shown = other.run("config", "show", "--json")
        assert SECRET not in shown.out
        assert "topsecret" not in shown.out
        rows = {row["name"]: row for row in json.loads(shown.out)["settings"]}
        assert rows["DATABASE_URL"]["running_source"] == "environment"
        assert rows["NEUROPLAY_TLS_CERT"] == {
            "name": "NEUROPLAY_TLS_CERT",
            "value": None,
            "source": "default",
            "running": str(pair.cert),
            "differs": True,
            "running_source": "option",
        }
    finally:
        told.end()

    refused = other.run("serve", "--detach")
    assert refused.code == 3
    assert "--embedded" in refused.err
    assert "topsecret" not in refused.err
    assert not (home / "postgres" / "data").exists()
    backup = other.run("db", "backup", str(tmp_path / "x.dump"))
    assert backup.code == 3
    assert "DATABASE_URL" in backup.err
    assert "Set DATABASE_URL" in other.run("class", "list").err
    assert told.run("serve", "--detach", "--embedded").code == 2
