"""Valkey on three machines under Sentinel, by the files of deploy/sentinel."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from redis import Redis
from redis.exceptions import RedisError

from neuroplay.infra.embedded.binaries import valkey_server
from tests.acceptance.installation import wait_until
from tests.deploy.cluster import adapted
from tests.deploy.machines import ACCOUNT, Machine, Program

RECIPES = Path(__file__).parents[2] / "deploy" / "sentinel"
PASSWORD = "CHANGE-REDIS"
PORT = 6379


@dataclass(frozen=True, kw_only=True)
class Sentinels:
    machines: Sequence[Machine]

    def prepare(self) -> None:
        """Write the files, and say what each machine runs."""
        first = self.machines[0]
        for machine in self.machines:
            for name in ("redis", "sentinel"):
                text = adapted(RECIPES / f"{name}.conf", self.machines, machine)
                text = text.replace("/var/lib/redis", str(machine.folder))
                if machine is not first:
                    text = text.replace(
                        f"# replicaof {machine.address}", f"replicaof {first.address}"
                    ).replace(f"neuroplay {machine.address}", f"neuroplay {first.address}")
                file = machine.folder / f"{name}.conf"
                file.write_text(text)
                shutil.chown(file, ACCOUNT)
                words = [str(valkey_server()), str(file)]
                machine.programs[name] = Program(
                    words=[*words, "--sentinel"] if name == "sentinel" else words, environment={}
                )

    def replication(self, machine: Machine) -> dict[str, object]:
        """What the Valkey there says of its part; {} if it does not answer."""
        client = Redis(host=machine.address, port=PORT, password=PASSWORD, socket_timeout=1)
        with closing(client):
            try:
                return dict(client.info("replication"))
            except RedisError:
                return {}

    def primary(self) -> Machine | None:
        """The machine that the others follow."""
        for machine in self.machines:
            found = self.replication(machine)
            if found.get("role") == "master" and found.get("connected_slaves"):
                return machine
        return None

    def the_primary(self) -> Machine:
        found = self.primary()
        assert found is not None
        return found

    def wait_well(self) -> None:
        """One primary with two replicas."""

        def is_well() -> bool:
            found = [self.replication(machine) for machine in self.machines]
            roles = sorted(str(one.get("role")) for one in found)
            return roles == ["master", "slave", "slave"] and any(
                one.get("connected_slaves") == 2 for one in found
            )

        wait_until(is_well, "Valkey has a primary and two replicas")
