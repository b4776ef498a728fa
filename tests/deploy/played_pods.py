"""The chart's pods in podman (`podman play kube`), with as few changes as podman needs.

podman 4 has no services, and differs from a cluster in these points: it publishes every port of a
container on the same port of this machine; it runs a probe as a command in the container, which has
no curl; volumes of the same name are shared between pods; a restart policy also counts for an init
container; and a key of a Secret is found in a format of its own only.
"""

from __future__ import annotations

import copy
import json
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import yaml

from deploy.image.engine import Engine, can_install, install
from tests.deploy.chart import Manifest, containers
from tests.deploy.containers import Container

PROBES = ("startupProbe", "readinessProbe", "livenessProbe")

HOLD = """
mount --make-rprivate /
for folder in /sys/fs/cgroup/*/; do
    [ -n "$(ls -A "$folder")" ] || mount -t tmpfs tmpfs "$folder"
done
echo ready
exec sleep infinity
"""
"""Where the kernel lacks a kind of control group, podman wants to make a folder for it all the
same: it gets a place for it, in a mount namespace of its own."""


def as_pod(manifest: Manifest, secret: Mapping[str, str], prefix: str) -> Manifest:
    """The pod of a Deployment or a Job; names begin with `prefix`."""
    name = f"{prefix}-{manifest['metadata']['labels']['app.kubernetes.io/component']}"
    spec = copy.deepcopy(manifest["spec"]["template"]["spec"])
    spec.setdefault("restartPolicy", "OnFailure")
    for one in containers(spec):
        for removed in ("ports", *PROBES):
            one.pop(removed, None)
        for variable in one["env"]:
            if "valueFrom" in variable:
                key = variable.pop("valueFrom")["secretKeyRef"]["key"]
                variable["value"] = secret[key]
    for one in [*spec["volumes"], *(m for c in containers(spec) for m in c["volumeMounts"])]:
        one["name"] = f"{name}-{one['name']}"
    metadata = {"name": name, "labels": manifest["metadata"]["labels"]}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec}


@dataclass
class Pods:
    engine: Engine
    _names: list[str] = field(default_factory=list)

    def play(self, pod: Manifest) -> subprocess.Popen[str]:
        """Start it; the process ends when all its init containers have."""
        self._names.append(pod["metadata"]["name"])
        process = self.engine.start(
            *("play", "kube", "-"),
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        assert process.stdin is not None
        process.stdin.write(yaml.safe_dump(pod))
        process.stdin.close()
        process.stdin = None
        return process

    def container(self, pod: Manifest) -> Container:
        """Its main container."""
        (main,) = pod["spec"]["containers"]
        return Container(engine=self.engine, name=f"{pod['metadata']['name']}-{main['name']}")

    def address(self, pod: Manifest) -> str:
        """Where this machine reaches it."""
        found = json.loads(self.engine.run("pod", "inspect", pod["metadata"]["name"]))
        infra = json.loads(self.engine.run("container", "inspect", found["InfraContainerID"]))[0]
        (network,) = infra["NetworkSettings"]["Networks"].values()
        return str(network["IPAddress"])

    def remove(self) -> None:
        for name in self._names:
            self.engine.run(
                *("pod", "rm", "--force", "--time", "0", name),
                check=False,
                stderr=subprocess.DEVNULL,
            )
            for volume in ("home", "tmp"):
                self.engine.run(
                    *("volume", "rm", "--force", f"{name}-{volume}"),
                    check=False,
                    stderr=subprocess.DEVNULL,
                )


@contextmanager
def podman_for_pods(engine: Engine, folder: Path) -> Iterator[Pods]:
    """podman, with what it needs for pods; they are removed afterwards."""
    if engine.name != "podman":
        pytest.skip("`play kube` needs podman")
    if shutil.which("catatonit") is None:  # what the first container of a pod runs
        if not can_install():
            pytest.skip("pods need catatonit: sudo apt-get install catatonit")
        install("catatonit")
    with subprocess.Popen(
        ["unshare", "--mount", "sh", "-euc", HOLD], stdout=subprocess.PIPE, text=True
    ) as holding:
        try:
            assert holding.stdout is not None
            assert holding.stdout.readline() == "ready\n"
            inside = folder / "podman"
            enter = f"nsenter --target {holding.pid} --mount"
            inside.write_text(f'#!/bin/sh\nexec {enter} {engine.program} "$@"\n')
            inside.chmod(0o755)
            pods = Pods(Engine(program=str(inside), environment=engine.environment))
            try:
                yield pods
            finally:
                pods.remove()
        finally:
            holding.kill()
