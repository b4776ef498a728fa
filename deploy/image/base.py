"""The base image: Python on a small Debian."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from deploy.image.engine import Engine, ImageError, can_install, install

CONTAINERFILE = Path(__file__).with_name("Containerfile")

SUITE, PACKAGES = "trixie", "python3,ca-certificates"
MADE_HERE = f"localhost/neuroplay-base:{SUITE}"

UNREAD = ("./var/cache/apt", "./var/lib/apt/lists", "./usr/share/man", "./usr/share/locale")
"""Folders of a fresh Debian that no program reads."""

PYTHON = """
import json, platform, sys
version = platform.python_version_tuple()
print(json.dumps({
    "python_version": ".".join(version[:2]),
    "python_full_version": platform.python_version(),
    "implementation_name": sys.implementation.name,
    "implementation_version": platform.python_version(),
    "platform_python_implementation": platform.python_implementation(),
    "platform_machine": platform.machine(),
    "platform_system": platform.system(),
    "sys_platform": sys.platform,
    "os_name": "posix",
    "libc": platform.libc_ver()[1] if platform.libc_ver()[0] == "glibc" else "",
}))
"""
"""Prints what decides which wheels fit, in the words of environment markers."""


def default() -> str:
    """The base that the Containerfile names."""
    named: list[str] = re.findall(r"^ARG BASE=(\S+)$", CONTAINERFILE.read_text(), re.MULTILINE)
    return named[0]


def ensure(engine: Engine, wanted: str = "") -> str:
    """The base `wanted`, or else the Containerfile's; where no image registry can be reached, one
    made of Debian's packages. Raises ImageError."""
    if wanted:
        if not _is_here(engine, wanted) and not engine.succeeds("pull", wanted):
            raise ImageError(f"The base image {wanted} is not on this machine and cannot be pulled")
        return wanted
    for name in (default(), MADE_HERE):
        if _is_here(engine, name):
            return name
    if engine.succeeds("pull", default()):
        return default()
    if not can_install():
        raise ImageError(
            f"The base image {default()} cannot be pulled. Run this as root on Debian or Ubuntu, "
            "where a base is made of Debian's packages, or name one: make image BASE=NAME"
        )
    print(f"{default()} cannot be pulled: making a base of Debian's packages", file=sys.stderr)
    _make(engine)
    return MADE_HERE


def python_of(engine: Engine, base: str) -> dict[str, Any]:
    """The Python of a base, in the words of environment markers, and its `libc` version. Raises
    ImageError."""
    ask = ("run", "--rm", "--network", "none", "--entrypoint", "python3", base, "-c", PYTHON)
    try:
        found: dict[str, Any] = json.loads(engine.run(*ask))
    except (subprocess.CalledProcessError, ValueError):
        raise ImageError(f"The base image {base} cannot run python3") from None
    if not found["libc"]:
        raise ImageError(f"The base image {base} has no glibc, and PostgreSQL's wheel needs one")
    return found


def _is_here(engine: Engine, image: str) -> bool:
    return engine.succeeds("image", "inspect", image)


def _make(engine: Engine) -> None:
    if shutil.which("debootstrap") is None:
        install("debootstrap")
    with tempfile.TemporaryDirectory() as folder:
        root, archive = f"{folder}/root", f"{folder}/root.tar"
        command = ["debootstrap", "--variant=minbase", f"--include={PACKAGES}", SUITE, root]
        made = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
        if made.returncode:
            raise ImageError(f"Debian's packages cannot be fetched:\n{made.stdout[-2000:]}")
        left_out = [f"--exclude={path}/*" for path in UNREAD]
        subprocess.run(["tar", "-C", root, *left_out, "-cf", archive, "."], check=True)
        engine.run("import", archive, MADE_HERE, stderr=subprocess.DEVNULL)
