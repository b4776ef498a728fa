"""Two releases on hosts of their own, side by side while the schema is migrated under the games of
thirty tablets: the code before the newest migration and this one; this one and a next one."""

from __future__ import annotations

import io
import json
import shutil
import subprocess
import tarfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from neuroplay.infra.db import migrations
from tests.acceptance.chaos.books import Auditor, waiting
from tests.acceptance.chaos.tablets import Fleet
from tests.acceptance.installation import wait_until
from tests.deploy.chart import ROOT
from tests.deploy.front import haproxy
from tests.deploy.namespaces import network, why_not
from tests.deploy.several_hosts import Part, site

pytestmark = [
    pytest.mark.deploy,
    pytest.mark.timeout(600),
    pytest.mark.skipif(bool(why_not()), reason=f"hosts cannot be made here: {why_not()}"),
]

UNHURT = {"200", "202", "broken off"}


PACKAGES = ("neuroplay", "cli", "loadprofiles")
VERSIONS = "neuroplay/infra/db/migrations/versions"

NEXT = '''"""Add a column and an index, as an expanding step does."""
from alembic import op
revision, down_revision, branch_labels, depends_on = "9000", "{head}", None, None
def upgrade() -> None:
    op.execute("ALTER TABLE game_sessions ADD COLUMN of_next smallint NOT NULL DEFAULT 0")
    with op.get_context().autocommit_block():
        op.execute("CREATE INDEX CONCURRENTLY of_next ON game_sessions (of_next)")
'''


@dataclass(frozen=True, kw_only=True)
class Upgrade:
    old: Path
    new: Path
    health: str
    """Where the proxy looks whether an API serves."""


def to_this_release(folder: Path) -> Upgrade:
    """From the commit before the one that added the newest migration; skips without history."""
    newest = max((ROOT / VERSIONS).glob("[0-9]*.py"))

    def git(*words: str) -> bytes:
        done = subprocess.run(["git", "-C", str(ROOT), *words], capture_output=True, check=False)
        if done.returncode:
            pytest.skip(f"the history is not here: {done.stderr.decode().strip()}")
        return done.stdout

    added = git("log", "--diff-filter=A", "--format=%H", "-1", "--", str(newest)).decode().strip()
    if not added:
        pytest.skip(f"{newest.name} is not committed yet")
    with tarfile.open(fileobj=io.BytesIO(git("archive", f"{added}^", "--", *PACKAGES))) as files:
        files.extractall(folder, filter="data")
    # Its own app would have to be built; what tablets send is what counts here.
    (folder / "neuroplay/api/pwa_dist").symlink_to(ROOT / "neuroplay/api/pwa_dist")
    # Up to 2.5.0 a release did not call itself ready on a newer schema, though it served.
    return Upgrade(old=folder, new=ROOT, health="/health/live")


def to_the_next_release(folder: Path) -> Upgrade:
    """From this one to a copy with one more migration."""
    for package in PACKAGES:
        shutil.copytree(ROOT / package, folder / package, symlinks=True)
    (folder / VERSIONS / "9000_next.py").write_text(NEXT.format(head=migrations.head()))
    return Upgrade(old=ROOT, new=folder, health="/health/ready")


def drained(worker: Part) -> int:
    """How many games a worker's log says it processed."""
    lines = (worker.home / "logs" / "worker.log").read_text().splitlines()
    records = [json.loads(line) for line in lines if line.startswith("{")]
    return sum(one.get("processed", 0) for one in records if one["event"] == "inbox drained")


@pytest.mark.parametrize("upgrade", [to_this_release, to_the_next_release])
def test_both_releases_serve_while_the_schema_is_migrated(
    tmp_path: Path, upgrade: Callable[[Path], Upgrade]
) -> None:
    code = upgrade(tmp_path / "code")
    with network() as net, site(net, tmp_path) as made:
        old_api = made.part("old-api", "api", code=code.old)
        old_worker = made.part("old-worker", "worker", code=code.old)
        api, worker = (made.part(f"new-{only}", only, code=code.new) for only in ("api", "worker"))
        assert old_api.run("db", "migrate").code == 0
        for part in (old_api, old_worker):
            part.serve()
        behind = api.run("serve", "--detach", "--only", "api")
        assert (behind.code, "neuroplay db migrate" in behind.err) == (3, True), behind

        with haproxy(made, health=code.health) as front:
            fleet = Fleet(front, 3, tablets=30)
            fleet.start()
            heard = fleet.history.answers

            def goes_on() -> None:
                before = heard["202"]
                wait_until(lambda: heard["202"] > before + 100, "games go on")

            goes_on()
            assert api.run("db", "migrate").code == 0
            goes_on()
            for part in (old_api, old_worker):
                assert part.run("status").code == 0
            for part in (api, worker):
                part.serve()
            wait_until(lambda: front.sees(api)["status"] == "UP", "the proxy sees both")
            assert front.sees(old_api)["status"] == "UP"
            at_first = {one.host.name: drained(one) for one in (old_worker, worker)}
            wait_until(
                lambda: all(drained(one) > at_first[one.host.name] for one in (old_worker, worker)),
                "the workers of both process games",
                120,
            )
            goes_on()

            front.tell(f"set server api/{old_api.host.name} state drain")
            wait_until(lambda: front.sees(old_api)["scur"] == "0", "it has answered all")
            for part in (old_worker, old_api):
                assert part.run("stop").code == 0
            newer = old_api.run("serve", "--detach", "--only", "api")
            assert (newer.code, "is newer than this release" in newer.err) == (3, True), newer
            goes_on()
            fleet.hand_in()
            print(f"\nanswers during an upgrade: {dict(heard)}")
            assert heard.keys() <= UNHURT
            wait_until(lambda: not waiting(api), "all are processed", 90)
            found = Auditor(fleet.history).audit(api)
            assert found.holds, found
