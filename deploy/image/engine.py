"""The program that builds and runs containers: podman or docker."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

BUILD = Path(__file__).parents[2] / "build" / "image"
"""What a build makes, apart from the image itself."""

PACKAGES = ("podman", "buildah", "runc")

CAP_SYS_RESOURCE = 24

UNLIMITED = """\
[containers]
default_ulimits = []
[engine]
cgroup_manager = "cgroupfs"
"""
"""podman's configuration where raising limits is not allowed, such as in a container or a small
virtual machine: there every start would fail with podman's own limits."""


class ImageError(Exception):
    """No image can be built or run here; the message says why and what to do."""


@dataclass(frozen=True, kw_only=True)
class Engine:
    """`program` is podman or docker."""

    program: str
    environment: Mapping[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return Path(self.program).name

    @property
    def typed(self) -> str:
        """How it is called in a shell of this machine."""
        return " ".join(
            [*(f"{name}={value}" for name, value in self.environment.items()), self.name]
        )

    @property
    def build_options(self) -> list[str]:
        """podman needs neither a network nor a runtime to build: it also works inside containers.
        Docker's format has the health check, which OCI's lacks."""
        if self.name == "docker":
            return []
        return ["--format", "docker", "--isolation", "chroot", "--network", "host"]

    def start(self, *arguments: str, **options: Any) -> subprocess.Popen[str]:
        environment = {**os.environ, **self.environment}
        return subprocess.Popen([self.program, *arguments], env=environment, text=True, **options)

    def run(self, *arguments: str, check: bool = True, **options: Any) -> str:
        """Its output, without the last line break. Raises CalledProcessError."""
        with self.start(*arguments, stdout=subprocess.PIPE, **options) as process:
            output, _ = process.communicate()
        if check and process.returncode:
            raise subprocess.CalledProcessError(process.returncode, [self.name, *arguments])
        return output.strip()

    def succeeds(self, *arguments: str) -> bool:
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        with self.start(*arguments, **quiet) as process:
            return process.wait() == 0

    def inspect(self, image: str) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.run("image", "inspect", image))[0]
        return found

    def identity(self, image: str) -> str:
        """The id of an image; '' if there is none of this name."""
        find = ("image", "ls", "--quiet", "--no-trunc", "--filter", f"reference={image}")
        return self.run(*find).partition("\n")[0]

    def size(self, image: str) -> int:
        """Bytes of all layers."""
        return int(self.inspect(image)["Size"])


def find() -> Engine | None:
    """podman, or docker if its daemon answers; the one that CONTAINER_ENGINE names, if any."""
    wanted = os.environ.get("CONTAINER_ENGINE", "")
    if wanted in ("", "podman") and (podman := shutil.which("podman")):
        return Engine(program=podman, environment=_environment())
    if wanted in ("", "docker") and (docker := shutil.which("docker")):
        engine = Engine(program=docker)
        return engine if engine.succeeds("info") else None
    return None


def find_or_install() -> Engine:
    """As `find`; as root on Debian or Ubuntu, podman is installed if neither works. Raises
    ImageError."""
    engine = find()
    if engine is None and can_install():
        print("Neither podman nor docker works here: installing podman", file=sys.stderr)
        install(*PACKAGES)
        engine = find()
    if engine is None:
        raise ImageError("Neither podman nor docker works here. Run: sudo apt-get install podman")
    return engine


def can_install() -> bool:
    return os.geteuid() == 0 and shutil.which("apt-get") is not None


def install(*packages: str) -> None:
    """Install Debian packages. Raises CalledProcessError."""
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    apt = ["apt-get", "-qq", "-o", "Dpkg::Use-Pty=0"]
    for command in (
        [*apt, "update"],
        [*apt, "install", "--no-install-recommends", "-y", *packages],
    ):
        subprocess.run(command, env=environment, stdout=subprocess.DEVNULL, check=True)


@cache
def _environment() -> Mapping[str, str]:
    """The variables that podman needs on this machine."""
    if "CONTAINERS_CONF" in os.environ or os.geteuid() != 0 or _may_raise_limits():
        return {}
    BUILD.mkdir(parents=True, exist_ok=True)
    file = BUILD / "containers.conf"
    file.write_text(UNLIMITED)
    return {"CONTAINERS_CONF": str(file)}


def _may_raise_limits() -> bool:
    status = Path("/proc/self/status").read_text()
    effective = next(line for line in status.splitlines() if line.startswith("CapEff:"))
    return bool(int(effective.split()[1], 16) >> CAP_SYS_RESOURCE & 1)
