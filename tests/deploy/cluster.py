"""PostgreSQL on three machines under Patroni and etcd, by the files of deploy/patroni."""

from __future__ import annotations

import json
import re
import shutil
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import psycopg2

from tests.acceptance.installation import wait_until
from tests.deploy.machines import ACCOUNT, Machine, Program
from tests.patroni.programs import Programs

RECIPES = Path(__file__).parents[2] / "deploy" / "patroni"
PASSWORD = "CHANGE-SUPERUSER"
REST, PORT = 8008, 5432
BOOT_PATIENCE_S = 120.0


def adapted(recipe: Path, machines: Sequence[Machine], this: Machine | None = None) -> str:
    """An example file for these machines; for a certain one, as the file says what to change."""
    text = recipe.read_text()
    places = [f"10.0.0.{number}" for number in range(1, len(machines) + 1)]
    if this is not None:
        own = machines.index(this)
        text = text.replace("name: db1", f"name: {this.host.name}")
        lines = [
            line.replace(places[0], places[own])
            if len(re.findall(r"10\.0\.0\.[1-9]", line)) == 1
            else line
            for line in text.splitlines(keepends=True)
        ]
        text = "".join(lines)
    for place, machine in zip(places, machines, strict=True):
        text = re.sub(rf"{re.escape(place)}\b", machine.address, text)
    network = machines[0].address.rpartition(".")[0]
    return text.replace("10.0.0.0/24", f"{network}.0/24")


@dataclass(frozen=True, kw_only=True)
class Cluster:
    machines: Sequence[Machine]
    programs: Programs

    def prepare(self) -> None:
        """Write the files, and say what each machine runs."""
        for machine in self.machines:
            self._prepare(machine)

    def _prepare(self, machine: Machine) -> None:
        folder = machine.folder
        etcd, patroni = folder / "etcd.yml", folder / "patroni.yml"
        data = f"data_dir: {folder}/data\n  pgpass: {folder}/pgpass"
        sockets = "\n  parameters: {unix_socket_directories: ''}"  # the machines share a disk
        changes = {
            "/var/lib/etcd/neuroplay": f"{folder}/etcd",
            "data_dir: /var/lib/postgresql/patroni": data + sockets,
            "/usr/lib/postgresql/15/bin": str(self.programs.postgres),
        }
        for file in (etcd, patroni):
            text = adapted(RECIPES / file.name, self.machines, machine)
            for written, here in changes.items():
                text = text.replace(written, here)
            file.write_text(text)
            shutil.chown(file, ACCOUNT)
        patroni.chmod(0o600)
        environment = {**self.programs.environment, "HOME": str(folder)}
        for name, words in {
            "etcd": ("etcd", "--config-file", str(etcd)),
            "patroni": ("patroni", str(patroni)),
        }.items():
            machine.programs[name] = Program(words=words, environment=environment)

    def ctl(self, *words: str) -> str:
        """What `patronictl` prints."""
        machine = self.machines[0]
        configuration = str(machine.folder / "patroni.yml")
        done = machine.host.run(
            "patronictl", "-c", configuration, *words, env=machine.programs["patroni"].environment
        )
        assert done.returncode == 0, done
        return done.stdout

    def primary(self) -> Machine | None:
        """The machine that says of itself that it is the primary."""
        for machine in self.machines:
            if self.ask(machine, "/primary")[0] == 200:
                return machine
        return None

    def the_primary(self) -> Machine:
        found = self.primary()
        assert found is not None
        return found

    def synchronous(self) -> Machine | None:
        """The machine that the primary waits for at each commit."""
        for machine in self.machines:
            if self.ask(machine, "/synchronous")[0] == 200:
                return machine
        return None

    def ask(self, machine: Machine, path: str) -> tuple[int, Any]:
        """What Patroni there answers; (0, None) if it does not."""
        try:
            with urllib.request.urlopen(f"http://{machine.address}:{REST}{path}", timeout=1) as got:
                return got.status, json.load(got)
        except urllib.error.HTTPError as error:
            with error:
                return error.code, None
        except OSError:
            return 0, None

    def wait_well(self) -> None:
        """A primary, a synchronous standby and another one, all of them up to date."""
        wait_until(self._is_well, "all three are there", BOOT_PATIENCE_S)

    def _is_well(self) -> bool:
        """By the view of each, since one that was cut off has an old one."""
        views = [self.ask(machine, "/cluster")[1] for machine in self.machines]
        return all(view is not None and _is_well(view["members"]) for view in views)

    def postmaster(self, machine: Machine) -> psutil.Process:
        pid = int((machine.folder / "data" / "postmaster.pid").read_text().split()[0])
        return psutil.Process(pid)

    def url(self, user: str, password: str, database: str) -> str:
        """DATABASE_URL with all machines."""
        hosts = ",".join(f"{machine.address}:{PORT}" for machine in self.machines)
        return f"postgresql://{user}:{password}@{hosts}/{database}?target_session_attrs=read-write"

    def run_as_owner(self, *statements: str) -> None:
        connection = psycopg2.connect(self.url("postgres", PASSWORD, "postgres"))
        try:
            connection.autocommit = True
            with connection.cursor() as cursor:
                for statement in statements:
                    cursor.execute(statement)
        finally:
            connection.close()


def _is_well(members: Sequence[Mapping[str, Any]]) -> bool:
    """As `GET /cluster` tells."""
    return (
        sorted(member["role"] for member in members) == ["leader", "replica", "sync_standby"]
        and all(member["state"] in ("running", "streaming") for member in members)
        and all(member.get("lag", 0) == 0 for member in members if member["role"] != "leader")
        and len({member.get("timeline") for member in members}) == 1
    )
