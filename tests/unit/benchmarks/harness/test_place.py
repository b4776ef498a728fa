from __future__ import annotations

import os
from pathlib import Path

import pytest

from benchmarks import __main__ as program
from benchmarks.harness import place


def test_a_search_path_begins_with_what_is_measured() -> None:
    assert place.before("/a", "") == "/a"
    assert place.before("/a", os.pathsep.join(["/b", "/a", ""])) == f"/a{os.pathsep}/b"


def test_processes_run_this_trees_code(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", "/elsewhere")
    monkeypatch.delenv(place.CODE, raising=False)
    place.pin()
    assert os.environ["PYTHONPATH"] == f"{place.ROOT}{os.pathsep}/elsewhere"


def test_a_baselines_search_path_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", "/baseline")
    monkeypatch.setenv(place.CODE, "/baseline")
    place.pin()
    assert os.environ["PYTHONPATH"] == "/baseline"


def test_the_load_generator_is_this_trees_whatever_is_measured() -> None:
    command, environment = place.client(
        {
            "PYTHONPATH": "/baseline",
            place.CODE: "/baseline",
            place.OWN_PYTHON: "/own/python",
            "NEUROPLAY_HOME": "/home",
        }
    )
    assert command[0] == "/own/python"
    assert environment == {"PYTHONPATH": str(place.ROOT), "NEUROPLAY_HOME": "/home"}


def test_code_whose_app_is_not_built_is_not_measured(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv(place.CODE, str(tmp_path))
    monkeypatch.setattr("sys.argv", ["benchmarks", "years"])
    monkeypatch.setattr("signal.signal", lambda *_: None)
    with pytest.raises(SystemExit, match=f"not been built in {tmp_path}; run there: make build"):
        program.main()
    page = tmp_path / place.BUILT_PAGE
    page.mkdir(parents=True)
    (page / "index.html").touch()
    place.check_built()
