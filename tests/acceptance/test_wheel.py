"""After `pip install .`, without other steps, neuroplay serves the PWA."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
UV = str(Path(sys.executable).with_name("uv"))


def run(*command: str, timeout: float = 240, **options: object) -> str:
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
        **options,  # type: ignore[call-overload]
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
    return str(done.stdout)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A wheel built, in isolation, from a copy that holds only what the repository holds."""
    source = tmp_path_factory.mktemp("source")
    listed = run("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", cwd=ROOT)
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).is_file():
            (source / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, source / name)
    target = tmp_path_factory.mktemp("wheel")
    run(UV, "build", "--wheel", "--python", sys.executable, "--out-dir", str(target), str(source))
    return next(target.glob("neuroplay-*.whl"))


@pytest.mark.long
@pytest.mark.timeout(400)
def test_an_installed_wheel_serves_the_page_from_another_folder(
    wheel: Path, tmp_path: Path
) -> None:
    venv = tmp_path / "venv"
    run(UV, "venv", "--python", sys.executable, str(venv))
    run(UV, "pip", "install", "--python", str(venv / "bin" / "python"), str(wheel))
    neuroplay = str(venv / "bin" / "neuroplay")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(elsewhere),
        "NEUROPLAY_HOME": str(tmp_path / "home"),
        "NEUROPLAY_PORT": str(port),
    }
    run(neuroplay, "serve", "--detach", cwd=elsewhere, env=environment, timeout=60)
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=10) as answer:
            page = answer.read().decode()
        script = re.search(r'src="(/assets/[^"]+\.js)"', page)
        assert script is not None, page
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{script[1]}", timeout=10) as answer:
            assert "javascript" in answer.headers["Content-Type"]
            assert len(answer.read()) > 10_000
    finally:
        run(neuroplay, "stop", cwd=elsewhere, env=environment, timeout=60)
