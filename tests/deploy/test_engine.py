"""Which program builds and runs the image."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from deploy.image.engine import Engine, ImageError, find, find_or_install


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, int], None]:
    """Puts programs on a path of their own, each with the exit code that it answers with."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CONTAINER_ENGINE", raising=False)

    def install(name: str, code: int) -> None:
        (tmp_path / name).write_text(f"#!/bin/sh\nexit {code}\n")
        (tmp_path / name).chmod(0o755)

    return install


def name_of(engine: Engine | None) -> str:
    return "none" if engine is None else engine.name


def test_podman_comes_first_unless_docker_is_named(
    installed: Callable[[str, int], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    installed("podman", 0)
    installed("docker", 0)
    assert name_of(find()) == "podman"
    monkeypatch.setenv("CONTAINER_ENGINE", "docker")
    assert name_of(find()) == "docker"


def test_docker_without_its_daemon_is_no_engine(installed: Callable[[str, int], None]) -> None:
    installed("docker", 1)
    assert find() is None


@pytest.mark.usefixtures("installed")
def test_a_machine_without_engine_and_apt_says_what_to_install() -> None:
    with pytest.raises(ImageError, match=r"Neither podman nor docker .* apt-get install podman"):
        find_or_install()
