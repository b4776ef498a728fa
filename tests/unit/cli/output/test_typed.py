from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from cli.output.typed import BY_MAKE, as_typed

HINT = "port 5000 is taken. Choose another: neuroplay serve --port 5001"
OTHERS = "Run: sudo -u maria env NEUROPLAY_HOME=/h neuroplay serve, or set NEUROPLAY_HOME"


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An installed command, in a folder below the present one."""
    made = tmp_path / ".venv" / "bin" / "neuroplay"
    made.parent.mkdir(parents=True)
    made.touch(mode=0o755)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", [".venv/bin/neuroplay", "serve"])
    monkeypatch.setenv("PATH", "/usr/bin")
    monkeypatch.delenv(BY_MAKE, raising=False)
    return made


@pytest.mark.usefixtures("program")
def test_a_path_that_was_typed_stands_in_hints() -> None:
    assert as_typed(HINT).endswith("another: .venv/bin/neuroplay serve --port 5001")
    assert as_typed("See: neuroplay status. End it with: neuroplay stop") == (
        "See: .venv/bin/neuroplay status. End it with: .venv/bin/neuroplay stop"
    )
    assert as_typed("Try: neuroplay --help") == "Try: .venv/bin/neuroplay --help"


@pytest.mark.usefixtures("program")
def test_who_typed_make_serve_is_told_to_do_so_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(BY_MAKE, "1")
    assert as_typed(HINT).endswith('another: make serve ARGS="--port 5001"')
    assert as_typed("Is it running? Run: neuroplay serve") == "Is it running? Run: make serve"
    assert as_typed("Run: neuroplay logs api") == "Run: .venv/bin/neuroplay logs api"


def test_a_command_on_the_path_is_its_name(program: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(program.parent))
    assert as_typed(HINT) == HINT


def test_elsewhere_the_whole_path_is_said(program: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert f"NEUROPLAY_HOME=/h {program} serve, or" in as_typed(OTHERS)
    monkeypatch.setattr(sys, "argv", [str(program), "serve"])
    monkeypatch.chdir("/")
    assert as_typed("Run: neuroplay stop") == f"Run: {os.path.relpath(program)} stop"
    (program.parents[2] / "deep").mkdir()
    monkeypatch.chdir(program.parents[2] / "deep")
    assert as_typed("Run: neuroplay stop") == f"Run: {program} stop"


@pytest.mark.parametrize(
    "text", ["neuroplay", "/var/lib/neuroplay is full", "user neuroplay", "NeuroPlay runs"]
)
@pytest.mark.usefixtures("program")
def test_what_is_no_command_stays(text: str) -> None:
    assert as_typed(text) == text
